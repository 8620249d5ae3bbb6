"""From a turn to the request: head in wire order, body in key order. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import TYPE_CHECKING, Any

from pycodex.header_values import valid_name, valid_value
from pycodex.metadata import pick, pick_texts, request_values
from pycodex.protocol import Item
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.config import Provider
    from pycodex.context import ContextManager, Turn
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Header

__all__ = [
    "MissingKey",
    "Request",
    "access_programs",
    "build_body",
    "build_head",
    "build_request",
    "compact",
    "credential",
    "fill",
    "turn_values",
]


class MissingKey(Exception):
    """The provider's key is not in the environment; the message is what a person reads."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What goes on the wire. `host` and `content-length` are place holders that the transport fills."""

    url: str
    head: tuple[tuple[str, str], ...]
    body: bytes
    method: str = "POST"


def compact(value: Any) -> str:
    """JSON without spaces, characters unescaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def credential(settings: Settings) -> str | None:
    """The bearer token, None without one. Raises MissingKey when `env_key` names a variable that is unset or empty."""
    provider = settings.config.provider
    if provider.tokens is not None:
        return provider.tokens.token
    if provider.env_key is None:
        return settings.auth.token if settings.follows_login else provider.bearer_token
    value = settings.environment.get(provider.env_key, "")
    if value.strip():
        return value
    text = f"Missing environment variable: `{provider.env_key}`."
    if provider.env_key_instructions:
        text += f" {provider.env_key_instructions}"
    raise MissingKey(text)


def build_head(
    headers: Sequence[Header], values: Mapping[str, Any], provider: Provider, env: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The provider's headers, then ours; one of a name that is there already replaces it in place, or yields."""
    given = dict(provider.http_headers)
    for name, variable in provider.env_http_headers.items():
        if env.get(variable, "").strip():
            given[name] = env[variable]
    head = {name.lower(): value for name, value in given.items() if valid_name(name) and valid_value(value)}
    for header in headers:
        value = fill(header.value, values)
        if value is None or not valid_value(value) or (header.provider_wins and header.name in head):
            continue
        head[header.name] = value
    return list(head.items())


def fill(template: str, values: Mapping[str, Any]) -> str | None:
    """The value of a header; None where it mentions what there is none of."""
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    if any(values.get(name) is None for name in names):
        return None
    return template.format_map(values)


def build_body(
    context: ContextManager, values_of_turn: dict[str, Any], tools: Sequence[Item], items: Sequence[Item]
) -> dict[str, Any]:
    """The body as an object, keys in wire order."""
    settings = context.settings
    style = settings.dialect.body
    opens_with_tools = style.opens_with_tools(settings)
    told = (values_of_turn["compaction"] or {}).get("implementation") == "responses"  # to sum up, without tools
    values: dict[str, Any] = {
        "model": settings.model.slug,
        "instructions": context.instructions(),
        "input": list(items),
        "tools": None if opens_with_tools else list(tools),
        "tool_choice": "auto",
        "parallel_tool_calls": style.parallel_calls(settings) and not told,
        "reasoning": style.reasoning(settings),
        "store": False,
        "stream": True,
        "include": style.include(settings),
        "service_tier": settings.sent_tier,
        "prompt_cache_key": context.thread.cache_key or context.thread.session_id or context.thread.id,
        "text": style.text(settings),
        "access_programs": access_programs(settings),
        "client_metadata": pick_texts(style.client_metadata, values_of_turn),
    }
    return {key: values[key] for key in style.keys if values[key] is not None or key in style.nullable}


def turn_values(context: ContextManager, turn: Turn | None) -> dict[str, Any]:
    """The values of a request (see `request_values`), with those of its provider. Raises MissingKey."""
    settings = context.settings
    dialect, provider = settings.dialect, settings.config.provider
    values = request_values(context, turn)
    values["token"] = credential(settings)
    values["account"] = settings.auth.account or None if settings.follows_login else None
    built_in = provider.id == "openai"
    values["builtin_version"] = dialect.client.version if built_in else None
    values["mcp_attribution"] = compact({"status": "none"}) if built_in else None
    values["turn_metadata"] = compact(pick(dialect.metadata.keys, values))
    values["placeholder"] = ""
    return values


def access_programs(settings: Settings) -> dict[str, str] | None:
    """--cyber-access-program; only the built-in provider is asked (measured on the binary)."""
    if settings.access_program is None or settings.config.provider.id != "openai":
        return None
    return {"cyber": settings.access_program}


def build_request(context: ContextManager, turn: Turn, tools: Sequence[Item], items: Sequence[Item]) -> Request:
    """The request of a turn. Raises MissingKey."""
    settings = context.settings
    dialect, provider = settings.dialect, settings.config.provider
    values = turn_values(context, turn)
    at_home = settings.follows_login and provider.is_openai and settings.auth.chatgpt  # captured: request/compressed
    if at_home:
        values["routing"], values["credits"] = f"model={settings.model.slug}", "true"
    body = compact(build_body(context, values, tools, items)).encode()
    if at_home:
        from pycodex.squeezing import FEATURE, squeezer

        if FEATURE in settings.features and (squeeze := squeezer()) is not None:
            values["encoding"], body = "zstd", squeeze(body)
    return Request(
        url=provider.url("responses"),
        head=tuple(build_head(dialect.head.headers, values, provider, settings.environment)),
        body=body,
    )
