"""TLS with a provider: whom it trusts, and a handshake that says why it ends.

asyncio lets go of a connection whose certificate is refused without the alert that OpenSSL has written for the server
(codex-cli sends it: faults/tls_untrusted); here it goes out first. Imported where a URL is an https one.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping
from contextvars import ContextVar

from pycodex.transports.authorities import VARIABLES

__all__ = ["refusal", "start_tls", "tls_context"]

_EXPIRED, _EARLY, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64  # OpenSSL's numbers of what is wrong

_under: ContextVar[asyncio.WriteTransport | None] = ContextVar("_under", default=None)
"""The connection that TLS is being started on."""


class _Side(ssl.SSLObject):
    """One side of a handshake."""

    tell: Callable[[], None]

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLError as error:
            if not isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError):
                self.tell()
            raise


class _Context(ssl.SSLContext):
    sslobject_class = _Side

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        side = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        under = _under.get()

        def tell() -> None:
            if under is not None:
                under.write(outgoing.read())

        if isinstance(side, _Side):
            side.tell = tell
        return side


def tls_context(env: Mapping[str, str]) -> ssl.SSLContext:
    """What a server's certificate is checked against: this machine's authorities, and the files of both variables.

    One that cannot be used is left out (captured: faults/tls_trusted, faults/tls_files). ALPN is offered none:
    0.115.0 never does, and 0.169.0 does with one of these files alone, where it would speak HTTP/2 (measured).
    """
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    for file in filter(None, map(env.get, VARIABLES)):
        with contextlib.suppress(OSError, ssl.SSLError):
            context.load_verify_locations(cafile=file)
    return context


async def start_tls(writer: asyncio.StreamWriter, context: ssl.SSLContext, name: str) -> None:
    """TLS from here on, with who must have that name. Raises OSError (an ssl.SSLError is one), EOFError."""
    token = _under.set(writer.transport)
    try:
        await writer.start_tls(context, server_hostname=name)
    finally:
        _under.reset(token)


def refusal(error: Exception, name: str) -> str | None:
    """What is wrong with a server's certificate in the words of codex-cli's TLS, where that is the error.

    It goes on to say when the certificate holds, or for whom; that is in no error of Python's.
    """
    if not isinstance(error, ssl.SSLCertVerificationError):
        return None
    kinds = {_EXPIRED: "certificate expired", _EARLY: "certificate not valid yet"}
    kinds |= dict.fromkeys((_OTHER_NAME, _OTHER_ADDRESS), f'certificate not valid for name "{name}"')
    return f"invalid peer certificate: {kinds.get(error.verify_code, 'UnknownIssuer')}"
