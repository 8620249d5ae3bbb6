"""Commands as real processes. Delays in scripts only order events; none is asserted."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pycodex.processes import ProcessManager, Session, StartError

ENV = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
async def manager() -> AsyncIterator[ProcessManager]:
    made = ProcessManager()
    yield made
    await made.shutdown()


async def start(manager: ProcessManager, script: str, cwd: Path, *, tty: bool = False) -> Session:
    return await manager.start(["/bin/sh", "-c", script], cwd, ENV, tty=tty)


async def gone(pid: int) -> None:
    """Until that process is gone (a zombie that init has not reaped yet counts as gone)."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"process {pid} still runs")


async def test_quick_command(tmp_path: Path) -> None:
    manager = ProcessManager(early_exit_seconds=10)
    session = await start(manager, "echo out; echo err >&2; pwd; cat; exit 3", tmp_path)
    assert session.ended_early
    snapshot = await session.collect(10_000)
    assert sorted(snapshot.output.splitlines()) == sorted([b"out", b"err", str(tmp_path.resolve()).encode()])
    assert (snapshot.exit_code, snapshot.total, snapshot.omitted) == (3, len(snapshot.output), 0)
    assert 1000 <= session.id <= 99_999


async def test_each_collect_brings_what_is_new(manager: ProcessManager, tmp_path: Path) -> None:
    session = await start(manager, f"echo 1; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done; echo 2", tmp_path)
    assert not session.ended_early
    first = await session.collect(0)
    assert (first.output, first.exit_code) == (b"1\n", None)
    assert manager.running() == [session]
    ended: list[bytes] = []
    session.on_exit(lambda it: ended.append(it.all_output()))
    (tmp_path / "go").touch()
    second = await session.collect(10_000)
    assert (second.output, second.exit_code) == (b"2\n", 0)
    assert ended == [b"1\n2\n"]
    assert session.late_output() == b"2\n"
    assert manager.get(session.id) is session
    manager.release(session)
    assert manager.get(session.id) is None


async def test_terminal(manager: ProcessManager, tmp_path: Path) -> None:
    session = await start(manager, "stty size; read x; echo got $x", tmp_path, tty=True)
    assert session.tty
    await session.write(b"hello\n")
    snapshot = await session.collect(10_000)
    assert snapshot.output == b"24 80\r\nhello\r\ngot hello\r\n"
    assert snapshot.exit_code == 0
    with pytest.raises(BrokenPipeError):
        await session.write(b"x")


async def test_control_c_in_a_terminal(manager: ProcessManager, tmp_path: Path) -> None:
    session = await start(manager, "trap 'echo int; exit 7' INT; while :; do sleep 0.01; done", tmp_path, tty=True)
    await session.write(b"\x03")
    snapshot = await session.collect(10_000)
    assert (snapshot.output, snapshot.exit_code) == (b"^Cint\r\n", 7)


async def test_stdin_is_closed_without_a_terminal(manager: ProcessManager, tmp_path: Path) -> None:
    session = await start(manager, "sleep 60", tmp_path)
    with pytest.raises(BrokenPipeError):
        await session.write(b"x")
    session.interrupt()
    assert (await session.collect(10_000)).exit_code == 130


@pytest.mark.parametrize(("offset", "code"), [(128, 143), (None, -1)])
async def test_exit_code_of_a_signal(offset: int | None, code: int, tmp_path: Path) -> None:
    manager = ProcessManager(signal_offset=offset)
    session = await start(manager, "kill -15 $$", tmp_path)
    assert (await session.collect(10_000)).exit_code == code
    await manager.shutdown()


async def test_child_that_holds_the_pipe_is_not_waited_for(manager: ProcessManager, tmp_path: Path) -> None:
    session = await start(manager, "sleep 60 & echo $!", tmp_path)
    snapshot = await session.collect(10_000)
    assert snapshot.exit_code == 0
    await manager.shutdown()
    await gone(int(snapshot.output))


async def test_shutdown_kills_groups_and_tells_nobody(manager: ProcessManager, tmp_path: Path) -> None:
    session = await start(manager, "trap '' TERM INT; sleep 60 & echo $!; wait", tmp_path)
    ended: list[Session] = []
    session.on_exit(ended.append)
    child = int((await session.collect(0)).output)
    await manager.shutdown()
    assert ended == []
    assert manager.running() == []
    await gone(child)
    await gone(session.pid)


