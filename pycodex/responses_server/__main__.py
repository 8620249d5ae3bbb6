"""`python -m pycodex.responses_server --backend URL`: the layer as a server. Needs aiohttp (`python-codex[server]`).

Exit codes: 0 it ran until it was interrupted, 1 it could not start, 2 usage.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence

from pycodex.responses_server.backend import Backend, backend_url

__all__ = ["main"]

_MISSING = "the server needs aiohttp: pip install 'python-codex[server]'"


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, serve until interrupted, and give the exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    key = os.environ.get(options.api_key_env, "") if options.api_key_env else None
    if key == "":
        parser.error(f"the environment has no {options.api_key_env}")
    try:
        url = backend_url(options.backend)
        headers = dict(_header(text) for text in options.header)
    except ValueError as error:
        parser.error(str(error))
    try:
        from pycodex.responses_server import app
    except ImportError:
        print(f"error: {_MISSING}", file=sys.stderr)
        return 1
    backend = Backend(
        url=url,
        key=key,
        headers=headers,
        model=options.model,
        developer_role=options.developer_role,
        reasoning_field=options.reasoning_field,
        max_tokens_field=options.max_tokens_field,
    )

    async def serve() -> None:
        from pycodex.responses_server.layer import Layer
        from pycodex.responses_server.store import Store
        from pycodex.transports.base import TransportStyle
        from pycodex.transports.http import HttpTransport

        transport = HttpTransport(TransportStyle(send_error="error sending request for url ({url})"), keeps_all=True)
        layer = Layer(backend, transport, Store(most_bytes=options.store_mb * 1024 * 1024))
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with app.running(layer, options.host, options.port) as port:
            host = f"[{options.host}]" if ":" in options.host else options.host
            print(f"http://{host}:{port}/v1 -> {backend.path('chat/completions')}", flush=True)
            await stop.wait()
        await transport.aclose()

    try:
        asyncio.run(serve())
    except OSError as error:
        print(f"error: cannot listen on {options.host}:{options.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ValueError(f"`{text}` is no header like `name: value`")
    return name.strip().lower(), value.strip()


def _megabytes(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"`{text}` is no number of megabytes")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"`{text}` is no port")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pycodex.responses_server",
        description="Serves the Responses API before a chat/completions backend: vLLM, llama.cpp, Ollama, LM Studio, "
        "gateways. codex-cli and any other Responses client can use it as their base URL.",
    )
    add = parser.add_argument
    add("--backend", required=True, metavar="URL", help="the backend; an address without a path means its /v1")
    add("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    add("--port", type=_port, default=8080, help="port to listen on (default 8080; 0: a free one)")
    add("--model", metavar="NAME", help="ask the backend for this model, whatever the client names")
    add("--api-key-env", metavar="NAME", help="give the backend the key in this variable (default: the client's own)")
    add("--header", action="append", default=[], metavar="'NAME: VALUE'", help="one more header for the backend")
    add(
        "--developer-role",
        choices=("system", "user", "developer"),
        default="system",
        help="role of developer messages: system (default; those at the beginning are one message with the "
        "instructions), user (the same, but those in between are the user's), or developer (as they are)",
    )
    add(
        "--reasoning-field",
        choices=("reasoning_content", "reasoning"),
        default="reasoning_content",
        help="where the history holds what was thought, unless the backend showed it (default reasoning_content)",
    )
    add(
        "--max-tokens-field",
        choices=("max_tokens", "max_completion_tokens"),
        default="max_tokens",
        help="what the backend calls max_output_tokens (default max_tokens)",
    )
    add("--store-mb", type=_megabytes, default=64, metavar="MB", help="memory for stored responses (default 64)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
