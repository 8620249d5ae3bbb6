from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from captures.manifest import edited_recordings
from captures.noise import NoiseRule, rules_from_json, rules_to_json
from compare.accept import EditedError
from compare.cells import CellName
from compare.learn import Learned, learn, learn_rules, learned_lines
from tests.compare.folders import commit, lay, noise_of
from tests.compare.samples import changed, compare, put, tree_115, tree_169

OUTPUT = ("requests", 1, "body", "input", 4, "output")
TEXT = tree_115()["requests"][1]["body"]["input"][4]["output"]
METADATA = ("requests", 0, "head", 0, 1, "$json")
CLIENT = ("requests", 0, "body", "client_metadata")


def learned(base: Any, *others: Any, rules: tuple[NoiseRule, ...] = ()) -> tuple[NoiseRule, ...]:
    """The rules, after a look that they explain all that was shown, survive the disk, and have evidence."""
    done = learn_rules(base, others, rules)
    assert done.unexplained == ()
    assert rules_from_json(rules_to_json(done.rules)) == tuple(rules_from_json(rules_to_json(done.rules)))
    for other in others:
        assert compare(base, other, done.rules).identical
    for rule in done.rules:
        assert rule.runs >= 2
        assert len({repr(value) for value in rule.observed}) >= 2
    return done.rules


def _said(text: str, words: dict[str, str]) -> str:
    for one, other in words.items():
        text = text.replace(one, other)
    return text


def test_equal_runs_teach_nothing() -> None:
    assert learned(tree_115(), tree_115(), tree_115()) == ()


def test_a_number_gets_the_range_seen() -> None:
    path = ("runs", 0, "stdout", 3, "$json", "usage", "input_tokens")
    (rule,) = learned(tree_115(), changed(tree_115(), *path, to=25), changed(tree_115(), *path, to=18))
    assert (rule.path, rule.kind, rule.args) == (path, "number", {"lo": 18, "hi": 25})
    assert (rule.observed, rule.runs) == ((18, 20, 25), 3)


def test_a_duration_gets_room() -> None:
    path = ("rollouts", 0, "lines", 1, "$json", "payload", "duration_ms")
    base = changed(tree_115(), *path, to=60)
    (rule,) = learned(base, changed(base, *path, to=2000))
    assert rule.path == ("rollouts", "*", "lines", "*", "$json", "payload", "duration_ms")
    assert rule.args == {"lo": 0, "hi": 20000}
    assert rule.observed == (60, 2000)


def test_a_line_that_says_a_duration_may_say_another_in_every_text_of_its_kind() -> None:
    other = changed(tree_115(), *OUTPUT, to=TEXT.replace("0.0001", "0.0320").replace("<chunk:r2.1>", "<chunk:9>"))
    (rule,) = learned(tree_115(), other)
    assert (rule.path, rule.kind) == (("requests", "*", "body", "input", "*", "output"), "line")
    assert rule.args["template"] == "Wall time: {0} seconds"
    assert rule.args["slots"] == [{"lo": 0, "hi": 10, "decimals": 4, "seen": [0.0001, 0.032]}]
    assert rule.observed == ("Wall time: 0.0001 seconds", "Wall time: 0.0320 seconds")


def test_several_lines_may_say_durations_and_the_others_stay() -> None:
    text = "took 3 ms\nsame\n12 files in 40ms:\ntook 9 ms"
    base = changed(tree_115(), *OUTPUT, to=text)
    other = text.replace("3 ms", "5 ms").replace("40ms", "60ms")
    rules = learned(base, changed(base, *OUTPUT, to=other))
    assert [rule.args["template"] for rule in rules] == ["took {0} ms", "12 files in {0}ms:"]
    for wrong in ("took 3 ms\nsame\n13 files in 40ms:\ntook 9 ms", f"{text}\n", text.replace("same", "other")):
        assert not compare(base, changed(base, *OUTPUT, to=wrong), rules).identical


def test_a_text_gets_a_template_and_its_ids_keep_upstreams_names() -> None:
    other = changed(tree_115(), *OUTPUT, to=TEXT.replace("0.0001", "7.0001").replace("<chunk:r2.1>", "<chunk:9>"))
    words = {"Wall time": "Weight", "seconds": "grams"}
    base, other = (eval(_said(repr(tree), words)) for tree in (tree_115(), other))
    (rule,) = learned(base, other)
    assert (rule.path, rule.kind) == (("requests", "*", "body", "input", 4, "output"), "text")
    assert rule.args["template"] == _said(TEXT, {"0.0001": "{0}", **words})


def test_a_template_in_the_history_holds_in_every_request() -> None:
    base = tree_115()
    base["requests"].append(deepcopy(base["requests"][1]))
    other = deepcopy(base)
    for tree, number in ((base, 12), (other, 13)):
        for request in tree["requests"][1:]:
            request["body"]["input"][4]["output"] = f"{number} files"
    (rule,) = learned(base, other)
    assert rule.path == ("requests", "*", "body", "input", 4, "output")


