"""The traffic as HAR and as flows: valid, complete, readable by the programs it is for, and without credentials."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from captures.__main__ import main
from captures.agents import AgentError
from captures.proxy import mitmdump_path
from captures.traffic import Traffic, write_flows
from fake_server.journal import Exchange
from tests.captures.test_wire import HTTP, SOCKET, raw
from tests.repository import ROOT

SCHEMA = json.loads(Path(__file__).with_name("har.schema.json").read_text())
TOY = Path(__file__).with_name("toy_agent.py")
CELL = "0.169.0/direct/exec/hello"
UPGRADE = replace(HTTP, method="GET", status=101, connection="c2", response_body=b"", chunks=(), response_head=())
ODD = replace(
    HTTP,
    target="/v1/responses?a=1&b=",
    head=(("Host", "127.0.0.1:99"), ("Authorization", "Bearer sk-secret"), ("X-Odd", "Gr\xfc\xdfe")),
    body=b"\xff\x00",
    status=799,
    response_body=b"\xfe",
    chunks=((0.25, 1),),
    end="client_closed",
)
REFUSED = replace(HTTP, status=0, response_head=(), response_body=b"", chunks=(), end="server_closed")
READ = """
import json, sys
from mitmproxy import io
with open(sys.argv[1], "rb") as file:
    for flow in io.FlowReader(file).stream():
        said = [[m.from_client, m.text] for m in flow.websocket.messages] if flow.websocket else None
        status = flow.response.status_code if flow.response else None
        body = flow.response.raw_content.decode("latin-1") if flow.response else None
        error = flow.error.msg if flow.error else None
        print(json.dumps([flow.comment, flow.request.method, flow.request.url, status, body, error, said]))
"""


def traffic_of(tmp_path: Path, *exchanges: Exchange) -> Traffic:
    traffic = Traffic(tmp_path / "work" / "spool.jsonl")
    traffic.add(CELL, raw(*exchanges))
    return traffic


def har_of(path: Path) -> dict[str, Any]:
    har = json.loads(path.read_text())
    jsonschema.validate(har, SCHEMA)
    log: dict[str, Any] = har["log"]
    return log


def flows_of(path: Path) -> list[Any]:
    """What mitmproxy's own reader finds."""
    command = [str(mitmdump_path(ROOT).with_name("python")), "-c", READ, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_har_is_valid_whatever_was_on_the_wire(tmp_path: Path) -> None:
    message = replace(SOCKET, connection="c2", body=b"hello")
    traffic_of(tmp_path, HTTP, ODD, REFUSED, UPGRADE, message).write(har=tmp_path / "new" / "t.har", flow=None)
    log = har_of(tmp_path / "new" / "t.har")
    assert [page["id"] for page in log["pages"]] == [f"{CELL} run 2"]
    first, odd, refused, upgrade = log["entries"]
    assert first["response"]["content"]["text"] == HTTP.response_body.decode()
    assert (first["timings"]["wait"], first["time"], first["pageref"]) == (10.0, 100.0, log["pages"][0]["id"])
    assert odd["request"]["url"] == "http://127.0.0.1:99/v1/responses?a=1&b="
    assert [one["name"] for one in odd["request"]["queryString"]] == ["a", "b"]
    assert (odd["response"]["content"]["encoding"], odd["response"]["statusText"]) == ("base64", "")
    assert (refused["response"]["status"], refused["_end"]) == (0, "server_closed")
    said = [(one["type"], one["data"]) for one in upgrade["_webSocketMessages"]]
    assert said == [("send", "hello"), ("receive", '{"type":"x"}'), ("receive", '{"type":"y"}')]


def test_a_har_without_traffic_is_valid_too(tmp_path: Path) -> None:
    traffic_of(tmp_path).write(har=tmp_path / "t.har", flow=None)
    assert har_of(tmp_path / "t.har")["entries"] == []


def test_mitmproxy_reads_the_flows(tmp_path: Path) -> None:
    message = replace(SOCKET, connection="c2", body=b"hello")
    traffic = traffic_of(tmp_path, HTTP, ODD, REFUSED, UPGRADE, message)
    traffic.write(har=None, flow=tmp_path / "t.flow", mitmdump=mitmdump_path(ROOT))
    first, odd, refused, upgrade = flows_of(tmp_path / "t.flow")
    assert first == [
        f"{CELL} run 2",
        "POST",
        "http://127.0.0.1/v1/responses",
        200,
        HTTP.response_body.decode(),
        *[None] * 2,
    ]
    assert odd[2:6] == ["http://127.0.0.1:99/v1/responses?a=1&b=", 799, "\xfe", "client_closed"]
    assert refused[3:6] == [None, None, "server_closed"]
    assert upgrade[6] == [[True, "hello"], [False, '{"type":"x"}'], [False, '{"type":"y"}']]


def test_no_credentials_are_in_either(tmp_path: Path) -> None:
    traffic = traffic_of(tmp_path, ODD)
    traffic.write(har=tmp_path / "t.har", flow=tmp_path / "t.flow", mitmdump=mitmdump_path(ROOT))
    for path in (tmp_path / "work" / "spool.jsonl", tmp_path / "t.har", tmp_path / "t.flow"):
        assert b"sk-secret" not in path.read_bytes()
        assert b"Bearer ***" in path.read_bytes()
    traffic.close()
    assert list((tmp_path / "work").iterdir()) == []


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("oops\n")
    with pytest.raises(AgentError, match=r"t.flow: .*JSONDecodeError"):
        write_flows(tmp_path / "spool", tmp_path / "t.flow", mitmdump_path(ROOT))


def test_a_run_leaves_both_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / name) for name in ("t.har", "t.flow")]
    words = ["run", "exec/hello", "--agent", f"{sys.executable} {TOY}", "--lane", "0.169.0/direct"]
    assert main([*words, "--out", str(tmp_path / "out"), "--har", files[0], "--flow", files[1]]) == 0
    assert all(f"wrote {name}" in capsys.readouterr().out for name in files[:1])
    (entry,) = har_of(Path(files[0]))["entries"]
    assert (entry["_step"], entry["response"]["status"]) == ("main/1", 200)
    ((comment, method, *_),) = flows_of(Path(files[1]))
    assert (comment, method) == (f"{CELL} run 1, main/1", "POST")


def test_without_mitmproxy_it_is_said_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYCODEX_MITMDUMP", str(tmp_path / "none"))
    words = ["run", "exec/hello", "--agent", "/bin/false", "--lane", "0.169.0/direct", "--out", str(tmp_path / "out")]
    assert main([*words, "--flow", str(tmp_path / "t.flow")]) == 3
    assert "--flow: mitmproxy is not set up" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
