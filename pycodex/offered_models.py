"""The models that a provider offers: who answers for its tokens is asked for them, and they are kept for five minutes.

Measured on 0.169.0 (auth/models_*): where a command tells the token, or somebody is logged in with ChatGPT's, and no
file takes the catalog's place, a run asks twice at once. One question is for the run, which waits for its answer where
the models that were kept are too old; what cannot be used of it is logged, and asked once more when the model is looked
up. The other only sees to it that what is kept stays fresh, and a run does not wait for it. A command's models stand
beside the version's own; ChatGPT's in their place.

Each answer of the model may name the list by a tag (`x-models-etag`). The tag of the list that is kept has it kept for
another five minutes; any other one has the list asked for at once (auth/models_tag).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pycodex.credentials import prepare
from pycodex.records import replace
from pycodex.sampling import Failure
from pycodex.whole_file import replace_text

if TYPE_CHECKING:
    from pycodex.request import Request
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import OfferStyle

__all__ = ["heed", "kept_models", "refreshed", "with_offered"]

_FILE = "models_cache.json"
"""codex-cli's name; each passes over what the other has kept."""
_SECONDS = 300
"""How long what is kept is good (measured: 295 s are, 330 s are not)."""
_PATIENCE = 5
"""Seconds to wait for an answer (measured)."""

Row = dict[str, Any]
Log = Callable[[str, str], None]
"""Takes the target and the text of a line."""


class _Unusable(Exception):
    """There is no list; the message says why."""


def with_offered(settings: Settings, log: Log, *, named: bool, ask: bool = True) -> Settings:
    """The settings with the models of the provider, kept or asked for. `named`: somebody has named the model. `log` is
    given what a person should know of answers that cannot be used. Without `ask` only what is kept counts."""
    style = _asked(settings)
    if style is None:
        return settings
    kept = kept_models(settings)
    if kept is not None:
        return replace(_with_rows(settings, kept, named=named), offer_kept=True)
    if not ask:
        return settings
    rows = asyncio.run(_settled(settings, style, log, lookups=1 if named else 2))
    return settings if rows is None else _with_rows(settings, rows, named=named)


@asynccontextmanager
async def refreshed(settings: Settings) -> AsyncGenerator[None]:
    """Inside, the models that were kept earlier are asked for anew; who leaves does not wait for them."""
    style = _asked(settings) if settings.offer_kept else None
    asking = None if style is None else asyncio.create_task(_quietly(settings, style))
    try:
        yield
    finally:
        if asking is not None:
            asking.cancel()


async def heed(settings: Settings, tag: str, log: Log) -> None:
    """The provider has the list of this tag: keep the one that is kept, or ask for it. `log` as in `with_offered`."""
    style = _asked(settings)
    if style is None:
        return
    kept = _kept(settings)
    if kept is not None and kept.get("etag") == tag:
        _keep(settings, kept["models"], tag)
        return
    with _logged(style, log):
        await _fetched(settings, style)


def kept_models(settings: Settings) -> list[Row] | None:
    """What the provider offered in the last minutes, if it was asked."""
    kept = _kept(settings)
    return list(kept["models"]) if kept is not None and kept["age"] <= _SECONDS else None


def _kept(settings: Settings) -> dict[str, Any] | None:
    """What is kept for this provider and person, and its `age` in seconds."""
    try:
        kept: dict[str, Any] = json.loads((settings.config.codex_home / _FILE).read_text(encoding="utf-8"))
        mine = (kept["client_version"], kept["identity"]) == (settings.dialect.client.version, _identity(settings))
        age = (datetime.now(UTC) - datetime.fromisoformat(kept["fetched_at"])).total_seconds()
        return {**kept, "age": age} if mine and isinstance(kept["models"], list) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _keep(settings: Settings, rows: list[Row], tag: str | None) -> None:
    path = settings.config.codex_home / _FILE
    kept = {
        "fetched_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        "etag": tag,
        "client_version": settings.dialect.client.version,
        "identity": _identity(settings),
        "models": rows,
    }
    with contextlib.suppress(OSError):  # a full disk: the next run asks again
        replace_text(path, json.dumps(kept, indent=2, ensure_ascii=False))


def _identity(settings: Settings) -> str:
    """Whose models they are: those of another provider or account are not kept for this one."""
    account = settings.auth.account if settings.follows_login else None
    return sha256(f"pycodex\n{settings.config.provider.base_url}\n{account}".encode()).hexdigest()


