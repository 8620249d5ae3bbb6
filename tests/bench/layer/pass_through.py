"""The least that stands before a backend: an aiohttp server that hands bytes on. `python -m ... BACKEND PORT`."""

from __future__ import annotations

import sys

import aiohttp
from aiohttp import web

__all__ = ["main"]


def main(backend: str, port: int) -> None:
    """Serve until killed."""

    async def client(app: web.Application) -> None:
        app["client"] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def hand_on(request: web.Request) -> web.StreamResponse:
        url = backend + request.path.removeprefix("/v1")
        async with request.app["client"].request(request.method, url, data=await request.read()) as answer:
            response = web.StreamResponse(status=answer.status, headers={"content-type": answer.content_type})
            await response.prepare(request)
            async for data in answer.content.iter_any():
                await response.write(data)
            await response.write_eof()
            return response

    app = web.Application()
    app.on_startup.append(client)
    app.router.add_route("*", "/v1/{rest:.*}", hand_on)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
