"""Names of agents in a team, and the paths that they make: `/root/one/two` was begun by `/root/one`."""

from __future__ import annotations

import re

__all__ = ["ROOT", "child_path", "is_below", "parent_path", "resolved"]

ROOT = "/root"
"""Who was begun by nobody."""

_OTHER_ROOT = "/morpheus"
_NAME = re.compile(r"[a-z0-9_]+")
_RESERVED = ("root", ".", "..")


def _check(name: str) -> None:
    """Raises ValueError with what is wrong with a name, in upstream's words (captured: agents/v2_refused)."""
    if not name:
        raise ValueError("agent_name must not be empty")
    if name in _RESERVED:
        raise ValueError(f"agent_name `{name}` is reserved")
    if "/" in name:
        raise ValueError("agent_name must not contain `/`")
    if _NAME.fullmatch(name) is None:
        raise ValueError("agent_name must use only lowercase letters, digits, and underscores")


def child_path(parent: str, name: str) -> str:
    """The path of an agent that `parent` begins under that name. Raises ValueError."""
    _check(name)
    return f"{parent}/{name}"


def resolved(reference: str, at: str) -> str:
    """The path that `reference` means to the agent `at`: from the root, or from itself. Raises ValueError."""
    if not reference:
        raise ValueError("agent path must not be empty")
    if not reference.startswith("/"):
        for name in reference.split("/"):
            _check(name)
        return f"{at}/{reference}"
    if reference in (ROOT, _OTHER_ROOT):
        return reference
    if not reference.startswith(f"{ROOT}/"):
        raise ValueError(f"absolute agent paths must start with `{ROOT}` or be `{_OTHER_ROOT}`")
    if reference.endswith("/"):
        raise ValueError("absolute agent path must not end with `/`")
    for name in reference.removeprefix(f"{ROOT}/").split("/"):
        _check(name)
    return reference


def parent_path(path: str) -> str:
    """Whose child it is."""
    return path.rpartition("/")[0]


def is_below(path: str, prefix: str) -> bool:
    """Whether it is that agent, or one that comes of it."""
    return path == prefix or path.startswith(f"{prefix}/")
