"""Which model a backend has, where nobody names one."""

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

__all__ = ["first_model"]


async def first_model(settings: Settings) -> str:
    """The first model of the endpoint's own list. Raises ConfigError."""
    provider = settings.config.provider
    transport = HttpTransport(settings.dialect.transport, settings.environment)
    layer = Layer(Backend(url=provider.base_url or "", key=provider.bearer_token), transport)
    try:
        found = (await layer.models()).get("data")
    except (LayerError, TransportError) as error:
        text = f"Error: {provider.base_url}/models cannot be read: {error.message}"
        raise ConfigError(f"{text}\nIs the server running? With `-m MODEL` its list is not asked for.") from None
    finally:
        await transport.aclose()
    for model in found if isinstance(found, list) else ():
        if isinstance(model, dict) and isinstance(model.get("id"), str) and model["id"]:
            name: str = model["id"]
            return name
    raise ConfigError(f"Error: {provider.base_url}/models names no model; name one with `-m MODEL`.")
