"""Ways to reach a provider; `base.Transport` is the seam, http is the one that is used."""

from pycodex.transports.base import Response, Transport, TransportError, TransportErrorKind, TransportStyle
from pycodex.transports.http import HttpTransport

__all__ = ["HttpTransport", "Response", "Transport", "TransportError", "TransportErrorKind", "TransportStyle"]
