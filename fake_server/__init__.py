"""A scripted Responses server: it answers an agent from a script, writes down what came, and judges both sides.

    journal     what happened: Exchange, Problem (standard library only, so that a proxy's own environment can use it)
    script      data -> Script, validated against script.schema.json
    items       shorthands -> complete output items
    writer      output items -> the complete event stream of one answer
    grammar     the stream's state table, and the judge that interprets it
    tracks      which answer a request gets; `take` values and `$name`
    invariants  request body -> problems every agent must avoid
    bodies      request bytes -> JSON, also when compressed
    friendly    answers without a script
    replay      a recording's responses, served back
    server      the aiohttp application, the only module (with proxy) that opens a socket
    door        TLS and tunnels on the same port; certificates: what they need, made anew for each run
    proxy       the same journal in front of a live provider
    threaded    the server in a thread of its own, for code that is not asynchronous
    console     lines a person reads

Names are imported on first use, so `from fake_server.journal import Exchange` needs nothing but Python.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_server.grammar import check_events
    from fake_server.journal import Exchange, Problem
    from fake_server.script import Answer, Script, ScriptError, Track
    from fake_server.server import Arrival, FakeServer
    from fake_server.threaded import ThreadedServer
    from fake_server.tracks import Mismatch, Request, Source, Tracks
    from fake_server.writer import answer_events, encode_event

_HOME = {
    "Answer": "script",
    "Arrival": "server",
    "Exchange": "journal",
    "FakeServer": "server",
    "Mismatch": "tracks",
    "Problem": "journal",
    "Request": "tracks",
    "Script": "script",
    "ScriptError": "script",
    "Source": "tracks",
    "ThreadedServer": "threaded",
    "Track": "script",
    "Tracks": "tracks",
    "answer_events": "writer",
    "check_events": "grammar",
    "encode_event": "writer",
}

__all__ = [
    "Answer",
    "Arrival",
    "Exchange",
    "FakeServer",
    "Mismatch",
    "Problem",
    "Request",
    "Script",
    "ScriptError",
    "Source",
    "ThreadedServer",
    "Track",
    "Tracks",
    "answer_events",
    "check_events",
    "encode_event",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
