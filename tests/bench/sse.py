"""`python -m tests.bench.sse`, a part of `make bench`: how quickly, and in how much memory, pycodex reads a stream.

Three depths, each with what stands above it: events out of bytes (pycodex/sse.py); what each means (the Sampler: JSON,
the text of a delta); the model client's stream as the agent iterates it, over a transport that has the bytes in memory.
CPU time counts, not the clock on the wall. It never judges: the targets stand beside for people to read.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pycodex import ContextManager, ModelRequest, ResponsesModelClient
from pycodex.api import open_settings
from pycodex.context import Turn
from pycodex.ids import uuid7
from pycodex.sampling import Completed, Sampler, TextDelta
from pycodex.sse import SseParser
from pycodex.transports.base import Response
from pycodex.upstream import load_dialect

__all__ = ["CASES", "main", "stream"]

MIB = 2**20
READ = 64 * 1024
"""What one read of a connection brings at most; a stream that is written slowly comes an event at a time."""
DATA = 150
"""Bytes of one delta's JSON."""


@dataclass(frozen=True, kw_only=True)
class _Case:
    read: Callable[[Iterator[bytes]], int]
    target: str


def delta() -> bytes:
    """One event as the API writes it, its JSON of the usual length."""
    body = {
        "type": "response.output_text.delta",
        "sequence_number": 1234,
        "item_id": "msg_0123456789",
        "output_index": 0,
        "content_index": 0,
        "delta": "",
    }
    body["delta"] = "w" * (DATA - len(_compact(body)))
    return b"event: response.output_text.delta\ndata: " + _compact(body) + b"\n\n"


def stream(size: int, step: int = READ) -> Iterator[bytes]:
    """About so many bytes of deltas between the beginning of a message and its end, in reads of `step` bytes."""
    message = {"type": "message", "id": "msg_0", "role": "assistant", "content": [{"type": "output_text", "text": "w"}]}
    yield _event({"type": "response.created", "response": {"id": "resp_1"}})
    yield _event({"type": "response.output_item.added", "item": {**message, "content": []}})
    one = delta()
    block = one * (-(-step // len(one)) + 1)  # any read is a part of it, beginning where the last one ended
    at = 0
    for _ in range(size // step):
        yield block[at : at + step]
        at = (at + step) % len(one)
    if at:
        yield one[at:]
    yield _event({"type": "response.output_item.done", "item": message})
    yield _event({"type": "response.completed", "response": {"id": "resp_1", "usage": None}})


def _event(body: object) -> bytes:
    return b"data: " + _compact(body) + b"\n\n"


def _compact(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _framing(chunks: Iterator[bytes]) -> int:
    parser = SseParser()
    return sum(len(parser.feed(chunk)) for chunk in chunks)


def _meaning(chunks: Iterator[bytes]) -> int:
    parser, sampler = SseParser(), Sampler(style=load_dialect().stream.answers)
    return sum(
        isinstance(event, TextDelta) for chunk in chunks for data in parser.feed(chunk) for event in sampler.feed(data)
    )


class _Memory:
    """A transport whose answer is there already."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def stream(
        self, url: str, head: Sequence[tuple[str, str]], body: bytes, *, method: str = "POST"
    ) -> AbstractAsyncContextManager[Response]:
        return self._answer()

    @asynccontextmanager
    async def _answer(self) -> AsyncIterator[Response]:
        yield Response(status=200, headers=(), chunks=self._read())

    async def _read(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk

    async def aclose(self) -> None:
        """Nothing is open."""


def _client(chunks: Iterator[bytes]) -> int:
    async def ask() -> int:
        with tempfile.TemporaryDirectory() as home:
            provider = 'model_providers.bench={name="bench", base_url="http://127.0.0.1:9/v1"}'
            words = (provider, "model_provider=bench")
            settings = open_settings(cwd=Path(home), env={"CODEX_HOME": home}, overrides=words)
            client = ResponsesModelClient(settings, _Memory(chunks))
            turn = Turn(id=uuid7(), started_at=time.time())
            request = ModelRequest(context=ContextManager(settings), turn=turn, tools=(), input=())
            deltas, ended = 0, False
            async for event in client.stream(request):
                deltas += isinstance(event, TextDelta)
                ended = isinstance(event, Completed)
        if not ended:
            raise RuntimeError("the answer did not end")
        return deltas

    return asyncio.run(ask())


CASES = {
    "events out of bytes": _Case(read=_framing, target=">= 100 MB/s"),
    "... and what they mean (JSON)": _Case(read=_meaning, target=">= 25 MB/s"),
    "... through the model client": _Case(read=_client, target=""),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 measured, 2 usage."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sse", description=__doc__)
    parser.add_argument("--mib", type=int, default=64, help="of each measured stream (default: 64)")
    parser.add_argument(
        "--long", type=int, default=1024, help="MiB of the stream whose memory is measured (default: 1024)"
    )
    args = parser.parse_args(argv)
    print(f"an event stream of deltas, {DATA} bytes of JSON each; CPU time, the best of 3")
    for name, case in CASES.items():
        for step, words in ((READ, "64 KiB a read"), (len(delta()), "an event a read")):
            speed = max(_speed(case, args.mib * MIB, step) for _ in range(3))
            print(f"{name:32} {words:16} {speed:7.1f} MB/s  {case.target}".rstrip(), flush=True)
    _client(stream(MIB))
    gc.collect()
    before = _peak()
    _client(stream(args.long * MIB))
    print(f"{args.long} MiB through the model client: {(_peak() - before) / MIB:.1f} MiB more at the peak  flat")
    return 0


def _speed(case: _Case, size: int, step: int) -> float:
    start = time.process_time()
    deltas = case.read(stream(size, step))
    spent = time.process_time() - start
    if deltas < size // len(delta()):
        raise RuntimeError(f"only {deltas} deltas were read")
    return size / spent / 1e6


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main())
