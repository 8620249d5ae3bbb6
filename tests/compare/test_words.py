import pytest

from compare.surfaces import Path
from compare.words import machine_path, show, text_difference, where
from tests.compare.samples import tree_115, tree_169


@pytest.mark.parametrize(
    ("path", "words", "machine"),
    [
        (("requests", 1), "request 2", "requests/1"),
        (("requests", 0, "head", 1), "request 1, header 2 (session_id)", "requests/0/head/session_id"),
        (("requests", 0, "head", 1, 0), "request 1, header 2 (session_id)", "requests/0/head/session_id"),
        (
            ("requests", 0, "head", 0, 1, "$json", "sandbox"),
            "request 1, header 1 (x-codex-turn-metadata), sandbox",
            "requests/0/head/x-codex-turn-metadata/sandbox",
        ),
        (("requests", 0, "body"), "request 1, body", "requests/0/body"),
        (("requests", 0, "body", "model"), "request 1, model", "requests/0/body/model"),
        (
            ("requests", 1, "body", "input", 4, "output"),
            "request 2, input 5 (function_call_output call_1), output",
            "requests/1/body/input/4/output",
        ),
        (
            ("requests", 1, "body", "input", 0, "content", 0, "text"),
            "request 2, input 1 (developer message), content 1 (input_text), text",
            "requests/1/body/input/0/content/0/text",
        ),
        (
            ("requests", 0, "body", "tools", 0, "parameters", "type"),
            "request 1, tool 1 (function exec_command), parameters.type",
            "requests/0/body/tools/0/parameters/type",
        ),
        (("responses", 0, "status"), "response 1, status", "responses/0/status"),
        (("runs", 0, "exit"), "run 1, exit", "runs/0/exit"),
        (
            ("runs", 0, "stdout", 2, "$json", "item", "text"),
            "run 1, stdout line 3 (item.completed), item.text",
            "runs/0/stdout/2/item/text",
        ),
        (("runs", 0, "stderr", 0), "run 1, stderr line 1", "runs/0/stderr/0"),
        (("files", "a.txt"), "file a.txt", "files/a.txt"),
        (("files", "logo.png", "bytes"), "file logo.png, bytes", "files/logo.png/bytes"),
        (("home", "config.toml"), "home file config.toml", "home/config.toml"),
        (
            ("rollouts", 0, "lines", 1, "$json", "payload", "info"),
            "rollout 1, line 2 (event_msg token_count), payload.info",
            "rollouts/0/lines/1/payload/info",
        ),
        (("runs",), "runs", "runs"),
        ((), "recording", ""),
    ],
)
def test_places_in_words_and_for_globs(path: Path, words: str, machine: str) -> None:
    assert where(path, tree_115()) == words
    assert machine_path(path, tree_115()) == machine


def test_what_was_added_is_named_by_its_own_value() -> None:
    added = {"type": "message", "role": "user", "content": []}
    assert where(("requests", 0, "body", "input", 9), tree_169(), added) == "request 1, input 10 (user message)"


def test_short_values_are_shown_whole_and_long_ones_clipped_with_a_hash() -> None:
    assert show("a\nb") == '"a\\nb"'
    assert show({"$json": {"a": 1}}) == '{"a": 1}'
    long = show("x" * 500)
    assert long.startswith('"xxx') and "500 characters, sha256 " in long and len(long) < 130
    assert show("x" * 500) != show("x" * 499 + "y")


@pytest.mark.parametrize(
    ("expected", "actual", "place", "text"),
    [
        ("one", "two", "", 'upstream "one", got "two"'),
        ("a\nb\nc", "a\nB\nc", "line 2", 'upstream "b", got "B"'),
        ("a\nb", "a\nb\nc", "line 2", 'upstream the end, got "b\\n"'),
        ("a\n", "a", "line 1", 'upstream "a\\n", got the end'),
    ],
)
def test_texts_show_the_first_stretch_that_differs(expected: str, actual: str, place: str, text: str) -> None:
    assert text_difference(expected, actual) == (place, text)


def test_a_long_text_shows_where_it_differs_and_hashes_of_the_whole() -> None:
    ours = "start\n" + "word " * 200 + "here\nend"
    place, text = text_difference(ours, ours.replace("here", "there"))
    assert place == "line 2"
    assert '"…' not in text and 'here"' in text and 'there"' in text
    assert text.count("sha256 ") == 2
    assert len(text) < 300
