"""Raw run -> canonical tree: pure, in one pass over everything an agent left.

Nothing is dropped. What must differ from run to run becomes a typed placeholder (`captures.placeholders`); the rest
stays as it was, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from captures.host import HostFacts
from captures.placeholders import Naming, Window
from captures.recording import Tree, pack_json, split_lines
from fake_server.bodies import DECODERS, BodyError, header
from fake_server.journal import MESSAGE, Exchange

__all__ = ["RawExchange", "RawRun", "RunResult", "canonical_tree"]

_WEBSOCKET_KEY = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
"""16 bytes in base64."""

_WRITTEN: Mapping[str, Mapping[str, Any]] = {
    "spaced": {"ensure_ascii": False},
    "spaced, ASCII": {},
    "compact, ASCII": {"separators": (",", ":")},
}
"""How Python programs write JSON -> what json.dumps is told for it."""

TEXT_LIMIT = 100_000
"""A file over this many bytes is held as size and hash."""


@dataclass(frozen=True, kw_only=True)
class RawExchange:
    """An exchange and the number (from 1) of the run that made it."""

    run: int
    exchange: Exchange


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """How one start of the agent ended: exit code (negative: killed by that signal) and what it printed."""

    exit: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, kw_only=True)
class RawRun:
    """Everything one agent left in one scenario, and the facts the driver gave it."""

    window: Window
    root: str
    ports: tuple[int, ...]
    host: HostFacts
    exchanges: Sequence[RawExchange]
    results: Sequence[RunResult]
    files: Mapping[str, bytes]
    home: Mapping[str, bytes]
    rollouts: Mapping[str, bytes]
    scripted: bool = True
    literal_ids: frozenset[str] = field(default_factory=frozenset)
    nicknames: frozenset[str] = field(default_factory=frozenset)
    """Those that agents were given by chance."""
    program: str = ""
    """The folder with the agent's program, where the scenario names it."""


def canonical_tree(raw: RawRun) -> Tree:
    """The tree of `captures.recording` for what was left behind."""
    naming = Naming(
        window=raw.window,
        facts=_facts(raw),
        keyed={("timezone", raw.host.timezone): "<tz>"},
        literal=raw.literal_ids,
        nicknames=raw.nicknames,
    )
    connections: set[str] = set()
    requests = []
    for number, one in enumerate(raw.exchanges, 1):
        requests.append(_request(one, naming, f"r{number}", connections))
    runs = []
    for number, result in enumerate(raw.results, 1):
        stdout = [naming.value(line, f"stdout{number}") for line in split_lines(_decode(result.stdout))]
        stderr = [naming.value(line, f"stderr{number}") for line in split_lines(_decode(result.stderr))]
        runs.append({"exit": result.exit, "stdout": stdout, "stderr": stderr})
    rollouts = []
    for number, (path, data) in enumerate(sorted(raw.rollouts.items()), 1):
        scope = f"rollout{number}"
        lines = [naming.value(_pack_deep(line), scope) for line in split_lines(_decode(data))]
        rollouts.append({"path": naming.text(path, scope), "lines": lines})
    return {
        "requests": requests,
        "responses": [_response(one.exchange, raw.scripted, naming) for one in raw.exchanges],
        "runs": runs,
        "files": _files(raw.files, naming, "files"),
        "home": _files(raw.home, naming, "home"),
        "rollouts": rollouts,
    }


def _facts(raw: RawRun) -> dict[str, str]:
    facts = {raw.root: "<root>"} if raw.root else {}
    facts |= {raw.program: "<program>"} if raw.program else {}
    for host in ("127.0.0.1", "localhost"):
        facts.update({f"{host}:{port}": f"{host}:<port>" for port in raw.ports})
    facts[f"({raw.host.os}; {raw.host.arch})"] = "(<os>; <arch>)"
    facts[f"<timezone>{raw.host.timezone}</timezone>"] = "<timezone><tz></timezone>"
    facts.update(_fragment_hashes(raw))
    return facts


def _fragment_hashes(raw: RawRun) -> dict[str, str]:
    """Hashes of texts that hold the root, and so differ from run to run with it.

    A rollout's world_state carries the SHA-1 of each context text (0.169.0, workspace-write: `permissions`): over a
    fixed tag, then role and text, each after its length as a big-endian u64.
    """
    hashes = {}
    for one in raw.exchanges:
        body, _ = _body(one.exchange)
        for item in body.get("input", []) if isinstance(body, dict) else []:
            content = item.get("content") if isinstance(item, dict) else None
            for part in content if isinstance(content, list) else []:
                text = part.get("text")
                if isinstance(text, str) and raw.root and raw.root in text:
                    digest = hashlib.sha1(b"codex-world-state-fragment-v1\0")
                    for value in (str(item.get("role")), text.replace("\r\n", "\n")):
                        digest.update(len(value.encode()).to_bytes(8, "big") + value.encode())
                    hashes[digest.hexdigest()] = "<fragment_hash:with_root>"
    return hashes