def test_the_evidence_for_a_long_text_is_what_stood_in_its_slots() -> None:
    long = f"{'x' * 500} in 7 places"
    base = changed(tree_115(), *OUTPUT, to=long)
    (rule,) = learned(base, changed(base, *OUTPUT, to=long.replace("7", "9")))
    assert rule.observed == (["7"], ["9"])
    assert rule.args["template"] == long.replace("7", "{0}")


def test_words_become_forms_and_forms_may_become_templates() -> None:
    path = ("runs", 0, "stderr", 0)
    base = tree_115()
    one, two = changed(base, *path, to="lagged by 4 events"), changed(base, *path, to="lagged by 40 events")
    (rule,) = learned(base, one)
    assert (rule.kind, rule.args["forms"]) == ("one_of", ["Reading prompt from stdin...", "lagged by 4 events"])
    rules = learned(base, two, rules=(rule,))
    assert [r.kind for r in rules] == ["one_of", "text"]
    assert compare(base, changed(base, *path, to="lagged by 20 events"), rules).identical


def test_more_forms_than_a_form_can_be_stay_a_difference() -> None:
    others = [changed(tree_115(), "runs", 0, "stderr", 0, to="word " * n) for n in range(1, 10)]
    done = learn_rules(tree_115(), others)
    assert len(done.rules[0].args["forms"]) == 8
    assert len(done.unexplained) == 2


def test_an_id_that_is_sometimes_another_stays_a_difference() -> None:
    other = changed(tree_115(), "requests", 1, "head", 1, 1, to="<uuid7:other>")
    done = learn_rules(tree_115(), [other])
    assert done.rules == ()
    assert "another id" in done.unexplained[0]


def test_a_key_that_comes_and_goes() -> None:
    with_it = changed(tree_115(), *METADATA, "workspaces", to={"<root>": {"has_changes": False}})
    (gone,) = learned(with_it, tree_115())
    assert (gone.path, gone.kind, gone.args) == ((*METADATA, "workspaces"), "optional", {})
    (extra,) = learned(tree_115(), with_it)
    assert (extra.kind, extra.args) == ("optional", {"forms": [{"<root>": {"has_changes": False}}]})


def test_an_element_that_comes_and_goes() -> None:
    line = {"$json": {"type": "error", "message": "lagged"}}
    with_it = tree_115()
    with_it["runs"][0]["stdout"].insert(2, line)
    (gone,) = learned(with_it, tree_115())
    assert (gone.path, gone.kind) == (("runs", 0, "stdout", 2), "optional")
    (extra,) = learned(tree_115(), with_it)
    assert (extra.path, extra.args) == (("runs", 0, "stdout", "*"), {"forms": [line]})


def test_keys_of_a_hash_map_may_stand_anywhere() -> None:
    metadata = tree_169()["requests"][0]["body"]["client_metadata"]
    other = changed(tree_169(), *CLIENT, to=dict(reversed(metadata.items())))
    (rule,) = learned(tree_169(), other)
    assert (rule.path, rule.kind, rule.args) == (CLIENT, "unordered", {})


def test_two_keys_that_change_places_among_many_are_named() -> None:
    body = tree_169()["requests"][0]["body"] | {"a": 1, "b": 2}
    base = changed(tree_169(), "requests", 0, "body", to=body)
    swapped = {key: body[key] for key in ("model", "stream", "input", "client_metadata", "b", "a")}
    (rule,) = learned(base, changed(base, "requests", 0, "body", to=swapped))
    assert rule.args == {"among": ["a", "b"]}


def test_headers_that_change_places_are_named() -> None:
    others = [tree_169() for _ in range(2)]
    for other, (one, two) in zip(others, [(2, 3), (2, 4)], strict=True):
        head = other["requests"][0]["head"]
        head[one], head[two] = head[two], head[one]
    (rule,) = learned(tree_169(), *others)
    assert (rule.path, rule.args) == (("requests", 0, "head"), {"among": ["authorization", "session-id", "thread-id"]})


def test_elements_that_change_places_are_named_by_index() -> None:
    changes = [{"path": name, "kind": "add"} for name in "abcd"]
    path = ("runs", 0, "stdout", 1, "$json", "changes")
    base = changed(tree_115(), *path[:-1], to={"changes": changes})
    other = changed(base, *path, to=[changes[1], changes[0], *changes[2:]])
    (rule,) = learned(base, other)
    assert (rule.path, rule.kind, rule.args) == (path, "unordered", {"among": [0, 1]})
    last = changed(base, *path, to=[*changes[:2], changes[3], changes[2]])
    assert [d.kind for d in compare(base, last, [rule]).differences] == ["changed", "changed"]
    assert [d.kind for d in compare(base, changed(base, *path, to=changes[:3]), [rule]).differences] == ["missing"]


