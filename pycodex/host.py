"""Facts of this computer that requests and rollouts mention: system, processor, terminal, time zone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

__all__ = ["architecture", "local_date", "system", "terminal", "timezone"]

_NAMES = {
    "alpine": "Alpine Linux",
    "amzn": "Amazon Linux AMI",
    "arch": "Arch Linux",
    "centos": "CentOS",
    "debian": "Debian",
    "fedora": "Fedora",
    "kali": "Kali Linux",
    "manjaro": "Manjaro",
    "nixos": "NixOS",
    "ol": "Oracle Linux",
    "rhel": "Red Hat Enterprise Linux",
    "sles": "SUSE Linux Enterprise Server",
    "ubuntu": "Ubuntu",
}


def system(os_release: Path = Path("/etc/os-release")) -> str:
    """Name and version of the system as the user agent prints them (`Debian 12.0.0`)."""
    if os.uname().sysname == "Darwin":
        import platform

        return f"Mac OS {platform.mac_ver()[0]}"
    try:
        lines = os_release.read_text(encoding="utf-8").splitlines()
    except OSError:
        return "Linux Unknown"
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    name = _NAMES.get(fields.get("ID", "").strip("\"'"), "Linux")
    return f"{name} {_three_numbers(fields.get('VERSION_ID', '').strip(chr(34)))}"


def _three_numbers(version: str) -> str:
    """`12` -> `12.0.0`, `22.04` -> `22.4.0`; what is not numbers stays; nothing -> `Unknown`."""
    if not version:
        return "Unknown"
    parts = version.split(".")
    if len(parts) > 3 or not all(part.isdigit() for part in parts):
        return version
    return ".".join(str(int(part)) for part in (*parts, "0", "0")[:3])


def architecture() -> str:
    """The processor, in the user agent's words."""
    machine = os.uname().machine
    return {"aarch64": "arm64", "amd64": "x86_64"}.get(machine.lower(), machine)


def terminal(env: Mapping[str, str], *, tmux: bool = True) -> str:
    """The terminal token of the user agent. Measured: TERM_PROGRAM[/version], WezTerm, kitty, TERM, `unknown`.

    `tmux`: whether tmux counts as the terminal.
    """
    program, version = env.get("TERM_PROGRAM", ""), env.get("TERM_PROGRAM_VERSION", "")
    if program and (tmux or program != "tmux"):
        token = f"{program}/{version}" if version else program
    elif env.get("WEZTERM_VERSION"):
        token = f"WezTerm/{env['WEZTERM_VERSION']}"
    elif env.get("KITTY_WINDOW_ID"):
        token = "kitty"
    else:
        token = env.get("TERM") or "unknown"
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_./") else "_" for char in token)


def timezone(localtime: Path = Path("/etc/localtime"), name_file: Path = Path("/etc/timezone")) -> str:
    """The IANA name of the system's zone. The variable TZ has no part in it (measured)."""
    try:
        target = str(localtime.resolve(strict=True))
        if "zoneinfo/" in target:
            name = target.split("zoneinfo/", 1)[1]
            return {"UTC": "Etc/UTC", "Universal": "Etc/UTC"}.get(name, name)
    except OSError:
        pass
    try:
        return name_file.read_text(encoding="utf-8").strip() or "Etc/UTC"
    except OSError:
        return "Etc/UTC"


def local_date(now: float) -> str:
    """The date of a unix time in the local zone, `2026-01-31`."""
    return datetime.fromtimestamp(now).strftime("%Y-%m-%d")
