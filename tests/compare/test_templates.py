from typing import Any

import pytest

from captures.noise import NoiseRule
from compare.templates import is_duration_key, make_template, room, widen


def admits(args: dict[str, Any], text: str) -> bool:
    return NoiseRule(path=("x",), kind="text", args=args).admits(text)


def test_numbers_that_vary_become_slots_and_the_others_stay() -> None:
    made = make_template(["3 of 10 files, 7 lines", "3 of 12 files, 9 lines"])
    assert made is not None
    assert made.template == "3 of {0} files, {1} lines"
    assert made.slots == (
        {"lo": 10, "hi": 12, "decimals": 0, "seen": [10, 12]},
        {"lo": 7, "hi": 9, "decimals": 0, "seen": [7, 9]},
    )
    assert admits(made.args, "3 of 11 files, 8 lines")
    assert not admits(made.args, "4 of 11 files, 8 lines")


def test_texts_that_differ_in_more_than_numbers_have_no_template() -> None:
    assert make_template(["1 file", "1 line"]) is None
    assert make_template(["same 1", "same 1"]) is None
    assert make_template(["{0} 1", "{0} 2"]) is None


@pytest.mark.parametrize(
    ("one", "other", "high"),
    [
        ("Wall time: 0.0001 seconds", "Wall time: 0.5000 seconds", 10),
        ("Wall time: 3.0000 seconds", "Wall time: 5.0000 seconds", 50),
        ("exited 0 in 12ms:", "exited 0 in 2000ms:", 20000),
        ('{"duration_seconds":0.1}', '{"duration_seconds":0.2}', 10),
        ('  "durationMs": 3', '  "durationMs": 4', 10_000),
        ("configuration load ms    3", "configuration load ms    4", 10_000),
    ],
)
def test_durations_get_room_and_keep_what_was_seen(one: str, other: str, high: float) -> None:
    made = make_template([one, other])
    assert made is not None
    (slot,) = made.slots
    assert (slot["lo"], slot["hi"]) == (0, high)
    assert 0 < slot["seen"][0] < slot["seen"][1]


def test_tenths_in_their_shortest_form_may_be_whole() -> None:
    made = make_template(["Wall time: 0.1 seconds", "Wall time: 0.2 seconds"])
    assert made is not None
    assert admits(made.args, "Wall time: 0 seconds")
    always = make_template(["Wall time: 0.1 seconds", "Wall time: 1.0 seconds"])
    assert always is not None
    assert not admits(always.args, "Wall time: 0 seconds")


def test_a_known_template_grows_and_never_shrinks() -> None:
    first = make_template(["a 5 b 1", "a 9 b 1"])
    assert first is not None
    again = make_template(["a 7 b 1"], first.args)
    assert again == first
    wider = make_template(["a 12 b 1.5"], first.args)
    assert wider is not None
    assert wider.template == "a {0} b {1}"
    assert [(slot["lo"], slot["hi"], slot["decimals"]) for slot in wider.slots] == [(5, 12, 0), (1, 1.5, None)]
    assert make_template(["c 7 b 1"], first.args) is None


def test_another_printed_precision_frees_the_decimals() -> None:
    made = make_template(["0.5 x", "0.25 x"])
    assert made is not None and made.slots[0]["decimals"] is None


def test_duration_keys() -> None:
    assert is_duration_key(("rollouts", 0, "payload", "duration_ms")) == "duration_ms"
    assert is_duration_key(("duration", "nanos", 0)) == "nanos"
    assert is_duration_key(("payload", "input_tokens")) is None
    assert is_duration_key((0,)) is None


def test_room_by_unit() -> None:
    assert room(0.5, "Wall time seconds") == 10
    assert room(70, "duration_ms") == 10_000
    assert room(3_000, "duration_ms") == 30_000
    assert room(5_000, "nanos") == 999_999_999


def test_widen() -> None:
    assert widen(3, 5, None) == (3, 5)
    assert widen(3, 5, {"lo": 4, "hi": 9}) == (3, 9)
