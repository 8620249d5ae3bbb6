"""The files of authorities that two variables name, beside this machine's own."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["VARIABLES", "chosen_file", "unusable"]

VARIABLES = ("CODEX_CA_CERTIFICATE", "SSL_CERT_FILE")

_BLOCK = re.compile(rb"-----BEGIN ((?:TRUSTED )?CERTIFICATE)-----(.*?)-----END \1-----", re.DOTALL)
_HINT = (
    "If you set CODEX_CA_CERTIFICATE or SSL_CERT_FILE, ensure it points to a PEM file containing one or more "
    "CERTIFICATE blocks, or unset it to use system roots."
)


def chosen_file(env: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that counts before the other, and its file; one that is empty does not count."""
    return next(((name, file) for name in VARIABLES if (file := env.get(name))), None)


def unusable(env: Mapping[str, str]) -> str | None:
    """Why the chosen file cannot be used, if it cannot, in both versions' words (captured: faults/tls_websocket)."""
    chosen = chosen_file(env)
    if chosen is None:
        return None
    name, file = chosen
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        reason = f"{os.strerror(error.errno or 0)} (os error {error.errno})"
        return f"Failed to read CA certificate file {file} selected by {name}: {reason}. {_HINT}"
    blocks = [block for _, block in _BLOCK.findall(data)]
    if not blocks:
        return (
            f"Failed to load CA certificates from {file} selected by {name}: no certificates found in PEM file. {_HINT}"
        )
    broken = _broken(blocks)
    if broken is None:
        return None
    what = f"certificate #{broken} from {file} selected by {name}"
    return f"Failed to register {what} in rustls root store: invalid peer certificate: BadEncoding. {_HINT}"


def _broken(blocks: Sequence[bytes]) -> int | None:
    """Which of them, counted from 1, is the first that is no certificate."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for number, block in enumerate(blocks, 1):
        try:
            context.load_verify_locations(cadata=_first(base64.b64decode(block)))
        except (ssl.SSLError, ValueError):
            return number
    return None


def _first(der: bytes) -> bytes:
    """The first element: what OpenSSL says of a certificate that it trusts follows the certificate itself."""
    more = der[1] - 128 if len(der) > 1 and der[1] > 128 else 0
    length = int.from_bytes(der[2 : 2 + more], "big") if more else der[1] if len(der) > 1 else 0
    return der[: 2 + more + length]
