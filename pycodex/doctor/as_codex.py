"""The checks that codex-cli's own doctor makes without the network, as it makes them (captured: doctor/*)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.auth import AUTH_FILE_STORES, parse_auth
from pycodex.doctor.report import Check, Verdict
from pycodex.features import setting
from pycodex.json_cursor import ArgumentsError

if TYPE_CHECKING:
    from pycodex.doctor.style import DoctorStyle
    from pycodex.doctor.subject import Subject

__all__ = ["auth_credentials", "config_load", "network_env", "proxy_variables", "stored_login"]

_PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_PLACE = re.compile(r"line \d+ column \d+$")
_DATA = ("invalid type", "invalid value", "invalid length", "missing field", "unknown variant")
_CA_NAMES = ("CODEX_CA_CERTIFICATE", "SSL_CERT_FILE")

Details = list[tuple[str, str]]


def config_load(subject: Subject, *, alone: bool) -> Check:
    """The configuration. `alone`: nothing of the network can be looked at without it, and that is said."""
    style = subject.style
    if subject.broken is not None:
        return _config_failed(subject, alone=alone)
    settings = subject.loaded
    config = settings.config
    path = config.codex_home / "config.toml"
    details: Details = [
        ("CODEX_HOME", str(config.codex_home)),
        ("cwd", str(settings.cwd)),
        ("model", subject.model or "<default>"),
        ("model provider", config.provider.id),
        ("log dir", str(config.raw.get("log_dir") or config.codex_home / "log")),
        ("sqlite home", str(config.raw.get("sqlite_home") or config.codex_home)),
        ("mcp servers", str(len(config.mcp_servers))),
        *_features(subject),
        ("config.toml", str(path)),
        ("config.toml parse", "ok") if path.exists() else ("config.toml", "missing"),
        *style.config_scope,
    ]
    warnings = config.warnings
    if warnings:
        details.append(("startup warnings", str(len(warnings))))
        for name, word in style.warning_kinds:
            details.append((name, str(sum(word in warning.lower() for warning in warnings))))
        details += [("startup warning", warning) for warning in warnings]
    details.append(("configuration load ms", str(subject.milliseconds)))
    return Check(
        id="config.load",
        category="config",
        status="warning" if warnings else "ok",
        summary=style.config_loaded,
        details=tuple(details),
    )


def _config_failed(subject: Subject, *, alone: bool) -> Check:
    style, broken = subject.style, subject.broken
    assert broken is not None
    words = {"placed": style.error_placed, "missing": style.error_missing, "options": style.error_options}
    details: Details = [("error", words.get(broken.kind, style.error_other))]
    if broken.kind == "placed":
        details += [("file", str(broken.file)), ("line", str(broken.line)), ("column", str(broken.column))]
    if alone:
        details.append(style.no_network)
    return Check(
        id="config.load",
        category="config",
        status="fail",
        summary=style.config_failed,
        details=tuple(details),
        remedy=style.config_remedy,
    )


def _features(subject: Subject) -> Details:
    settings = subject.loaded
    style, rows, flags = settings.dialect.config.features, settings.data.features, settings.flags
    order = settings.data.feature_order
    on = [name for name in order if name in flags]
    changed = [f"{name}={str(name in flags).lower()}" for name in order if (name in flags) != rows[name]["default"]]
    older = {
        (style.sorts_as if name in style.own_names else "{name}").format(name=name): feature
        for table in settings.config.feature_tables
        for name in table
        if (feature := style.keys.get(name) or style.feature(name)) in rows
        and (feature != name or name in style.own_names)
        and setting(table[name]) is not None
    }
    return [
        ("feature flags enabled", str(len(on))),
        ("enabled feature flags", ", ".join(on) or "none"),
        ("feature flag overrides", ", ".join(changed) or "none"),
        *(("legacy feature flag", f"{name} -> {feature}") for name, feature in sorted(older.items())),
    ]


def network_env(subject: Subject) -> Check:
    """The variables for proxies, which are named and not shown, and for CA files."""
    style = subject.style
    status: Verdict = "ok"
    summary = style.network_readable
    details: Details = [proxy_variables(subject)]
    if subject.broken is None:
        name, feature = style.system_proxy
        details.append((name, "enabled" if feature in subject.loaded.flags else "disabled"))
        details.append(style.managed_proxy)
    for name in _CA_NAMES:
        value = subject.environment.get(name)
        if value is None:
            continue
        problem, detail = _ca_file(value)
        if problem:
            status, summary = "warning", getattr(style, problem)
        details.append((name, detail))
    return Check(id="network.env", category="network", status=status, summary=summary, details=tuple(details))


def _ca_file(path: str) -> tuple[str, str]:
    """What is wrong with it (a field of the style), and what is told."""
    try:
        os.stat(path)
        if not os.path.isfile(path):
            return "ca_no_file", f"not a file {path}"
    except OSError as error:
        return "ca_no_path", f"{path} ({error.strerror} (os error {error.errno}))"
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        return "ca_unreadable", f"{path} ({error.strerror} (os error {error.errno}))"
    return "", f"readable file {path}"


def proxy_variables(subject: Subject) -> tuple[str, str]:
    """The names of those that are set, as a detail."""
    names = (*_PROXY_NAMES, *(name.lower() for name in _PROXY_NAMES))
    found = [name for name in names if subject.environment.get(name)]
    return ("proxy env vars present", ", ".join(found)) if found else ("proxy env vars", "none")


def auth_credentials(subject: Subject) -> Check:
    """Where a key may come from (measured on the binary: every branch)."""
    style, settings = subject.style, subject.loaded
    provider, home = settings.config.provider, settings.config.codex_home
    store = str(settings.config.raw.get("cli_auth_credentials_store", "file"))
    details: Details = [("auth storage mode", store.capitalize()), ("auth file", str(home / "auth.json"))]
    variables = [name for name in style.auth_variables if subject.environment.get(name)]
    if variables:
        details.append(("auth env vars present", ", ".join(variables)))

    def check(status: Verdict, summary: str, remedy: str | None = None) -> Check:
        kind = "auth.credentials"
        return Check(id=kind, category="auth", status=status, summary=summary, details=tuple(details), remedy=remedy)

    if not provider.requires_openai_auth:
        details.append(("model provider requires OpenAI auth", "false"))
        if provider.env_key is None:
            return check("ok", style.auth_not_required)
        there = bool(subject.environment.get(provider.env_key))
        details.append(("provider auth env var", f"{provider.env_key} ({'present' if there else 'missing'})"))
        if there:
            return check("ok", style.auth_provider)
        remedy = style.auth_provider_remedy.format(variable=provider.env_key)
        return check("fail", style.auth_provider_missing, provider.env_key_instructions or remedy)
    try:
        stored = _read_auth(subject)
    except (OSError, UnicodeDecodeError, ArgumentsError) as error:
        details[:] = [(style.auth_unreadable_detail, _unreadable(style, str(error)))]
        return check("fail", style.auth_unreadable, style.auth_unreadable_remedy)
    if stored is None:
        if variables:
            return check("ok", style.auth_environment)
        return check("fail", style.auth_none, style.auth_none_remedy)
    problems = _stored(stored, details, variables)
    details += [("stored auth issue", problem) for problem in problems]
    if problems:
        if not variables:
            return check("fail", style.auth_incomplete, style.auth_incomplete_remedy)
        return check("warning", style.auth_partly)
    return check("warning", style.auth_many) if len(variables) > 1 else check("ok", style.auth_stored)


def _read_auth(subject: Subject) -> Mapping[str, Any] | None:
    """What auth.json says; None without one, or where none is kept. Raises OSError, UnicodeDecodeError,
    ArgumentsError."""
    settings = subject.loaded
    if settings.config.raw.get("cli_auth_credentials_store", "file") not in AUTH_FILE_STORES:
        return None
    try:
        text = (settings.config.codex_home / "auth.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    parse_auth(text, settings.dialect.auth, settings.dialect.arguments)
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _unreadable(style: DoctorStyle, message: str) -> str:
    """Of JSON that says the wrong thing only the place is told: the words would repeat what it says."""
    place = _PLACE.search(message)
    return style.auth_wrong_data.format(place=place[0]) if place and message.startswith(_DATA) else message


def stored_login(subject: Subject) -> str | None:
    """The kind of login that auth.json is for, whether it has what that needs or not: api_key, chatgpt or another."""
    if not subject.loaded.follows_login:
        return None
    try:
        stored = _read_auth(subject)
    except (OSError, UnicodeDecodeError, ArgumentsError):
        return None
    return None if stored is None else _mode(stored)


def _mode(stored: Mapping[str, Any]) -> str:
    mode = stored.get("auth_mode") or ("apikey" if stored.get("OPENAI_API_KEY") is not None else "chatgpt")
    return {"apikey": "api_key", "chatgptAuthTokens": "chatgpt_auth_tokens"}.get(mode, str(mode))


def _stored(stored: Mapping[str, Any], details: Details, variables: list[str]) -> list[str]:
    """Tells what auth.json has; comes back with what it lacks."""
    key, tokens, mode = stored.get("OPENAI_API_KEY"), stored.get("tokens"), _mode(stored)
    details += [
        ("stored auth mode", mode),
        ("stored API key", str(key is not None).lower()),
        ("stored ChatGPT tokens", str(tokens is not None).lower()),
        ("stored agent identity", str(stored.get("agent_identity") is not None).lower()),
    ]
    if mode == "api_key":
        has_key = (isinstance(key, str) and key.strip()) or {"OPENAI_API_KEY", "CODEX_API_KEY"} & {*variables}
        return [] if has_key else ["API key auth is missing an API key"]
    problems = []
    if not isinstance(tokens, Mapping):
        problems.append("ChatGPT auth is missing token data")
    else:
        for name, text in (("access_token", "an access token"), ("refresh_token", "a refresh token")):
            if not str(tokens.get(name) or "").strip():
                problems.append(f"ChatGPT auth is missing {text}")
    if stored.get("last_refresh") is None:
        problems.append("ChatGPT auth is missing refresh metadata")
    return problems