async def test_big_output_does_not_stop_the_command(tmp_path: Path) -> None:
    manager = ProcessManager(buffer_bytes=1000, omitted_marker=False)
    session = await start(manager, "head -c 3000000 /dev/zero", tmp_path)
    snapshot = await session.collect(10_000)
    assert (len(snapshot.output), snapshot.total, snapshot.omitted) == (1000, 3_000_000, 2_999_000)
    await manager.shutdown()


@pytest.mark.parametrize(
    ("argv", "cwd", "reason"),
    [
        (["/bin/sh"], "nope", "No such file or directory (os error 2)"),
        (["/nope"], "", "No such file or directory (os error 2)"),
        (["/bin/sh", "-c", "a\0b"], "", "nul byte found in provided data"),
        (["/etc/passwd"], "", "Permission denied (os error 13)"),
    ],
)
async def test_start_errors(manager: ProcessManager, tmp_path: Path, argv: list[str], cwd: str, reason: str) -> None:
    for tty in (False,) if cwd else (False, True):
        before = len(os.listdir("/proc/self/fd"))
        with pytest.raises(StartError) as caught:
            await manager.start(argv, tmp_path / cwd, ENV, tty=tty)
        assert str(caught.value) == reason
        assert len(os.listdir("/proc/self/fd")) == before


async def test_terminal_without_its_folder(manager: ProcessManager, tmp_path: Path) -> None:
    env = {**ENV, "HOME": str(tmp_path)}
    session = await manager.start(["/bin/sh", "-c", 'pwd; test -n "$SHELL"'], tmp_path / "nope", env, tty=True)
    snapshot = await session.collect(10_000)
    assert (snapshot.output, snapshot.exit_code) == (f"{tmp_path.resolve()}\r\n".encode(), 0)


async def test_released_group_ends(manager: ProcessManager, tmp_path: Path) -> None:
    session = await start(manager, "sleep 300 >/dev/null 2>&1 & echo $!", tmp_path)
    snapshot = await session.collect(10_000)
    child = int(snapshot.output)
    os.kill(child, 0)
    manager.release(session)
    await gone(child)


async def test_what_comes_while_waited_for_may_be_unbounded(tmp_path: Path) -> None:
    manager = ProcessManager(buffer_bytes=1000, omitted_marker=False, waits_bounded=False, early_exit_seconds=0)
    session = await start(manager, "until [ -e go ]; do sleep 0.01; done; head -c 3000000 /dev/zero", tmp_path)
    waiting = asyncio.create_task(session.collect(20_000))
    await asyncio.sleep(0)
    (tmp_path / "go").touch()
    snapshot = await waiting
    assert (len(snapshot.output), snapshot.total, snapshot.omitted) == (3_000_000, 3_000_000, 0)
    assert len(session.all_output()) == 1000
    await manager.shutdown()


async def test_the_oldest_session_makes_room(tmp_path: Path) -> None:
    manager = ProcessManager(early_exit_seconds=0)
    first, second = [await start(manager, "sleep 300", tmp_path) for _ in range(2)]
    ended = await start(manager, "exit 3", tmp_path)
    await ended.wait()
    others = [await start(manager, "sleep 300", tmp_path) for _ in range(61)]
    assert manager.kept == 64
    assert manager.get(first.id) is first  # used again, so it is younger than the second
    others.append(await start(manager, "sleep 300", tmp_path))
    assert (manager.kept, manager.get(ended.id)) == (64, None)
    others.append(await start(manager, "sleep 300", tmp_path))
    await second.wait()
    assert (second.exit_code, manager.get(first.id), manager.kept) == (-1, first, 64)
    await manager.shutdown()
    assert manager.kept == 0


async def test_parallel_commands(manager: ProcessManager, tmp_path: Path) -> None:
    # Each waits for the other's file: they end only if they run side by side.
    script = "touch {0}; while [ ! -e {1} ]; do sleep 0.01; done; echo {0}"
    both = await asyncio.gather(*(start(manager, script.format(*names), tmp_path) for names in ("ab", "ba")))
    snapshots = await asyncio.gather(*(session.collect(10_000) for session in both))
    assert [(snapshot.output, snapshot.exit_code) for snapshot in snapshots] == [(b"a\n", 0), (b"b\n", 0)]
