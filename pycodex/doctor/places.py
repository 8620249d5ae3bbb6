"""Where the user has said what a remedy tells them to change, and what the provider's wire calls things. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.provider import ENDPOINT_KEY
from pycodex.responses_server.backend import Backend

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["answers_route", "key_place", "place_of_base_url", "speaks_chat", "url_of"]


def speaks_chat(settings: Settings) -> bool:
    """Whether the provider is a chat/completions backend (`--vllm-endpoint`)."""
    return settings.config.provider.wire_api == "chat"


def answers_route(settings: Settings) -> str:
    """What is added to the base URL to ask the model."""
    return "chat/completions" if speaks_chat(settings) else "responses"


def url_of(settings: Settings, route: str) -> str:
    """Where a route of the provider is."""
    provider = settings.config.provider
    if speaks_chat(settings):
        return Backend(url=provider.base_url or "").path(route)
    return provider.url(route)


def place_of_base_url(settings: Settings) -> str:
    """What says where the provider is."""
    provider = settings.config.provider
    if speaks_chat(settings):
        return "--vllm-endpoint"
    return "openai_base_url" if provider.id == "openai" else f"`base_url` of [model_providers.{provider.id}]"


def key_place(settings: Settings) -> str:
    """What holds a key that the provider's own settings name."""
    provider = settings.config.provider
    if speaks_chat(settings):
        return f"the variable {ENDPOINT_KEY}"
    if provider.env_key is not None:
        return f"the variable {provider.env_key}"
    return f"experimental_bearer_token of [model_providers.{provider.id}]"
