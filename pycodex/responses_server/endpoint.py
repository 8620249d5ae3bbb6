"""Which models a backend has, and which of them answers where nobody names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.config import ConfigError
from pycodex.responses_server.backend import Backend
from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.layer import Layer
from pycodex.transports.base import TransportError
from pycodex.transports.http import HttpTransport

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["first_model", "listed_models"]


async def listed_models(settings: Settings) -> list[str]:
    """The endpoint's own list, in its order. Raises LayerError, TransportError."""
    provider = settings.config.provider
    transport = HttpTransport(settings.dialect.transport, settings.environment)
    layer = Layer(Backend(url=provider.base_url or "", key=provider.bearer_token), transport)
    try:
        found = (await layer.models()).get("data")
    finally:
        await transport.aclose()
    named = (model.get("id") for model in (found if isinstance(found, list) else ()) if isinstance(model, dict))
    return [name for name in named if isinstance(name, str) and name]


async def first_model(settings: Settings) -> str:
    """The first model of that list. Raises ConfigError."""
    url = settings.config.provider.base_url
    try:
        models = await listed_models(settings)
    except (LayerError, TransportError) as error:
        text = f"Error: {url}/models cannot be read: {error.message}"
        raise ConfigError(f"{text}\nIs the server running? With `-m MODEL` its list is not asked for.") from None
    if not models:
        raise ConfigError(f"Error: {url}/models names no model; name one with `-m MODEL`.")
    return models[0]
