"""A chat/completions backend that streams as many tokens as it is told, each with the moment at which it left."""

from __future__ import annotations

import asyncio
import time

from tests.bench.server import NOT_FOUND, STREAM_END, STREAM_HEAD, RawServer, framed

__all__ = ["MODEL", "ChatBackend"]

MODEL = "bench"

_SHARED = b'"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"bench"'
_CHUNK = b'data: {%b,"choices":[{"index":0,"delta":{%%b},"finish_reason":%%b}]}\n\n' % _SHARED
_USAGE = b'data: {%b,"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":%%d,"total_tokens":%%d}}\n\n' % _SHARED
_MODELS = b'{"object":"list","data":[{"id":"bench","object":"model","created":1700000000,"owned_by":"bench"}]}'
_JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
_AT_ONCE = 16
"""Tokens that a stream without pauses writes before the others have their turn."""


class ChatBackend(RawServer):
    """Each answer is `tokens` chunks of `@NANOSECONDS ` (of the monotonic clock, which all processes share), one write
    each, `pause` seconds apart."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.pause = 1, 0.0

    async def answer(self, method: bytes, target: bytes, writer: asyncio.StreamWriter) -> None:
        """A stream for a POST, the list of models for a GET."""
        if target.endswith(b"/models"):
            writer.write(_JSON % (len(_MODELS), _MODELS))
            return
        if not target.endswith(b"/chat/completions"):
            writer.write(NOT_FOUND)
            return
        writer.write(STREAM_HEAD)
        writer.write(framed(_CHUNK % (b'"role":"assistant","content":""', b"null")))
        for number in range(self.tokens):
            if self.pause:
                await asyncio.sleep(self.pause)
            elif number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            writer.write(framed(_CHUNK % (b'"content":"@%d "' % time.monotonic_ns(), b"null")))
            await writer.drain()
        writer.write(framed(_CHUNK % (b"", b'"stop"')))
        writer.write(framed(_USAGE % (self.tokens, self.tokens + 9)))
        writer.write(framed(b"data: [DONE]\n\n"))
        writer.write(STREAM_END)
        await writer.drain()
