"""What `codex login` keeps in $CODEX_HOME/auth.json: an API key, or ChatGPT's tokens (captured: request/auth_file)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.config_layers import ConfigError
from pycodex.records import dataclass, replace

if TYPE_CHECKING:
    from pycodex.arguments import Struct
    from pycodex.config import Config
    from pycodex.json_cursor import ArgumentStyle
    from pycodex.provider import Provider
    from pycodex.upstream.dialect import AuthStyle

__all__ = ["AUTH_FILE_STORES", "Auth", "parse_auth", "provider_for", "read_auth"]

AUTH_FILE_STORES = ("file", "auto")
"""Values of `cli_auth_credentials_store` with which the file is read."""
_ENVIRONMENT = "CODEX_API_KEY"


@dataclass(frozen=True, kw_only=True)
class Auth:
    """Who the user is to OpenAI: a bearer token; and, of ChatGPT's, the account that it speaks for and what it is
    refreshed with."""

    token: str | None = None
    account: str | None = None
    refresh: str | None = None
    user: str | None = None
    """Who that account's user is, by the claims of the id token."""
    refused: str | None = None
    """What a person was told when the token server refused `refresh` for good."""

    @property
    def chatgpt(self) -> bool:
        """Whether they are ChatGPT's tokens."""
        return self.account is not None


def provider_for(config: Config, auth: Auth) -> Provider:
    """OpenAI's own provider is elsewhere for ChatGPT's tokens, unless the configuration says where it is."""
    placed = config.raw.get("openai_base_url") or config.environment.get("OPENAI_BASE_URL")
    return config.provider if placed or not auth.chatgpt else replace(config.provider, base_url=_CHATGPT)


_CHATGPT = "https://chatgpt.com/backend-api/codex"


def read_auth(config: Config, style: AuthStyle, arguments: ArgumentStyle) -> Auth:
    """CODEX_API_KEY, else the file, where `cli_auth_credentials_store` lets it be read.

    A file that cannot be used raises ConfigError where it stops the version, and else says nothing.
    """
    if key := config.environment.get(_ENVIRONMENT):
        return Auth(token=key)
    if config.raw.get("cli_auth_credentials_store", "file") not in AUTH_FILE_STORES:
        return Auth()
    try:
        text = (config.codex_home / "auth.json").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return Auth()
    from pycodex.json_cursor import ArgumentsError

    try:
        found = parse_auth(text, style, arguments)
    except ArgumentsError as error:
        if style.broken_file_stops:
            raise ConfigError(str(error)) from None
        return Auth()
    return _auth(found)


def parse_auth(text: str, style: AuthStyle, arguments: ArgumentStyle) -> Mapping[str, Any]:
    """What the file says. Raises ArgumentsError with serde_json's words."""
    from pycodex.arguments import parse_arguments

    return parse_arguments(text, _struct(style.modes), arguments)


def _auth(found: Mapping[str, Any]) -> Auth:
    tokens = found["tokens"]
    if found["OPENAI_API_KEY"] is not None and found["auth_mode"] in (None, "apikey"):
        return Auth(token=found["OPENAI_API_KEY"])
    if tokens is None:
        return Auth()
    return Auth(
        token=tokens["access_token"],
        account=tokens["account_id"] or "",
        refresh=tokens["refresh_token"],
        user=_user(tokens["id_token"]),
    )


def _user(token: Any) -> str | None:
    """The claim of a JSON web token that names the user; the signature is the provider's business."""
    import base64
    import json

    try:
        claims = str(token).split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["https://api.openai.com/auth"]
        found = said.get("chatgpt_user_id") or said.get("user_id")
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return found if isinstance(found, str) else None


def _struct(modes: tuple[str, ...]) -> Struct:
    from pycodex.arguments import STRING, VALUE, Enum, Field, Struct

    tokens = Struct(
        name="TokenData",
        fields=(
            Field("id_token", VALUE, required=True),
            Field("access_token", STRING, required=True),
            Field("refresh_token", STRING, required=True),
            Field("account_id", STRING, optional=True),
        ),
    )
    return Struct(
        name="AuthDotJson",
        fields=(
            Field("auth_mode", Enum(name="AuthMode", variants=modes), optional=True),
            Field("OPENAI_API_KEY", STRING, optional=True),
            Field("tokens", tokens, optional=True),
            Field("last_refresh", VALUE, optional=True),
        ),
    )
