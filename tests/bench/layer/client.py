"""What stands before a layer: streams that are read to their end, and how long each token was on its way."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from tests.bench.layer.backend import MODEL

__all__ = ["BODIES", "read_streams"]

BODIES: Mapping[str, Mapping[str, Any]] = {
    "/chat/completions": {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "go"}]},
    "/responses": {"model": MODEL, "stream": True, "store": False, "input": "go"},
}
"""Path below the base URL -> what is asked there."""

_TOKEN = re.compile(rb'"(?:content|delta)": ?"@(\d+) "')
_LONGEST_TOKEN = 64
_ENDS = (b"data: [DONE]", b'"response.completed"')


async def read_streams(base_url: str, path: str, streams: int, tokens: int) -> list[float]:
    """So many streams at once; for each token the seconds from the backend to here.

    Raises RuntimeError where an answer is not whole: it is no measurement.
    """
    timeout = aiohttp.ClientTimeout(total=600)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        found = await asyncio.gather(*(_read(session, base_url + path, BODIES[path], tokens) for _ in range(streams)))
    return [seconds for one in found for seconds in one]


async def _read(session: aiohttp.ClientSession, url: str, body: Mapping[str, Any], tokens: int) -> list[float]:
    found: list[float] = []
    tail, ended = b"", False
    async with session.post(url, json=body) as response:
        if response.status != 200:
            raise RuntimeError(f"POST {url}: {response.status} {(await response.text())[:500]}")
        async for data in response.content.iter_any():
            now = time.monotonic_ns()
            data, end = tail + data, 0
            for match in _TOKEN.finditer(data):
                found.append((now - int(match[1])) / 1e9)
                end = match.end()
            # A token, or the name of the end, may be cut in two.
            tail = data[max(end, len(data) - _LONGEST_TOKEN) :]
            ended = ended or any(word in data for word in _ENDS)
    if not ended or len(found) != tokens:
        raise RuntimeError(f"POST {url}: {len(found)} tokens of {tokens}, {'' if ended else 'and no end'}")
    return found
