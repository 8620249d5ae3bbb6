"""What `doctor` says and asks, as measured on codex-cli 0.169.0, the first version here that has one.

A function gives it, so that its words cost nothing where nobody asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.doctor.style import DoctorStyle

__all__ = ["codex_doctor"]


def codex_doctor() -> DoctorStyle:
    """The words of codex-cli's doctor (captured: doctor/*)."""
    from pycodex.doctor.style import DoctorStyle

    return DoctorStyle(
        originator="codex_cli_rs",
        user_agent="{originator}/{version} ({os}; {arch}) {terminal}",
        title="Codex Doctor",
        config_loaded="config loaded",
        config_failed="config could not be loaded",
        config_remedy="Fix the reported config error, then rerun codex doctor.",
        error_placed="invalid configuration",
        error_missing="entity not found",
        error_options="configuration load failed",
        error_other="invalid data",
        no_network=("network diagnostics", "effective network configuration is unavailable"),
        config_scope=(
            ("configuration scope", "invocation config, including cloud-managed policy"),
            ("active thread overrides", "not inspected"),
            ("configured TUI mode", "fullscreen"),
        ),
        warning_kinds=(
            ("startup warning skills", "skill"),
            ("startup warning hooks", "hook"),
            ("startup warning plugins", "plugin"),
            ("startup warning MCP", "mcp"),
            ("startup warning deprecated", "deprecated"),
        ),
        auth_variables=("OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN"),
        auth_none="no Codex credentials were found",
        auth_none_remedy="Run codex login or provide an API key through a supported auth env var.",
        auth_environment="auth is provided by environment",
        auth_stored="auth is configured",
        auth_many="auth is configured, but multiple auth env vars are present",
        auth_incomplete="stored credentials are incomplete",
        auth_incomplete_remedy="Run codex login again or provide a supported auth env var.",
        auth_partly="auth is provided by environment, but stored credentials are incomplete",
        auth_unreadable="stored credentials could not be read",
        auth_unreadable_remedy="Fix auth storage access or run codex login again.",
        auth_unreadable_detail="failed to deserialize CLI auth from file",
        auth_wrong_data="invalid credential JSON (Data at {place})",
        auth_provider="auth is provided by the active model provider",
        auth_provider_missing="active model provider auth env var is missing",
        auth_provider_remedy="Set {variable} for the active model provider.",
        auth_not_required="OpenAI auth is not required for the active model provider",
        network_readable="network-related environment looks readable",
        ca_unreadable="custom CA env var points at an unreadable file",
        ca_no_file="custom CA env var does not point at a file",
        ca_no_path="custom CA env var points at an unreadable path",
        system_proxy=("respect system proxy", "respect_system_proxy"),
        managed_proxy=("managed proxy", "not configured"),
        network_remedy="Check proxy, VPN, firewall, DNS, and custom CA configuration.",
        reachable="active provider endpoints are reachable over HTTP",
        reachable_warned="provider endpoint checks returned warnings",
        unreachable="one or more required provider endpoints are unreachable over HTTP",
        nothing_to_reach="active provider has no HTTP endpoint to probe",
        route_gone="provider base URL route returned 404 - verify the configured API prefix",
        route_expected="GET /models returns 2xx, 401, or 403",
        route_remedy="Set base_url to the provider API root, for example https://api.openai.com/v1",
        route_lost="provider route probe could not connect - verify network access to the provider API",
        route_lost_expected="GET /models completes",
        errors={
            "connect": "connect failed",
            "tls": "TLS handshake or certificate validation failed",
            "timeout": "request timed out",
        },
        error="request failed",
        websocket_off="Responses WebSocket is not enabled for the active provider",
        websocket_open="Responses WebSocket handshake succeeded",
        websocket_closed="Responses WebSocket closed immediately after handshake",
        websocket_failed="Responses WebSocket failed; HTTPS fallback may still work",
        websocket_late="Responses WebSocket timed out; HTTPS fallback may still work",
        websocket_no_provider="Responses WebSocket provider setup failed",
        websocket_no_url="Responses WebSocket endpoint could not be built",
        websocket_no_base="relative URL without a base",
        websocket_remedy="Check proxy, VPN, firewall, DNS, custom CA, and WebSocket policy support.",
        websocket_upgraded="HTTP 101 Switching Protocols",
        websocket_headers=("version", "openai-beta", "originator", "user-agent", "authorization", "chatgpt-account-id"),
        unknown_host="lookup failed (failed to lookup address information: Name does not resolve)",
    )
