"""CPU time and memory of a server, which may have children, as the kernel accounts them (Linux)."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["cpu_seconds", "peak_bytes", "resident_bytes"]


def cpu_seconds(pid: int) -> float:
    """Time on a processor so far, of all threads of the process and its children that are still there."""
    spent = (path.read_text() for one in _tree(pid) for path in Path(f"/proc/{one}/task").glob("*/schedstat"))
    return sum(int(text.split()[0]) for text in spent) / 1e9


def resident_bytes(pid: int) -> int:
    """Memory that is held now."""
    return _status(pid, "VmRSS")


def peak_bytes(pid: int) -> int:
    """The most that each of the processes held, together."""
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> int:
    total = 0
    for one in _tree(pid):
        found = re.search(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{one}/status").read_text(), re.MULTILINE)
        total += int(found[1]) * 1024 if found else 0
    return total


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _tree(int(child)))]
