"""A seccomp filter: no network, and no way around that.

As under codex-cli (measured call by call): a socket can only be a Unix one, and it cannot be bound, connected
or asked about its peers; pairs still read and write. Reaching into other processes and io_uring (which would go
around the filter) are refused as well. Where the network is open only io_uring is refused. Each refusal is
EPERM, `Operation not permitted`.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from collections.abc import Callable

from pycodex.linux_calls import PR_SET_SECCOMP, Calls

__all__ = ["filter_program", "seccomp_hook"]

_MODE_FILTER = 2
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE, _OFFSET_FIRST_ARGUMENT = 0, 4, 16
_X32_BIT = 0x40000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# name: number on x86_64, on aarch64
_ALWAYS_REFUSED = {
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
_REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "getsockname": (51, 204),
    "getpeername": (52, 205),
    "shutdown": (48, 210),
    "sendto": (44, 206),
    "sendmmsg": (307, 269),
    "recvmmsg": (299, 243),
    "getsockopt": (55, 209),
    "setsockopt": (54, 208),
}
_UNIX_ONLY = {"socket": (41, 198), "socketpair": (53, 199)}


def filter_program(machine: str, *, network: bool) -> bytes:
    """The filter as BPF instructions; `network`: whether sockets are free. Raises KeyError for an unknown machine."""
    column = list(_ARCHITECTURES).index(machine) if machine in _ARCHITECTURES else -1
    if column < 0:
        raise KeyError(machine)
    rows = [*_ALWAYS_REFUSED.values(), *(() if network else _REFUSED.values())]
    refused = [numbers[column] for numbers in rows]
    unix_only = [] if network else [numbers[column] for numbers in _UNIX_ONLY.values()]
    # The tail: [refuse] [allow] [load the first argument] [is it AF_UNIX?]
    checks = len(refused) + len(unix_only)
    program = [(_LOAD, 0, 0, _OFFSET_ARCHITECTURE)]
    # A foreign architecture (32-bit calls) and x32 have other numbers: refused as a whole.
    body = 2 + checks
    program.append((_JUMP_EQUAL, 0, body, _ARCHITECTURES[machine]))
    program.append((_LOAD, 0, 0, _OFFSET_NUMBER))
    program.append((_JUMP_GREATER_EQUAL, checks, 0, _X32_BIT))
    for i, number in enumerate(refused):
        # When it is the last check, on to [allow].
        program.append((_JUMP_EQUAL, checks - i - 1, 0 if i < checks - 1 else 1, number))
    for i, number in enumerate(unix_only):
        left = len(unix_only) - i - 1
        # Over the rest of the checks, [refuse] and [allow]; when it is not that call, on.
        program.append((_JUMP_EQUAL, left + 2, 0 if left else 1, number))
    program.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    program.append((_RETURN, 0, 0, _ALLOW))
    program.append((_LOAD, 0, 0, _OFFSET_FIRST_ARGUMENT))
    program.append((_JUMP_EQUAL, 0, 1, int(socket.AF_UNIX)))
    program.append((_RETURN, 0, 0, _ALLOW))
    program.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def seccomp_hook(*, network: bool) -> Callable[[], None]:
    """The hook. Raises OSError for a machine whose call numbers are not known here."""
    calls = Calls()
    try:
        instructions = filter_program(calls.machine, network=network)
    except KeyError as error:
        raise OSError(errno.ENOSYS, f"no seccomp filter for {calls.machine}") from error
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(length=len(instructions) // 8, filter=ctypes.cast(buffer, ctypes.c_void_p))

    def hook() -> None:
        calls.no_new_privileges()
        calls.prctl(PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program))
        buffer.raw  # noqa: B018 - kept alive as long as the hook

    return hook
