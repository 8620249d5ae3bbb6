from dataclasses import replace
from pathlib import Path

from captures.canonical import RawExchange, RawRun, RunResult
from captures.host import host_facts
from captures.placeholders import Window
from captures.wire import WireRow, read_wire, wire_rows, write_wire
from fake_server.journal import MESSAGE, Exchange

STREAM = b'event: a\ndata: {"type":"a"}\n\ndata: {"type":"b"}\n\n: ping\n\ndata: [DONE]\n\n'
HTTP = Exchange(
    seq=1,
    connection="c1",
    started=100.5,
    method="POST",
    target="/v1/responses",
    http_version="HTTP/1.1",
    head=(),
    body=b"",
    status=200,
    response_head=(("Content-Type", "text/event-stream"),),
    response_body=STREAM,
    chunks=((0.01, 10), (0.02, 30), (0.05, len(STREAM) - 40)),
    end="complete",
    finished=100.6,
)
LINES = b'{"type":"x"}\n{"type":"y"}\n'
SOCKET = replace(HTTP, method=MESSAGE, response_head=(), response_body=LINES, chunks=((0.0, 13), (0.2, 13)))


def raw(*exchanges: Exchange) -> RawRun:
    return RawRun(
        window=Window(start=100.0, end=101.0),
        root="",
        ports=(),
        host=host_facts(),
        exchanges=[RawExchange(run=2, exchange=exchange) for exchange in exchanges],
        results=[RunResult(exit=0, stdout=b"", stderr=b"")],
        files={},
        home={},
        rollouts={},
    )


def test_each_event_has_the_time_of_the_write_that_completed_it() -> None:
    (row,) = wire_rows(raw(HTTP))
    assert (row.connection, row.at, row.took) == ("2/c1", 500, 100)
    assert row.events == ((20, "a"), (50, "b"), (50, "[DONE]"))


def test_messages_of_a_websocket_are_events_too() -> None:
    assert wire_rows(raw(SOCKET))[0].events == ((0, "x"), (200, "y"))


def test_an_answer_that_is_no_stream_has_no_events() -> None:
    assert wire_rows(raw(replace(HTTP, response_head=(("content-type", "application/json"),))))[0].events == ()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rows = wire_rows(raw(HTTP, SOCKET))
    write_wire(rows, tmp_path)
    assert read_wire(tmp_path) == rows
    write_wire([], tmp_path)
    assert read_wire(tmp_path) == []


def test_a_file_that_is_not_there_or_not_ours_gives_no_times(tmp_path: Path) -> None:
    assert read_wire(tmp_path) is None
    for text in ("oops", "[1]", '[{"at": 1}]', '{"a": 1}'):
        (tmp_path / "wire.json").write_text(text)
        assert read_wire(tmp_path) is None, text


def test_a_row_without_events() -> None:
    assert WireRow(connection="1/c1", at=0, took=0).events == ()
