"""Checks of pycodex' own that need no network: the configuration with file, line and key, `.env`, provider and key."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pycodex.config_layers import ConfigError
from pycodex.doctor.as_codex import config_load
from pycodex.doctor.places import answers_route, key_place, place_of_base_url, speaks_chat
from pycodex.doctor.report import Check, Verdict
from pycodex.doctor.secrets import bare_url
from pycodex.provider import ENDPOINT_KEY
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.doctor.subject import Subject

__all__ = ["check_config", "check_dotenv", "check_key", "check_provider"]

_ENDPOINTS = ("/responses", "/chat/completions", "/completions", "/models")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_ENDS = 4
"""How many characters of a key are shown, at its end."""
_LONG_KEY = 16
"""From how many characters on."""


def check_config(subject: Subject) -> Check:
    """As codex-cli, and of a configuration that cannot be used what is wrong in which file, line and key."""
    check, broken = config_load(subject, alone=False), subject.broken
    if broken is None:
        return check
    known = {name for name, _ in check.details}
    places = (
        ("file", broken.file),
        ("line", None if broken.line is None else str(broken.line)),
        ("key", broken.key),
        ("message", broken.message),
    )
    told = tuple((name, value) for name, value in places if value is not None and name not in known)
    where = f"`{broken.key}`" if broken.key is not None else "it"
    if broken.file is not None and broken.line is None:
        where = f"or remove {broken.file}"
    elif broken.file is not None:
        where += f" in line {broken.line} of {broken.file}"
    elif broken.key is not None:
        where += " (given by a flag, or in a form that could not be found in config.toml)"
    elif broken.kind == "options":
        where = "the command line"
    elif subject.home is not None:
        where += f", most likely in {subject.home / 'config.toml'}"
    return replace(check, plain=True, details=(*check.details, *told), remedy=f"Correct {where}: {broken.message}")


def check_dotenv(subject: Subject) -> Check:
    """`.env` beside config.toml: which names it gives, and what of it does not count."""
    from pycodex.dotenv import parse_dotenv, unreadable_lines

    def check(status: Verdict, summary: str, *details: tuple[str, str], remedy: str | None = None) -> Check:
        shown = (("file", str(path)), *details)
        return Check(
            id="config.dotenv",
            category="dotenv",
            status=status,
            summary=summary,
            details=shown,
            remedy=remedy,
        )

    if subject.home is None:
        return Check(id="config.dotenv", category="dotenv", status="skipped", summary="there is no home to look in")
    path = subject.home / ".env"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return check("ok", "there is none, and none is needed")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return check("warning", f"cannot be read ({why}) and is ignored", remedy=f"Make {path} a readable UTF-8 file")
    found = parse_dotenv(text, {})
    kept = [name for name in found if not name.upper().startswith("CODEX_")]
    ignored = [name for name in found if name not in kept]
    lines = unreadable_lines(text)
    details = [("names", ", ".join(kept) or "none")]
    problems, remedies = [], []
    if ignored:
        details.append(("not imported", ", ".join(ignored)))
        problems.append(f"{', '.join(ignored)}: names that begin with CODEX_ are not imported")
        remedies.append(f"set {', '.join(ignored)} in the environment itself (`export {ignored[0]}=...`)")
    if lines:
        told = ", ".join(map(str, lines))
        details.append(("unreadable lines", told))
        problems.append(f"line {told} is no NAME=value and is left out")
        remedies.append("write NAME=value there, with quotes around a value with spaces")
    if problems:
        remedy = "; ".join(remedies)
        return check("warning", "; ".join(problems), *details, remedy=remedy[0].upper() + remedy[1:])
    return check("ok", f"{len(kept)} variables, which count more than the environment's own", *details)


def check_provider(subject: Subject) -> Check:
    """Where requests go: whether there is an address, and whether it looks like one."""
    provider = subject.loaded.config.provider
    url = provider.base_url
    details = [("model provider", provider.id), ("base_url", bare_url(url or "") or "none")]
    if subject.model is not None or not speaks_chat(subject.loaded):  # else it is the backend's to say
        details.append(("model", subject.loaded.model.slug))
    place, route = place_of_base_url(subject.loaded), answers_route(subject.loaded)

    def check(status: Verdict, summary: str, remedy: str | None = None) -> Check:
        return Check(
            id="provider.address",
            category="provider",
            status=status,
            summary=summary,
            details=tuple(details),
            remedy=remedy,
        )

    if not url:
        return check("fail", "the provider has no address", f'Set {place}, as in base_url = "http://localhost:8000/v1"')
    parts = None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if parts is None or not usable:
        remedy = f'Write {place} with its scheme, as in base_url = "https://host:port/v1"'
        return check("fail", f"{bare_url(url)} is no http or https address", remedy)
    path = parts.path.rstrip("/")
    for endpoint in _ENDPOINTS:
        if path.endswith(endpoint):
            right = bare_url(url).rstrip("/").removesuffix(endpoint)
            remedy = f"Cut {place} to {right}: `/{route}` is added to it"
            return check("fail", f"the address ends with {endpoint}, which is a route and no root", remedy)
    if not path:
        remedy = f"If requests fail, end {place} with the API's prefix, most often /v1"
        return check("warning", f"{bare_url(url)} has no path, so requests go to /{route}", remedy)
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        remedy = "Use https, unless the network between is trusted"
        return check("warning", f"{bare_url(url)} is not encrypted: the key can be read on the way", remedy)
    return check("ok", f"{provider.id} at {bare_url(url)}")


def check_key(subject: Subject) -> Check:
    """What requests carry, masked, and where it is from."""
    from pycodex.request import MissingKey, credential

    settings = subject.loaded
    provider, environment = settings.config.provider, settings.environment

    def check(status: Verdict, summary: str, *details: tuple[str, str], remedy: str | None = None) -> Check:
        return Check(
            id="auth.key",
            category="key",
            status=status,
            summary=summary,
            details=details,
            remedy=remedy,
        )

    try:
        key = credential(settings)
    except MissingKey as error:
        remedy = f"Set {provider.env_key} in the environment or in {settings.config.codex_home / '.env'}"
        if (provider.env_key or "").upper().startswith("CODEX_"):
            remedy = f"Set {provider.env_key} in the environment (.env gives no names that begin with CODEX_)"
        return check("fail", str(error), ("variable", str(provider.env_key)), remedy=remedy)
    except ConfigError as error:
        home = settings.config.codex_home
        return check("fail", f"auth.json cannot be used: {error}", remedy=f"Repair or remove {home / 'auth.json'}")
    if key is None and speaks_chat(settings):
        return check("ok", f"requests carry none; {ENDPOINT_KEY} would be the backend's")
    if key is None and not provider.requires_openai_auth:
        return check("ok", "requests carry none, and the provider names none")
    if key is None:
        other = "OPENAI_API_KEY is set, but requests do not carry it. " if environment.get("OPENAI_API_KEY") else ""
        remedy = f"{other}Set CODEX_API_KEY, or log in with `codex login --with-api-key`"
        return check("fail", "there is no key for OpenAI", remedy=remedy)
    if provider.env_key is not None or not settings.follows_login:
        source = key_place(settings)
    else:
        source = "CODEX_API_KEY" if environment.get("CODEX_API_KEY") else str(settings.config.codex_home / "auth.json")
    details = (("from", source), ("shown as", _hint(key)))
    if key != key.strip() or not key.isprintable():
        remedy = f"Remove them from {source}"
        return check("fail", "the key has spaces or line breaks around or in it", *details, remedy=remedy)
    if settings.follows_login and settings.auth.chatgpt:
        return check("ok", "ChatGPT's tokens, which pycodex does not refresh yet", *details)
    return check("ok", f"{_hint(key)} from {source}", *details)


def _hint(key: str) -> str:
    """The end of a long key: enough to tell one from another."""
    return f"...{key[-_ENDS:]}" if len(key) >= _LONG_KEY else "***"
