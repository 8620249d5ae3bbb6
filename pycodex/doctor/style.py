"""The words of codex-cli's own doctor; which they are is a matter of the Dialect (pycodex/upstream/doctors.py)."""

from __future__ import annotations

from collections.abc import Mapping

from pycodex.records import dataclass

__all__ = ["DoctorStyle"]

Details = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class DoctorStyle:
    """Who asks, and what is said; pairs are details in the order in which people see them."""

    originator: str
    user_agent: str
    """As ClientStyle.user_agent."""
    title: str
    config_loaded: str
    config_failed: str
    config_remedy: str
    error_placed: str
    """What is said of an error that has a place in a file, which is told beside it."""
    error_missing: str
    error_options: str
    error_other: str
    no_network: tuple[str, str]
    config_scope: Details
    warning_kinds: Details
    """The name of a count, and the word that a warning of that kind has in it."""
    auth_variables: tuple[str, ...]
    auth_none: str
    auth_none_remedy: str
    auth_environment: str
    auth_stored: str
    auth_many: str
    auth_incomplete: str
    auth_incomplete_remedy: str
    auth_partly: str
    auth_unreadable: str
    auth_unreadable_remedy: str
    auth_unreadable_detail: str
    auth_wrong_data: str
    """May use {place}."""
    auth_provider: str
    auth_provider_missing: str
    auth_provider_remedy: str
    """May use {variable}."""
    auth_not_required: str
    network_readable: str
    ca_unreadable: str
    ca_no_file: str
    ca_no_path: str
    system_proxy: tuple[str, str]
    """A detail, and the feature that it tells of."""
    managed_proxy: tuple[str, str]
    network_remedy: str
    reachable: str
    reachable_warned: str
    unreachable: str
    nothing_to_reach: str
    route_gone: str
    route_expected: str
    route_remedy: str
    route_lost: str
    route_lost_expected: str
    errors: Mapping[str, str]
    """Kind of a TransportError -> words."""
    error: str
    """Of any other kind."""
    websocket_off: str
    websocket_open: str
    websocket_closed: str
    websocket_failed: str
    websocket_late: str
    websocket_no_provider: str
    websocket_no_url: str
    websocket_no_base: str
    websocket_remedy: str
    websocket_upgraded: str
    websocket_headers: tuple[str, ...]
    """Those of an upgrade that say who asks, and not for which thread."""
    unknown_host: str