def test_elements_that_change_places_and_numbers_are_moved_all_the_same() -> None:
    done = {"type": "item_completed", "item": {"type": "CommandExecution", "exit_code": 0}}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "hi"}
    lines = [
        {"$json": {"ordinal": 1, "type": "event_msg", "payload": done}},
        {"$json": {"ordinal": 2, "type": "response_item", "payload": output}},
        "",
    ]
    base = changed(tree_169(), "rollouts", 0, "lines", to=lines)
    other = changed(tree_169(), "rollouts", 0, "lines", to=[lines[1], lines[0], lines[2]])
    put(other, "rollouts", 0, "lines", 0, "$json", "ordinal", to=1)
    put(other, "rollouts", 0, "lines", 1, "$json", "ordinal", to=2)
    rules = learned(base, other)
    assert sorted(rule.kind for rule in rules) == ["number", "number", "unordered"]
    del other["rollouts"][0]["lines"][0]
    assert not compare(base, other, rules).identical


def test_what_a_rule_admits_joins_the_evidence() -> None:
    path = ("rollouts", 0, "lines", 1, "$json", "payload", "duration_ms")
    base = changed(tree_115(), *path, to=60)
    first = learned(base, changed(base, *path, to=70))
    (rule,) = learned(base, changed(base, *path, to=3000), rules=first)
    assert (rule.observed, rule.args) == ((60, 70, 3000), {"lo": 0, "hi": 30000})
    wall = changed(tree_115(), *OUTPUT, to=TEXT.replace("0.0001", "0.0002"))
    first = learned(tree_115(), wall)
    (rule,) = learned(tree_115(), changed(wall, *OUTPUT, to=TEXT.replace("0.0001", "4.0000")), rules=first)
    assert rule.args["slots"] == [{"lo": 0, "hi": 40, "decimals": 4, "seen": [0.0001, 4.0]}]


def test_rules_only_grow() -> None:
    path = ("runs", 0, "stdout", 3, "$json", "usage", "input_tokens")
    base = tree_115()
    first = learned(base, changed(base, *path, to=30))
    (again,) = learned(base, changed(base, *path, to=25), rules=first)
    assert (again.args, again.runs) == ({"lo": 20, "hi": 30}, 3)
    (wider,) = learned(base, changed(base, *path, to=40), changed(base, *path, to=5), rules=(again,))
    assert (wider.args, wider.runs) == ({"lo": 5, "hi": 40}, 5)


def test_evidence_stays_small_and_keeps_the_ends() -> None:
    path = ("runs", 0, "exit")
    others = [changed(tree_115(), *path, to=n) for n in range(1, 30)]
    (rule,) = learned(tree_115(), *others)
    assert (len(rule.observed), rule.observed[0], rule.observed[-1]) == (8, 0, 29)


def test_what_lies_below_an_unordered_place_is_learned_too() -> None:
    metadata = tree_169()["requests"][0]["body"]["client_metadata"] | {"load": 1}
    base = changed(tree_169(), *CLIENT, to=metadata)
    other = deepcopy(base)
    put(other, *CLIENT, to=dict(reversed(metadata.items())))
    put(other, *CLIENT, "load", to=7)
    assert sorted(rule.kind for rule in learned(base, other)) == ["number", "unordered"]


def test_learning_writes_the_rules_and_the_manifest(tmp_path: Path) -> None:
    cell = "0.169.0/direct/exec/hello"
    into = commit(tmp_path / "upstream", {cell: tree_169(), "0.169.0/direct/exec/other": tree_169()})
    runs = [lay(tmp_path / f"run{n}", {cell: changed(tree_169(), "runs", 0, "exit", to=n)}) for n in (1, 2)]
    done = learn(runs, into)
    assert [str(name) for name in done] == [cell]
    assert noise_of(into, cell)[0].args == {"lo": 0, "hi": 2}
    assert noise_of(into, "0.169.0/direct/exec/other") == ()
    assert edited_recordings(into / "0.169.0") == []


def test_learning_does_not_bless_an_edited_recording(tmp_path: Path) -> None:
    cell = "0.169.0/direct/exec/hello"
    into = commit(tmp_path / "upstream", {cell: tree_169()})
    lay(into, {cell: changed(tree_169(), "runs", 0, "exit", to=9)})
    with pytest.raises(EditedError, match=cell):
        learn([lay(tmp_path / "run", {cell: tree_169()})], into)


def test_what_is_said() -> None:
    rule = NoiseRule(path=("runs", 0, "exit"), kind="number", args={"lo": 0, "hi": 1})
    cell = CellName("0.169.0", "direct", "exec/hello")
    assert learned_lines({cell: Learned(rules=(rule,), unexplained=("exit: ...",), new=1)}) == [
        f"{cell}: 1 new rules, 1 in all",
        f"{cell}: no rule can say this: exit: ...",
        "1 recordings, 1 noise rules",
    ]
