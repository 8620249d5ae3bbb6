"""The files of authorities that two variables name, beside this machine's own."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["VARIABLES", "chosen_file", "unusable"]

VARIABLES = ("CODEX_CA_CERTIFICATE", "SSL_CERT_FILE")


def chosen_file(env: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that counts before the other, and its file; one that is empty does not count."""
    return next(((name, file) for name in VARIABLES if (file := env.get(name))), None)


def unusable(env: Mapping[str, str]) -> str | None:
    """Why the chosen file cannot be used, if it cannot."""
    chosen = chosen_file(env)
    if chosen is None:
        return None
    import ssl

    name, file = chosen
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    reason = "no certificate is in it"
    try:
        context.load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError) as error:
        reason = str(error)
    return None if context.cert_store_stats()["x509"] else f"cannot read the CA file {file} named by {name}: {reason}"