def _request(one: RawExchange, naming: Naming, scope: str, connections: set[str]) -> dict[str, Any]:
    exchange = one.exchange
    connection = f"{one.run}/{exchange.connection}"
    reuse = "kept" if connection in connections else "new"
    connections.add(connection)
    length = str(len(exchange.body))
    head = []
    for name, value in exchange.head:
        if name.lower() == "content-length" and value == length:
            head.append([name, "<len:body>"])
        elif name.lower() == "sec-websocket-key" and _WEBSOCKET_KEY.fullmatch(value):
            head.append([name, "<websocket:key>"])
        else:
            head.append([name, naming.value(pack_json(_utf8(value)), scope, name.lower())])
    body, written = _body(exchange)
    request = {
        "run": one.run,
        "method": exchange.method,
        "target": naming.text(exchange.target, scope),
        "http": exchange.http_version,
        "connection": reuse,
        "head": head,
        "body": naming.value(body, scope),
    }
    return request if written is None else {**request, "json": written}


def _body(exchange: Exchange) -> tuple[Any, str | None]:
    """The parsed JSON body where it is compact JSON, else the text; bytes that are no text as size and hash.

    codex-cli's bodies are compact. One that another program wrote in a common way is parsed too, and the way is named,
    so that its places can be compared and nothing is lost.
    """
    if not exchange.body:
        return None, None
    data = _unpacked(exchange)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _digest(data), None
    packed = pack_json(text)
    if isinstance(packed, dict):
        return _pack_deep(packed["$json"]), None
    for name, style in _WRITTEN.items():
        if text[:1] == "{" and (value := _parse(text, style)) is not None:
            return _pack_deep(value), name
    return text, None


def _unpacked(exchange: Exchange) -> bytes:
    """The body without the coding that its head names: two programs may compress the same text to other bytes."""
    decode = DECODERS.get((header(exchange.head, "content-encoding") or "").lower())
    if decode is None:
        return exchange.body
    try:
        return decode(exchange.body)
    except BodyError:
        raise
    except Exception:  # each decoder has its own error classes
        return exchange.body


def _parse(text: str, style: Mapping[str, Any]) -> Any:
    """The value, if this style writes it as exactly this text."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if json.dumps(value, **style) == text else None


def _pack_deep(value: Any) -> Any:
    """JSON texts inside JSON (tool arguments, metadata) opened up, where they are compact JSON."""
    if isinstance(value, str):
        packed = pack_json(value)
        return packed if isinstance(packed, str) else {"$json": _pack_deep(packed["$json"])}
    if isinstance(value, list):
        return [_pack_deep(item) for item in value]
    if isinstance(value, dict):
        return {key: _pack_deep(item) for key, item in value.items()}
    return value


def _response(exchange: Exchange, scripted: bool, naming: Naming) -> dict[str, Any]:
    if scripted and exchange.step is not None:
        return {"step": exchange.step, "status": exchange.status, "end": exchange.end}
    head = [[name, naming.value(_utf8(value), "response")] for name, value in exchange.response_head]
    out: dict[str, Any] = {"status": exchange.status, "end": exchange.end, "head": head}
    if exchange.method == MESSAGE:
        lines = _decode(exchange.response_body).splitlines()
        out["events"] = [naming.value(_pack_deep(json.loads(line)), "response") for line in lines]
        return out
    kind = next((value for name, value in exchange.response_head if name.lower() == "content-type"), "")
    if "event-stream" in kind:
        out["events"] = [
            naming.value(_pack_deep(event), "response") for event in _events(_decode(exchange.response_body))
        ]
    else:
        out["body"] = naming.value(pack_json(_decode(exchange.response_body)), "response")
    return out


def _events(text: str) -> list[Any]:
    """The data of each server-sent event: JSON where it is JSON, else its text."""
    events = []
    for block in re.split(r"\r?\n\r?\n", text):
        data = "\n".join(m.group(1) for m in re.finditer(r"^data: ?(.*?)\r?$", block, re.MULTILINE))
        if data:
            try:
                events.append(json.loads(data))
            except ValueError:
                events.append(data)
    return events


def _files(files: Mapping[str, bytes], naming: Naming, scope: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for path, data in sorted(files.items()):
        try:
            text = data.decode() if len(data) <= TEXT_LIMIT and b"\0" not in data else None
        except UnicodeDecodeError:
            text = None
        out[naming.text(path, scope)] = (
            _digest(data) if text is None else naming.text(text, scope, path.rpartition("/")[2])
        )
    return out


def _digest(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape").encode("utf-8", "backslashreplace").decode()


def _utf8(value: str) -> str:
    """Header values are latin-1 on the wire; agents put UTF-8 there."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
