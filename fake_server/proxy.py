"""The same journal in front of a live provider: a request goes on to a URL, its answer comes back as it comes.

This forwards to one base URL, it is not a general proxy: nothing is decoded, the head goes on in its order and case
(host and framing apart), and what the client saw is what the journal holds.
"""

from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from fake_server.journal import OpenExchange
from fake_server.reply import Reply, ReplyCut, json_reply

__all__ = ["Forward", "upstream_url"]

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_OURS = _HOP_BY_HOP | {"host", "content-length"}
_NEVER_ADDED = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


class Forward:
    """Sends exchanges on to one upstream; an async context manager.

    Proxy settings and certificates of the environment are honoured. A provider that cannot be reached gives a 502
    with a JSON error that says so. With a `key`, that one is sent in place of the client's own.
    """

    def __init__(self, upstream: str, key: str | None = None) -> None:
        self._upstream = upstream
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            auto_decompress=False,
            skip_auto_headers=_NEVER_ADDED,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=30),
            trust_env=True,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def __call__(self, exchange: OpenExchange) -> Reply:
        """Forward one request; the reply begins as soon as the provider's head is there."""
        assert self._session is not None, "use Forward as a context manager"
        url = upstream_url(self._upstream, exchange.target)
        head = CIMultiDict((name, value) for name, value in exchange.head if name.lower() not in _OURS)
        if self._key is not None:
            head["authorization"] = f"Bearer {self._key}"
        try:
            answer = await self._session.request(
                exchange.method,
                URL(url, encoded=True),
                headers=head,
                data=exchange.body or None,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            text = f"{self._upstream} cannot be reached: {error or type(error).__name__}"
            return json_reply(502, {"error": {"type": "proxy_error", "message": text}})
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers]
        return Reply(
            status=answer.status,
            reason=answer.reason,
            head=tuple((n, v) for n, v in pairs if n.lower() not in _OURS),
            more=_body(answer),
            length=answer.content_length,
        )


def upstream_url(upstream: str, target: str) -> str:
    """Where a request to us goes: `/v1` stands for the upstream URL when that has a path of its own.

    `https://host/api/v1` and `/v1/responses` give `https://host/api/v1/responses`; `https://host` gives
    `https://host/v1/responses`.
    """
    base = upstream.rstrip("/")
    has_path = "/" in base.partition("://")[2]
    inner = target.removeprefix("/v1") if has_path and (target == "/v1" or target.startswith("/v1/")) else target
    return base + inner


async def _body(answer: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    try:
        async for data in answer.content.iter_any():
            yield data
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ReplyCut(f"the provider's answer broke off ({type(error).__name__})") from None
    finally:
        answer.close()
