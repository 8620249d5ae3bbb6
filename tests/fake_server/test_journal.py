import json
import subprocess
import sys

import pytest

from fake_server.journal import Exchange, OpenExchange, Problem, redact_head, redact_target, split_capture_id


def exchange() -> Exchange:
    made = OpenExchange(
        seq=3,
        connection="c2",
        method="POST",
        target="/v1/responses?api-key=k1&v=2",
        http_version="HTTP/1.1",
        head=(("Authorization", "Bearer sk-1"), ("x-one", "é")),
        body=b"\x00\xff{}",
        step="main/1",
        status=200,
        response_head=(("set-cookie", "a=b"),),
    )
    made.wrote(b"data: 1\n\n")
    made.wrote(b"data: 2\n\n")
    made.close("complete")
    return made.snapshot()


def test_an_exchange_survives_json() -> None:
    made = exchange()
    assert Exchange.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_redacted_exchange_holds_no_credential() -> None:
    text = json.dumps(exchange().to_json(redact=True))
    assert "sk-1" not in text and "k1" not in text and "a=b" not in text
    assert "Bearer ***" in text and "v=2" in text and "é" in json.loads(text)["head"][1]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("authorization", "Bearer abc", "Bearer ***"),
        ("Authorization", "abc", "***"),
        ("X-API-Key", "abc", "***"),
        ("cookie", "a=1; b=2", "***"),
        ("Set-Cookie", "s=1", "***"),
        ("proxy-authorization", "Basic abc", "Basic ***"),
        ("x-codex-turn-state", "TS-1", "TS-1"),
        ("accept", "text/event-stream", "text/event-stream"),
    ],
)
def test_credentials_are_masked(name: str, value: str, shown: str) -> None:
    assert redact_head(((name, value),)) == ((name, shown),)


def test_a_query_without_credentials_is_untouched() -> None:
    assert redact_target("/v1/responses?api-version=2025&z=a%20b") == "/v1/responses?api-version=2025&z=a%20b"
    assert redact_target("/v1?access_token=x") == "/v1?access_token=***"


def test_the_writes_are_the_response_body() -> None:
    made = exchange()
    assert [length for _, length in made.chunks] == [9, 9]
    assert made.response_body == b"data: 1\n\ndata: 2\n\n"


def test_an_unfinished_exchange_says_open() -> None:
    made = OpenExchange(seq=1, connection="c1", method="GET", target="/", http_version="HTTP/1.1", head=(), body=b"")
    assert made.snapshot().end == "open"


def test_the_capture_id_leaves_the_head() -> None:
    head = (("a", "1"), ("X-Capture-Id", "f7"), ("b", "2"))
    assert split_capture_id(head) == ((("a", "1"), ("b", "2")), "f7")
    assert split_capture_id(head[:1]) == (head[:1], None)


def test_a_newer_or_broken_form_is_refused_by_name() -> None:
    data = exchange().to_json()
    with pytest.raises(ValueError, match="format 99"):
        Exchange.from_json(data | {"format": 99})
    del data["seq"]
    with pytest.raises(ValueError, match="'seq'"):
        Exchange.from_json(data)


def test_a_problem_says_whose_fault() -> None:
    assert "agent" in str(Problem(whose="agent", where="request 3", message="no call"))


def test_the_journal_needs_only_the_standard_library() -> None:
    code = (
        "import sys, fake_server.journal\n"
        "known = {'fake_server', '__main__', *sys.stdlib_module_names}\n"
        "extra = {m.partition('.')[0] for m in sys.modules} - known\n"
        "print(sorted(m for m in extra if not m.startswith('_')))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
