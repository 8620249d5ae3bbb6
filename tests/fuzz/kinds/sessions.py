"""Commands that outlive their first call, and what is written to them until they end.

Each group ends with its command: what ran on would put its events between those of later calls.
"""

from __future__ import annotations

from typing import Any

from tests.fuzz.calls import Call, Group, World, function

__all__ = ["sessions"]

_TAKE = r"session ID (\d+)"
_LINES = ("abc", "", "two words", "é…😀", "'quoted' \"too\"", "\\", "a" * 100, "tab\tbed", "$HOME", "x" * 300)


def sessions(world: World) -> Group:
    session = f"session_{world.number}"
    return world.random.choice((_read_a_line, _wait_for_the_end, _closed_stdin))(world, session)


def _start(session: str, cmd: str, **arguments: Any) -> Call:
    return function("sessions", "exec_command", {"cmd": cmd, "yield_time_ms": 250, **arguments}, {session: _TAKE})


def _write(session: str, chars: str | None, **arguments: Any) -> Call:
    given = {} if chars is None else {"chars": chars}
    return function("sessions", "write_stdin", {"session_id": f"${session}", **given, **arguments})


def _read_a_line(world: World, session: str) -> Group:
    """On a terminal: what is typed is echoed, and the command ends with the line."""
    line = world.random.choice(_LINES)
    cut = world.random.choice(({}, {}, {"max_output_tokens": world.random.choice((0, 1, 5))}))
    code = world.random.choice((0, 0, 3))
    start = _start(session, f'read -r x; echo "got $x"; exit {code}', tty=True)
    return start, _write(session, f"{line}\n", yield_time_ms=5000, **cut)


def _wait_for_the_end(world: World, session: str) -> Group:
    """Polls: the call comes back when the command ends, with what it printed since the last call."""
    text = world.random.choice(("done", "é", "", "a" * 50))
    begun = world.random.choice(("", "echo begun; ", "printf é; "))
    cut = world.random.choice(({}, {"max_output_tokens": world.random.choice((0, 1, 5))}))
    start = _start(session, f"{begun}sleep 0.6; printf '{text}'; exit {world.random.choice((0, 5))}")
    return start, _write(session, world.random.choice(("", None)), **cut)


def _closed_stdin(world: World, session: str) -> Group:
    """Without a terminal there is nothing to write to; an error, and the command goes on."""
    start = _start(session, "sleep 0.8; echo end")
    chars = world.random.choice(("x", "x\n", "\x04", "\x03x", "é"))
    return start, _write(session, chars), _write(session, "")
