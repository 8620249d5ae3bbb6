"""Nothing secret leaves the doctor: known values are masked wherever they stand, URLs are cut as codex-cli does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pycodex.doctor.report import Check
    from pycodex.settings import Settings

__all__ = ["MASK", "bare_url", "cut_urls", "masked", "redacted", "secrets_of", "shown"]

MASK = "***"
_SHORTEST = 6
"""Values of fewer characters are no secrets, and would be found everywhere."""
_TELLING = ("openai_api_key", "codex_api_key", "codex_access_token", "authorization", "bearer_token", "token", "secret")
_PLAIN = ("true", "false", "yes", "no", "present", "absent", "missing", "not set")
_URL = re.compile(r"\S*?://\S*")
_TAIL = ".,;:)]"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_KEY_NAME = re.compile(r"(?i)key|token|secret|password|credential")


def shown(check: Check) -> list[tuple[str, str]]:
    """The details as they may be shown."""
    return [(name, value if check.plain else redacted(name, value)) for name, value in check.details]


def redacted(name: str, value: str) -> str:
    """The value of a detail as codex-cli shows it (captured: doctor/feature_order)."""
    if "env var" not in name.lower() and value.strip().lower() not in _PLAIN:
        text = f"{name}: {value}".lower()
        if any(word in text for word in _TELLING):
            return "<redacted>"
    return cut_urls(value)


def cut_urls(text: str) -> str:
    """The text with each URL down to its host and the first part of its path, without login and query."""
    return _URL.sub(lambda match: _cut(match[0]), text)


def _cut(url: str) -> str:
    body = url.rstrip(_TAIL)
    scheme, _, rest = body.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = re.split(r"[?#]", rest[len(host) :], maxsplit=1)[0]
    parts = [part for part in path.split("/") if part]
    shown = f"/{parts[0]}/<redacted>" if len(parts) > 1 else path
    return f"{scheme}://{host.rpartition('@')[2]}{shown}{url[len(body) :]}"


def bare_url(url: str) -> str:
    """The URL without its login and its query, which may hold keys."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def secrets_of(environment: Mapping[str, str], settings: Settings | None = None) -> tuple[str, ...]:
    """Every value that must not be shown: keys, tokens, headers and parameters of the provider, logins of proxies."""
    found = {value for name, value in environment.items() if _KEY_NAME.search(name)}
    for name in _PROXIES:
        for value in (environment.get(name, ""), environment.get(name.upper(), "")):
            login = value.partition("://")[2].rpartition("@")[0]
            found |= {login, *login.split(":")[1:], *map(unquote, login.split(":")[1:])}
    if settings is not None:
        provider = settings.config.provider
        found |= {provider.bearer_token or "", *provider.http_headers.values(), *provider.query_params.values()}
        found |= {environment.get(name, "") for name in (*provider.env_http_headers.values(), provider.env_key or "")}
        found |= set((urlsplit(provider.base_url or "").netloc.rpartition("@")[0]).split(":")[1:])
        found.add(settings.auth.token or "")
    return tuple(sorted((value for value in found if len(value) >= _SHORTEST), key=len, reverse=True))


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with each of these values masked."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text
