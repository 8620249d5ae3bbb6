"""A job: ids of rows, what workers are told, what counts of what they say, and what the model is told."""

from __future__ import annotations

import json

import pytest

from pycodex.crew.job import Job, item_ids
from pycodex.crew.table import read_table

TABLE = read_table("id,v\nx,1\nx,2\n ,3\nx-2,4\n")


def job(instruction: str = "look at {v}", template: str = "{instruction}") -> Job:
    return Job(TABLE, instruction, template, id_column="id")


def test_ids_are_numbered_where_they_are_there_twice() -> None:
    assert item_ids(TABLE, "id") == [("x", "x"), ("x-2", "x"), ("row-3", None), ("x-2-2", "x-2")]
    assert item_ids(TABLE, None) == [(f"row-{number}", None) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("instruction", "told"),
    [
        ("{v} of {id}, {no}", "1 of x, {no}"),
        ("{{v}} {{{v}}} {", "{v} {{v}} {"),
    ],
)
def test_places_of_the_instruction(instruction: str, told: str) -> None:
    made = job(instruction)
    assert made.prompt(made.items[0]) == told


def test_the_words_of_a_row_are_no_places_of_the_template() -> None:
    made = Job(read_table("a\n{schema}\n"), "{a}{row}", "{instruction} {schema}", schema={"é": 1})
    assert made.prompt(made.items[0]) == '{schema}{row} {\n  "é": 1\n}'


def test_only_the_worker_of_a_running_row_reports_it_and_the_last_word_counts() -> None:
    made = job()
    first, second, *_ = made.items
    assert not made.report("x", "w1", {}, stop=True)
    first.begin("w1")
    second.begin("w2")
    assert not made.report("x-2", "w1", {"a": 1}, stop=True)
    assert not made.report("nobody", "w1", {}, stop=True)
    assert not made.cancelled
    assert made.report("x", "w1", {"a": 1}, stop=False)
    assert made.report("x", "w1", {"b": "é"}, stop=False)
    first.end()
    assert not made.report("x", "w1", {}, stop=False)
    assert (first.status, first.result) == ("completed", '{"b":"é"}')


def test_a_worker_that_says_nothing_has_failed_and_one_that_is_late_whatever_it_said() -> None:
    made = job()
    silent, late, *_ = made.items
    for item in (silent, late):
        item.begin(item.id)
    made.report(late.id, late.id, {}, stop=False)
    silent.end()
    late.end("too late")
    told = made.outcome("p", None)
    assert told["failed_item_errors"] == [
        {"item_id": "x", "source_id": "x", "last_error": "worker finished without calling report_agent_job_result"},
        {"item_id": "x-2", "source_id": "x", "last_error": "too late"},
    ]
    rows = read_table(made.exported()).rows
    assert [row[2:8] for row in rows[1:3]] == [
        (made.id, "x-2", "1", "x", "failed", "1"),
        (made.id, "row-3", "2", "", "pending", "0"),
    ]


def test_a_worker_may_stop_the_job() -> None:
    made = job()
    made.items[0].begin("w")
    assert len(list(made.pending())) == 3
    made.report("x", "w", {}, stop=True)
    assert list(made.pending()) == []
    made.items[0].end()
    told = made.outcome("p", None)
    assert (told["status"], told["job_error"], told["failed_item_errors"]) == (
        "cancelled",
        "cancelled by worker request",
        None,
    )
    assert made.outcome("p", "no room")["status"] == "failed"


def test_at_most_five_rows_that_failed_are_listed() -> None:
    made = Job(read_table("a\n" + "1\n" * 7), "x", "x")
    for item in made.items:
        item.end()
    told = made.outcome("p", None)
    assert (told["failed_items"], len(told["failed_item_errors"])) == (7, 5)
    assert json.dumps(told)