def _asked(settings: Settings) -> OfferStyle | None:
    """How the provider is asked; None: it is not."""
    style, config = settings.dialect.models.offer, settings.config
    if style is None or config.model_catalog_json is not None or config.provider.wire_api != "responses":
        return None
    return style if config.provider.tokens is not None or _chatgpt(settings) else None


def _chatgpt(settings: Settings) -> bool:
    return settings.follows_login and settings.auth.chatgpt


def _with_rows(settings: Settings, rows: list[Row], *, named: bool) -> Settings:
    data, slug = settings.data.offering(rows, alone=_chatgpt(settings)), settings.model.slug
    if not named:
        from pycodex.catalog import default_model

        slug = default_model(list(data.models.values()))
    model, listed = data.model(slug, settings.dialect.models.fallback)
    return replace(settings, data=data, model=model, model_listed=listed)


async def _settled(settings: Settings, style: OfferStyle, log: Log, *, lookups: int) -> list[Row] | None:
    """The list, asked for by who keeps it and by who needs it; those who look up a model ask again where it failed."""
    for line in await prepare(settings):
        log(line.target, line.message)
    keeping = asyncio.create_task(_quietly(settings, style))
    try:
        for _ in range(1 + lookups):
            with _logged(style, log):
                return await _fetched(settings, style)
        return None
    finally:
        keeping.cancel()


@contextlib.contextmanager
def _logged(style: OfferStyle, log: Log) -> Iterator[None]:
    try:
        yield
    except _Unusable as error:
        target, text = style.log
        log(target, text.format(problem=error))


async def _quietly(settings: Settings, style: OfferStyle) -> None:
    await prepare(settings)
    with contextlib.suppress(_Unusable):
        await _fetched(settings, style, early=settings.offer_kept)


async def _fetched(settings: Settings, style: OfferStyle, *, early: bool = False) -> list[Row]:
    """The provider's list, which is kept. Raises _Unusable."""
    from pycodex.model import ResponsesModelClient

    client = ResponsesModelClient(settings)
    try:
        async with asyncio.timeout(_PATIENCE):
            answer = await client.fetch(_request(settings, style, early=early))
    except TimeoutError:
        raise _Unusable(style.timeout) from None
    finally:
        await client.aclose()
    if isinstance(answer, Failure):
        if answer.kind in ("send", "unreachable"):
            answer = replace(answer, detail=style.unsent)
        raise _unusable(answer, settings)
    rows = _read(answer.body, settings, style)
    _keep(settings, rows, dict(reversed(answer.headers)).get("etag"))
    return rows


def _unusable(failure: Failure, settings: Settings) -> _Unusable:
    from pycodex.retries import rule_for

    return _Unusable(rule_for(failure, settings.dialect.retry).text(failure))


def _request(settings: Settings, style: OfferStyle, *, early: bool) -> Request:
    """`early`: asked before the program has said which it is, as happens to those who keep the list (in 14 of 14
    recordings of auth/models_login; where a run asks beside them, in some)."""
    from pycodex.request import Request, build_head, credential

    provider = settings.config.provider
    values = {
        "token": credential(settings),
        "account": settings.auth.account or None if settings.follows_login else None,
        "builtin_version": settings.dialect.client.version if provider.id == "openai" else None,
        "originator": settings.originator,
        "user_agent": settings.user_agent.rpartition(" (")[0] if early else settings.user_agent,
    }
    url = provider.url("models")
    return Request(
        url=f"{url}{'&' if '?' in url else '?'}client_version={settings.dialect.client.version}",
        head=tuple(build_head(style.headers, values, provider, settings.environment)),
        body=b"",
        method="GET",
    )


def _read(data: bytes, settings: Settings, style: OfferStyle) -> list[Row]:
    from pycodex.arguments import ArgumentsError, parse_value

    try:
        found = parse_value(data.decode(errors="replace"), settings.dialect.models.catalog, settings.dialect.arguments)
    except ArgumentsError as error:
        message, _, place = str(error).rpartition(" at ")
        problem = style.unreadable.format(kind=_kind(message), place=place, bytes=len(data))
        raise _unusable(Failure(kind="closed", detail=problem), settings) from None
    rows: list[Row] = found["models"]
    return rows


_SYNTAX = ("expected value", "expected ident", "expected `", "trailing ", "invalid number", "number out of range")
_SYNTAX_OF_STRINGS = ("invalid escape", "control character", "lone leading", "unexpected end of hex", "key must be")


def _kind(message: str) -> str:
    """serde_json's word for what is wrong."""
    if message.startswith("EOF while parsing"):
        return "Eof"
    return "Syntax" if message.startswith(_SYNTAX + _SYNTAX_OF_STRINGS) else "Data"
