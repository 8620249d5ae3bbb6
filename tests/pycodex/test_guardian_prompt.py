import json

from pycodex.guardian_prompt import Words, action_text, entries, question
from tests.pycodex.sessions import calls, says

WORDS = Words(
    first=["first", "{transcript}", "session {session}", ">>> APPROVAL REQUEST START\n", "{action}"],
    next=["next", "{transcript}", ">>> APPROVAL REQUEST START\n", "{action}"],
    retained=["<retained>", "</retained>"],
    reminder="remember",
    reason="Reason:",
    nothing="nothing",
)
USER = {"type": "message", "id": "msg_u", "role": "user", "content": [{"type": "input_text", "text": "do it"}]}
CONTEXT = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "<environment_context></environment_context>"}],
}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "x" * 4001}
SOURCES = {
    "msg_u": {"order": 0, "source": {"revision": "a"}},
    "msg_1": {"order": 1, "source": {"revision": "b"}},
}
HISTORY = [CONTEXT, USER, says("I ask"), calls("exec_command", '{"cmd":"ls"}'), OUTPUT]


def test_entries_are_what_was_said_and_done() -> None:
    said = entries(HISTORY, SOURCES)
    assert [entry.role for entry in said] == ["user", "assistant", "tool exec_command call", "tool exec_command result"]
    assert said[2].text == '{"cmd":"ls"}'
    assert said[3].text.count("x") < 4000
    assert '<truncated omitted_approx_tokens="1" />' in said[3].text


def test_the_first_question_tells_all() -> None:
    said = entries(HISTORY, SOURCES)[:3]
    parts, quoted = question(WORDS, said, seen=0, session="s", action={"b": 1, "a": 2}, reason=None)
    assert parts == [
        "first",
        "<retained>",
        "Retained source order: 1\nassistant: I ask\n\n",
        "</retained>",
        "[1] Retained source order: 0\nuser: do it\n\n",
        "\n[2] assistant: I ask\n",
        '\n[3] tool exec_command call: {"cmd":"ls"}\n',
        "session s",
        ">>> APPROVAL REQUEST START\n",
        action_text({"b": 1, "a": 2}),
    ]
    assert [source["revision"] for source in quoted] == ["b", "a"]


def test_later_questions_tell_what_is_new() -> None:
    said = entries(HISTORY, SOURCES)[:3]
    parts, quoted = question(WORDS, said, seen=2, session="s", action={}, reason="a rule")
    assert parts[:2] == ["next", '[3] tool exec_command call: {"cmd":"ls"}\n']
    assert parts[3:5] == ["Reason:", "a rule\n\n"]
    assert quoted == []
    assert question(WORDS, said, seen=3, session="s", action={}, reason=None)[0][1] == "nothing"


def test_the_action_is_sorted_json() -> None:
    text = action_text({"b": 1, "a": ["x"]})
    assert json.loads(text) == {"a": ["x"], "b": 1}
    assert text.startswith('{\n  "a": [')
