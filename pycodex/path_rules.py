"""What a permission profile comes to for commands: who may write and read where, as a plan of mounts.

The narrower place wins. Captures: sandbox/permission_profile, sandbox/permission_globs.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.records import dataclass
from pycodex.sandbox import PLATFORM, Mount, Readable, SandboxMode, SandboxPolicy, SandboxStyle, protected_mounts

if TYPE_CHECKING:
    from pycodex.permission_profiles import Access, PermissionProfile

__all__ = ["BadRange", "PathRules", "policy_of"]

_PIECES = re.compile(r"(\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]]*\])")
"""What is not a word in a pattern. A class that is not closed is one."""


@dataclass(frozen=True)
class BadRange:
    """A range of a pattern whose ends are the wrong way round; `folder` and `rest` are the pattern's halves."""

    folder: str
    rest: str
    low: str
    high: str


@dataclass(frozen=True, kw_only=True)
class PathRules:
    """Places with what may be done there, and patterns of what may not be read."""

    places: tuple[tuple[Access, Path], ...]
    patterns: tuple[str, ...] = ()
    max_depth: int | None = None
    platform: bool = False
    """Whether what programs need to run may be read."""

    def access(self, path: Path) -> Access:
        """What may be done at a path that has no dots in it; nothing where no place says so."""
        if any(pattern.fullmatch(str(each)) for pattern in self._compiled for each in (path, *path.parents)):
            return "deny"
        return self._at(path)

    def refusal(self, path: Path) -> int | None:
        """The error of a command that reads there: it may not, or there is nothing; None where it may."""
        if self.access(path) != "deny":
            return None
        around = (each for each in (path, *path.parents) if each != Path("/"))
        seen = any(self._at(each.parent) != "deny" or (self.platform and str(each) in PLATFORM) for each in around)
        return errno.EACCES if seen else errno.ENOENT

    def _at(self, path: Path) -> Access:
        around = [(len(place.parts), access) for access, place in self._all if path.is_relative_to(place)]
        deepest = max((depth for depth, _ in around), default=0)
        found = [access for depth, access in around if depth == deepest]
        return "deny" if "deny" in found or not found else found[-1]

    @cached_property
    def _all(self) -> list[tuple[Access, Path]]:
        platform: list[tuple[Access, Path]] = [("read", Path(path)) for path in PLATFORM if self.platform]
        return [*platform, *self.places]

    @cached_property
    def _compiled(self) -> list[re.Pattern[str]]:
        return [re.compile(_as_regex(pattern), re.DOTALL) for pattern in self.patterns]

    @property
    def reads_everything(self) -> bool:
        """Whether what is not named may be read."""
        return self._at(Path("/")) != "deny"

    def mounts(self, style: SandboxStyle) -> list[Mount]:
        """The plan, outer places before inner ones."""
        bare = not self.reads_everything
        plan: list[Mount] = Readable(platform=self.platform).mounts() if bare else []
        for access, place in sorted(self.places, key=lambda each: len(each[1].parts)):
            real = place.resolve()
            if bare and self._at(place.parent) == "deny":
                # What is around it is not there.
                if access == "read" and real.exists():
                    plan.append(Mount(kind="read-only", path=str(real)))
                if access != "write" and not (self.platform and str(place) in PLATFORM):
                    continue
            if access == "write":
                if real.exists() and place != Path("/"):
                    plan.append(Mount(kind="writable", path=str(real)))
                    plan += protected_mounts(real, style)
                elif real.exists():
                    plan.append(Mount(kind="writable", path="/"))
            elif access == "deny":
                plan += self._denied(real)
            elif self._at(place.parent) == "write":
                plan += _kept(real)
        for path in self._matching():
            plan += self._denied(path)
        return plan

    def bad_range(self) -> BadRange | None:
        """The first range that cannot be, in a pattern that is looked for because its folder is there."""
        for pattern in self.patterns:
            folder = _folder(pattern)
            wrong = (each for piece in _PIECES.findall(pattern) for each in _ranges(piece) if each[0] > each[1])
            if (found := next(wrong, None)) is not None and Path(folder).is_dir():
                return BadRange(folder, pattern.removeprefix(folder.rstrip("/")), *found)
        return None

    def _denied(self, path: Path) -> list[Mount]:
        if path.exists() and not _is_blank(path):
            return [Mount(kind="hidden", path=str(path))]
        return [Mount(kind="absent", path=str(path))] if self._at(path.parent) == "write" else []

    def _matching(self) -> Iterator[Path]:
        """What there is now of what the patterns deny."""
        for pattern, compiled in zip(self.patterns, self._compiled, strict=True):
            base = Path(_folder(pattern))
            for folder, folders, files in os.walk(base):
                depth = len(Path(folder).relative_to(base).parts) + 1
                if self.max_depth is not None and depth >= self.max_depth:
                    folders_below, folders[:] = list(folders), []
                else:
                    folders_below = folders
                for name in (*folders_below, *files):
                    path = Path(folder, name)
                    if compiled.fullmatch(str(path)):
                        yield path


def _kept(path: Path) -> list[Mount]:
    if path.exists() and not _is_blank(path):
        return [Mount(kind="read-only", path=str(path))]
    return [Mount(kind="blank", path=str(path))] if path.parent.is_dir() else []


def _is_blank(path: Path) -> bool:
    """Whether it may be what stands in for a missing file, held by another command."""
    return path.is_file() and path.stat().st_size == 0


def _folder(pattern: str) -> str:
    """The folder in which a pattern is looked for."""
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0].rpartition("/")[0] or "/"


def _as_regex(pattern: str) -> str:
    """A pattern in the syntax of git's: `*` and `?` stay in a folder, `**/` is any number of them."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = _PIECES.split(pattern)
    return "".join(
        words.get(piece) or (_class(piece) if at % 2 else re.escape(piece)) for at, piece in enumerate(pieces)
    )


def _class(piece: str) -> str:
    ranges = [f"{re.escape(low)}-{re.escape(high)}" for low, high in _ranges(piece) if low <= high]
    return f"[{'^' if piece[1] in '!^' else ''}{''.join(ranges)}]" if ranges else "(?!)"


def _ranges(piece: str) -> list[tuple[str, str]]:
    """The first and last characters that a class holds; none of what is no class."""
    found = []
    body = piece[1:-1].removeprefix(piece[1] if piece[1:2] in ("!", "^") else "") if piece.startswith("[") else ""
    while body:
        last = body[2] if body[1:2] == "-" and len(body) > 2 else body[0]
        found.append((body[0], last))
        body = body[3:] if body[1:2] == "-" and len(body) > 2 else body[1:]
    return found


def policy_of(profile: PermissionProfile, cwd: Path, tmpdir: str | None, style: SandboxStyle) -> SandboxPolicy:
    """The policy of a profile. Its mode is the one that comes nearest."""
    places = profile.places(tmpdir)
    roots = tuple(sorted({place for access, place in places if access == "write"}))
    mode: SandboxMode = "workspace-write" if roots else "read-only"
    if profile.writes_everything and profile.network:
        mode = "danger-full-access"
    return SandboxPolicy(
        mode=mode,
        writable_roots=roots,
        network=profile.network,
        style=style,
        rules=PathRules(
            places=tuple(places),
            patterns=tuple(profile.patterns()),
            max_depth=profile.max_depth,
            platform=profile.special("minimal") in ("read", "write"),
        ),
    )
