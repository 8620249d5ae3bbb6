"""Whether there is a Node that can run JavaScript; without one the features that need it are off for the session.

Captures: config/js_repl_without_node.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.features import Features
    from pycodex.settings import Settings

__all__ = ["NodeStyle", "node_path", "with_node"]

_NOT_FOUND = "Node runtime not found; install Node or set CODEX_JS_REPL_NODE_PATH"
_LARGEST = (1 << 64) - 1


@dataclass(frozen=True, kw_only=True)
class NodeStyle:
    """Which features of a version need Node, and which Node."""

    tools: Mapping[str, tuple[str, tuple[str, ...]]]
    """Feature -> how its tool is called, and the features that are off together."""
    minimum: tuple[int, int, int]
    warning: str
    """May use {tool} and {problem}."""


def with_node(settings: Settings, style: NodeStyle) -> Features:
    """The flags without those that are off for want of Node. Runs Node only if one of them is on."""
    features = settings.flags
    for feature, (tool, together) in style.tools.items():
        if feature in features and (problem := _problem(style, settings)) is not None:
            features = features.without(together, style.warning.format(tool=tool, problem=problem))
    return features


def _problem(style: NodeStyle, settings: Settings) -> str | None:
    import subprocess

    from pycodex.waiting import exit_words

    node = node_path(settings)
    if node is None:
        return _NOT_FOUND
    try:
        told = subprocess.run(
            [node, "--version"], capture_output=True, stdin=subprocess.DEVNULL, cwd=settings.cwd, check=False
        )
    except OSError as error:
        return f"failed to execute Node: {error.strerror} (os error {error.errno})"
    out, err = (data.decode(errors="replace").strip() for data in (told.stdout, told.stderr))
    if told.returncode:
        said = "".join(f" {name}: {text}" for name, text in (("stdout", out), ("stderr", err)) if text)
        return f"failed to read Node version (status {exit_words(told.returncode)}){f' ({said})' if said else ''}"
    try:
        found = _version(out)
    except ValueError as error:
        return f"failed to parse Node version output `{out}`: {error}"
    if found >= style.minimum:
        return None
    return (
        f"Node runtime too old for js_repl (resolved {node}): found v{_dotted(found)}, requires >= "
        f"v{_dotted(style.minimum)}. Install/update Node or set js_repl_node_path to a newer runtime."
    )


def node_path(settings: Settings) -> str | None:
    """The path that the environment names, else the configuration, else the program on PATH; of what exists."""
    import shutil

    for path in (settings.environment.get("CODEX_JS_REPL_NODE_PATH"), settings.config.raw.get("js_repl_node_path")):
        if path and (settings.cwd / path).exists():
            return str(path)
    return shutil.which("node", path=settings.environment.get("PATH", ""))


def _version(text: str) -> tuple[int, int, int]:
    """Raises ValueError with what is wrong."""
    numbers = text.removeprefix("v").split(".")
    found = []
    for name, number in zip(("major", "minor", "patch"), [*numbers, None, None], strict=False):
        if number is None:
            raise ValueError(f"missing {name} version")
        found.append(_number(name, re.split("[-+]", number)[0] if name == "patch" else number))
    major, minor, patch = found
    return major, minor, patch


def _number(name: str, text: str) -> int:
    if not text:
        raise ValueError(f"invalid {name} version: cannot parse integer from empty string")
    if not re.fullmatch(r"\+?[0-9]+", text):
        raise ValueError(f"invalid {name} version: invalid digit found in string")
    if int(text) > _LARGEST:
        raise ValueError(f"invalid {name} version: number too large to fit in target type")
    return int(text)


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))
