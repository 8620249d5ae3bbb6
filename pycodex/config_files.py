"""The files of a configuration beside config.toml: where they lie, and whether they can be used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pycodex.config_layers import ConfigError, Layer, file_layer, walk_keys
from pycodex.config_style import ConfigStyle
from pycodex.git_info import marks_root

__all__ = ["compact_prompt", "has_project_folder", "instructions_file", "profile_files", "project_files"]


def compact_prompt(text: str | None, path: Path | None) -> str | None:
    """The prompt that asks for a summary: the text, or else what the file has (captured: compact/prompt_file)."""
    if text is not None and text.strip():
        return text.strip()
    if path is None:
        return None
    try:
        read = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        reason = f"{error.strerror} (os error {error.errno})"
        raise ConfigError(f"Error: failed to read experimental compact prompt file {path}: {reason}") from error
    if not read:
        raise ConfigError(f"Error: experimental compact prompt file is empty: {path}")
    return read


def instructions_file(path: Path | None) -> Path | None:
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = f"{error.strerror} (os error {error.errno})"
        raise ConfigError(f"Error: failed to read model instructions file {path}: {reason}") from error
    if not text.strip():
        raise ConfigError(f"Error: model instructions file is empty: {path}")
    return path


def profile_files(home: Path, user: Layer, profile: str | None, style: ConfigStyle, flags: Layer) -> list[Layer]:
    """The profile's own file, where profiles are files; config.toml must not hold profiles then."""
    if style.profiles == "table":
        return []
    legacy = flags.values.get("profile", user.values.get("profile"))
    path = home / f"{profile}.config.toml"
    if profile is not None and (legacy == profile or profile in walk_keys(user.values, "profiles")):
        raise ConfigError(
            f"Error loading config.toml: --profile `{profile}` cannot be used while {user.path} contains legacy "
            f'`profile = "{profile}"` or `[profiles.{profile}]` config; move those settings into {path} and remove the '
            "legacy profile selector/table. See https://developers.openai.com/codex/config-advanced#profiles for more "
            "information."
        )
    if legacy is not None:
        raise ConfigError(
            f'Error: legacy `profile = "{legacy}"` config is no longer supported; '
            f"use `--profile {legacy}` with `{legacy}.config.toml` instead"
        )
    return [] if profile is None else [file_layer("user", path, end_counts_newline=style.end_counts_newline)]


def _project_folders(cwd: Path, markers: Sequence[str]) -> list[Path]:
    """From the project's root down to `cwd`."""
    folders = [cwd, *cwd.parents]
    root = next((i for i, folder in enumerate(folders) if marks_root(folder, markers)), 0)
    return folders[root::-1]


def project_files(cwd: Path, home: Path, markers: Sequence[str]) -> list[Path]:
    """`.codex/config.toml` files from the project's root down to `cwd`."""
    candidates = [folder / ".codex" / "config.toml" for folder in _project_folders(cwd, markers)]
    return [path for path in candidates if path.is_file() and path.parent != home]


def has_project_folder(cwd: Path, home: Path, markers: Sequence[str]) -> bool:
    folders = [folder / ".codex" for folder in _project_folders(cwd, markers)]
    return any(folder.is_dir() and folder != home for folder in folders)
