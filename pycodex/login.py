"""Tokens that the provider refuses while a run goes on: ChatGPT's are read anew, refreshed and kept, a command is run
again.

Measured (faults/token_refresh, faults/token_refused, faults/token_changed): the first 401 has auth.json read anew, the
second the tokens refreshed, and each is followed at once by the same request; the third is a failure as any, and the
retry of the stream has all of it again. A refresh that is refused for good is final, one that fails otherwise breaks
the stream. A command is run again after the first 401 of a try (auth/command). 0.169.0 does not show the token server
a token again that it refused for good (auth/websocket_login).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pycodex.auth import read_auth
from pycodex.metadata import told_names
from pycodex.records import dataclass, field, replace
from pycodex.request import compact, fill
from pycodex.sampling import Failure, Logged
from pycodex.upstream.logins import OTHER_ACCOUNT, REFUSALS, REFUSED
from pycodex.whole_file import replace_text

if TYPE_CHECKING:
    from pycodex.settings import Settings
    from pycodex.token_command import CommandTokens
    from pycodex.transports.base import Transport

__all__ = ["Recovered", "Recovery"]

_OVERRIDE = "CODEX_REFRESH_TOKEN_URL_OVERRIDE"
_URL = "https://auth.openai.com/oauth/token"
_CLIENT = "app_EMoamEEZ73f0CkXaXp7hrann"
"""codex-cli's own name at the token server (captured)."""


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """Whether the request may be sent again; else the failure that stands in place of the 401."""

    failure: Failure | None = None
    logged: tuple[Logged, ...] = ()


@dataclass(kw_only=True)
class Recovery:
    """What is left to do about tokens that are refused, for one stream."""

    settings: Settings
    _steps: int = field(default=0, init=False)

    async def after(self, failure: Failure, transport: Transport) -> Recovered | None:
        """Do the next thing about it; None where nothing is to be done."""
        if failure.kind == "status" and failure.status == 401 and self.settings.config.provider.tokens is not None:
            return await self._run_again(self.settings.config.provider.tokens)
        auth = self.settings.auth if self.settings.follows_login else None
        if failure.kind != "status" or failure.status != 401 or auth is None or not auth.chatgpt:
            return None
        self._steps += 1
        if self._steps == 1:
            return self._read_anew()
        return await self._refresh(transport) if self._steps == 2 else None

    async def _run_again(self, tokens: CommandTokens) -> Recovered | None:
        from pycodex.token_command import TokenError

        self._steps += 1
        if self._steps > 1:
            return None
        try:
            await tokens.renew(self.settings.environment)
        except TokenError as error:
            return _broken(str(error))
        return Recovered()

    def _read_anew(self) -> Recovered:
        """Somebody else may have refreshed them meanwhile."""
        if _use_what_is_kept(self.settings):
            return Recovered()
        return Recovered(failure=Failure(kind="login", detail=OTHER_ACCOUNT))

    async def _refresh(self, transport: Transport) -> Recovered:
        from pycodex.transports.base import TransportError

        settings, style = self.settings, self.settings.dialect.auth.refresh
        if settings.auth.refused is not None:
            return Recovered(failure=Failure(kind="login", detail=settings.auth.refused))
        names = told_names(settings)
        head = [(header.name, value) for header in style.headers if (value := fill(header.value, names)) is not None]
        asked = {
            "client_id": _CLIENT,
            "grant_type": "refresh_token",
            "refresh_reason": style.reason,
            "refresh_token": settings.auth.refresh,
        }
        body = compact({key: value for key, value in asked.items() if value is not None}).encode()
        url = settings.environment.get(_OVERRIDE) or _URL
        try:
            async with transport.stream(url, head, body) as response:
                status = response.status
                data = b"".join([chunk async for chunk in response.chunks])
        except TransportError as error:
            return _broken(error.message)
        if not 200 <= status < 300:
            return self._refused(status, data.decode(errors="replace"))
        try:
            _keep(settings, json.loads(data))
        except (ValueError, KeyError, TypeError):
            return _broken(style.unreadable)
        _use_what_is_kept(settings)
        return Recovered()

    def _refused(self, status: int, body: str) -> Recovered:
        from pycodex.upstream.failures import status_words

        style = self.settings.dialect.auth.refresh
        values = {"status": status_words(status), "body": body}
        target, text = style.log
        logged = (Logged(target=target, message=text.format_map(values)),)
        code = _code(body)
        if any(of in (None, status) and named in (None, code) for of, named in style.final):
            told = REFUSALS.get(code, REFUSED)
            if style.remembered:
                vars(self.settings)["auth"] = replace(self.settings.auth, refused=told)
            return Recovered(failure=Failure(kind="login", detail=told), logged=logged)
        return Recovered(failure=_broken(style.failed.format_map(values)).failure, logged=logged)


def _broken(text: str) -> Recovered:
    return Recovered(failure=Failure(kind="refresh", detail=text))


def _code(body: str) -> str:
    """The code of an error, wherever it stands in the answer."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    found = found if isinstance(found, dict) else {}
    error = found.get("error", found.get("code"))
    code = error.get("code") if isinstance(error, dict) else error
    return code.lower() if isinstance(code, str) else ""


def _use_what_is_kept(settings: Settings) -> bool:
    """From now on the requests of these settings have what auth.json says, where it speaks of the same account."""
    found = read_auth(settings.config, settings.dialect.auth, settings.dialect.arguments)
    same = found.account == settings.auth.account
    if same:
        refused = settings.auth.refused if found.refresh == settings.auth.refresh else None
        vars(settings)["auth"] = replace(found, refused=refused)
    return same


def _keep(settings: Settings, answer: dict[str, Any]) -> None:
    """auth.json with new tokens, as codex-cli writes it. Raises KeyError and TypeError where the answer has none."""
    path = settings.config.codex_home / "auth.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    token = answer["access_token"]
    if not isinstance(token, str):
        raise TypeError(token)
    new = {key: answer[key] for key in ("id_token", "refresh_token") if isinstance(answer.get(key), str)}
    tokens = {**kept["tokens"], **new, "access_token": token}
    written = {
        **({"auth_mode": kept["auth_mode"]} if kept.get("auth_mode") else {}),
        "OPENAI_API_KEY": kept.get("OPENAI_API_KEY"),
        "tokens": {key: tokens.get(key) for key in ("id_token", "access_token", "refresh_token", "account_id")},
        "last_refresh": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z",
    }
    for name in settings.dialect.auth.refresh.locks:
        path.with_name(name).touch(mode=0o600)
    replace_text(path, json.dumps(written, indent=2, ensure_ascii=False), private=True)
