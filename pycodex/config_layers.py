"""The layers that make up the configuration: files and `-c` overrides, one laid over the other."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pycodex.records import dataclass
from pycodex.toml_errors import syntax_error

__all__ = [
    "ConfigError",
    "LateConfigError",
    "Layer",
    "anchored",
    "apply_override",
    "file_layer",
    "merged",
    "override_layer",
    "walk_keys",
]


class ConfigError(Exception):
    """The configuration cannot be used; `str(error)` is the whole text for stderr. The program ends with exit
    code 1."""


class LateConfigError(ConfigError):
    """One that codex-cli sees only after it has read the prompt."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One source. `label` is how warnings call it: `user (<path>)`, `project (<path>)`, `session-flags`."""

    label: str
    values: Mapping[str, Any]
    path: Path | None = None
    text: str = ""


def file_layer(kind: str, path: Path, *, end_counts_newline: bool) -> Layer:
    """The layer of a TOML file; an empty one when the file does not exist. Raises ConfigError."""
    label = f"{kind} ({path})"
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return Layer(label=label, values={}, path=path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Error loading config.toml: Failed to read config file {path}: {error}") from error
    try:
        return Layer(label=label, values=tomllib.loads(text), path=path, text=text)
    except tomllib.TOMLDecodeError as error:
        where = syntax_error(str(path), text, error, end_counts_newline=end_counts_newline)
        raise ConfigError(f"Error loading config.toml:\n{where}") from error


def override_layer(overrides: Sequence[str]) -> Layer:
    """The layer of `-c key=value` flags. The key is split at its points; the value is TOML, or else the text
    as it is, without quotes around it. Raises ConfigError."""
    values: dict[str, Any] = {}
    for override in overrides:
        key, equals, raw = override.partition("=")
        key, raw = key.strip(), raw.strip()
        if not equals:
            raise ConfigError(f"Error parsing -c overrides: Invalid override (missing '='): {override}")
        if not key:
            raise ConfigError(f"Error parsing -c overrides: Empty key in override: {override}")
        apply_override(values, key.split("."), _override_value(raw))
    return Layer(label="session-flags", values=values)


_PATHS = ("model_instructions_file", "model_catalog_json", "experimental_compact_prompt_file", "js_repl_node_path")


def anchored(layer: Layer, base: Path) -> Layer:
    """The layer with its relative paths made absolute: they start where the layer comes from."""

    def absolute(path: Any) -> Any:
        return os.path.normpath(base / Path(path).expanduser()) if isinstance(path, str) else path

    values = {key: absolute(value) if key in _PATHS else value for key, value in layer.values.items()}
    write = values.get("sandbox_workspace_write")
    if isinstance(write, Mapping) and isinstance(write.get("writable_roots"), list):
        roots = [absolute(root) for root in write["writable_roots"]]
        values["sandbox_workspace_write"] = {**write, "writable_roots": roots}
    skills = values.get("skills")
    if isinstance(skills, Mapping) and isinstance(skills.get("config"), list):
        rows = [{**row, "path": absolute(row["path"])} if _has(row, "path") else row for row in skills["config"]]
        values["skills"] = {**skills, "config": rows}
    if isinstance(agents := values.get("agents"), Mapping):
        roles = {
            name: {**role, "config_file": absolute(role["config_file"])} if _has(role, "config_file") else role
            for name, role in agents.items()
        }
        values["agents"] = roles
    if isinstance(providers := values.get("model_providers"), Mapping):
        values["model_providers"] = {id_: _with_folder(table, absolute) for id_, table in providers.items()}
    return Layer(label=layer.label, values=values, path=layer.path, text=layer.text)


def _with_folder(provider: Any, absolute: Callable[[Any], Any]) -> Any:
    """A provider whose command starts in a folder. One without a command is not read as a whole, and left as it is
    (captured: config/provider_command)."""
    auth: Any = provider.get("auth") if isinstance(provider, Mapping) else None
    if not _has(auth, "command") or not _has(auth, "cwd"):
        return provider
    return {**provider, "auth": {**auth, "cwd": absolute(auth["cwd"])}}


def _has(value: Any, key: str) -> bool:
    return isinstance(value, Mapping) and key in value


def _override_value(raw: str) -> Any:
    try:
        return tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        return raw.strip("\"'")


def apply_override(values: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    """Put `value` at `keys`; what stands in the way and is no table is replaced by one."""
    for key in keys[:-1]:
        below = values.get(key)
        if not isinstance(below, dict):
            below = values[key] = {}
        values = below
    values[keys[-1]] = value


def merged(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Tables are merged, anything else is replaced by the later layer."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            below = result.get(key)
            if isinstance(value, Mapping) and isinstance(below, dict):
                result[key] = merged((below, value))
            elif isinstance(value, Mapping):
                result[key] = merged((value,))
            else:
                result[key] = value
    return result


def walk_keys(values: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The table at `path`, or an empty one."""
    for key in path:
        below = values.get(key)
        if not isinstance(below, Mapping):
            return {}
        values = below
    return values
