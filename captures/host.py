"""Facts of the host that an agent prints: the driver knows them, so a recording can carry a placeholder instead.

Each is put back by exact value: an agent that prints anything else shows as a difference.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HostFacts", "host_facts"]


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """`os` as in a codex user-agent (`Debian 12.0.0`), `arch` (`x86_64`), `timezone` (IANA name of the machine)."""

    os: str
    arch: str
    timezone: str


def host_facts(etc: Path = Path("/etc")) -> HostFacts:
    """Reads them from this machine."""
    return HostFacts(os=_os_name(etc), arch=platform.machine(), timezone=_timezone(etc))


def _os_name(etc: Path) -> str:
    if platform.system() == "Darwin":
        return f"Mac OS {_three_parts(platform.mac_ver()[0])}"
    rows: dict[str, str] = {}
    with contextlib.suppress(OSError):
        rows = dict(re.findall(r'^([A-Z_]+)="?([^"\n]*)"?$', (etc / "os-release").read_text(), re.MULTILINE))
    names = {
        "debian": "Debian",
        "ubuntu": "Ubuntu",
        "fedora": "Fedora",
        "alpine": "Alpine Linux",
        "arch": "Arch Linux",
    }
    name = names.get(rows.get("ID", ""), rows.get("NAME", "Linux"))
    version = rows.get("VERSION_ID", "")
    return f"{name} {_three_parts(version)}" if version else name


def _three_parts(version: str) -> str:
    """`12` -> `12.0.0`, `24.04` -> `24.4.0`: the numbers, without leading zeros, as a codex user-agent has them."""
    if not re.fullmatch(r"\d+(\.\d+){0,2}", version):
        return version
    numbers = [str(int(part)) for part in version.split(".")]
    return ".".join([*numbers, "0", "0"][:3])


def _timezone(etc: Path) -> str:
    try:
        target = os.readlink(etc / "localtime")
        if "zoneinfo/" in target:
            return target.partition("zoneinfo/")[2]
    except OSError:
        pass
    try:
        return (etc / "timezone").read_text().strip() or "UTC"
    except OSError:
        return "UTC"
