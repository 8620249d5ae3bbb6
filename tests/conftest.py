"""For every test: nothing from the person's set-up, no network but loopback, reproducible examples."""

import ipaddress
import os
import sys

from hypothesis import settings

_FOREIGN = ("CODEX_", "OPENAI_", "PYCODEX_UPSTREAM")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

settings.register_profile("pycodex", deadline=None, derandomize=True)
settings.load_profile("pycodex")


def _is_local(host: object) -> bool:
    """Is this host name or address on loopback, or a name that can never resolve?"""
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name == "localhost" or name.endswith((".localhost", ".invalid")):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _loopback_only(event: str, args: tuple[object, ...]) -> None:
    """Audit hook: refuse to look up or reach any host but this one."""
    host: object
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if not _is_local(host):
        raise RuntimeError(f"a test may only use loopback, and this one asked for {host!r}")


def pytest_configure() -> None:
    """Close the environment before the first test module is imported."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name.lower() in _PROXIES:
            del os.environ[name]
    # Not /tmp: commands in a workspace-write sandbox, codex-cli's and ours, make `.git` and `.codex` appear there for
    # moments, and a test that looks for a project in the folders above its own would find them.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/var/tmp")
    sys.addaudithook(_loopback_only)
