"""Every way out of the sandbox, against the kernel this runs on. Nothing here is skipped: where a sandbox cannot be
made these tests fail and say what is missing.

The same scripts run without a sandbox too, where they must work: a test that cannot escape proves nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pycodex.processes import ProcessManager
from pycodex.sandbox import Confinement, SandboxPolicy, ways
from pycodex.spawn import spawn
from tests.pycodex.escapes import ESCAPES, PRELUDE, READS, SANDBOXES, Escape, attempts, sandbox

Way = Callable[[SandboxPolicy], Confinement | None]

WAYS = {way.__name__: way for way in ways()}


@pytest.fixture
def way() -> Way:
    """How the sandbox is made: as pycodex makes it wherever it can; tests/live/test_bubblewrap.py has the other way."""
    return WAYS["namespaces"]


@dataclass(kw_only=True)
class Place:
    """A workspace, what lies outside, and what listens and runs there."""

    root: Path
    tag: str
    victim: subprocess.Popen[bytes]
    port: int

    @property
    def workspace(self) -> Path:
        return self.root / "ws"

    @property
    def outside(self) -> Path:
        return self.root / "out"

    def policy(self, kind: str, *, network: bool = False) -> SandboxPolicy:
        return sandbox(kind, self.workspace, network=network)

    def argv(self, script: str) -> list[str]:
        facts = {
            "OUT": str(self.outside),
            "WS": str(self.workspace),
            "PID": self.victim.pid,
            "AGENT": os.getpid(),
            "PORT": self.port,
            "SOCKET": str(self.root / "socket"),
            "TAG": self.tag,
        }
        given = "\n".join(f"{name} = {value!r}" for name, value in facts.items())
        return [sys.executable, "-c", f"{given}\n{PRELUDE}\n{script}"]

    def run(self, confinement: Confinement | None, argv: list[str]) -> tuple[int, str]:
        """Start by the agent's own way of starting; exit code and output."""
        popen, readers, _ = spawn(argv, self.workspace, dict(os.environ), tty=False, confinement=confinement)
        output = b""
        for fd in readers:
            with os.fdopen(fd, "rb") as pipe:
                output += pipe.read()
        return popen.wait(), output.decode(errors="replace")

    def run_in_terminal(self, confinement: Confinement | None, argv: list[str]) -> str:
        """The same on a terminal of its own: the output."""
        popen, (reader,), writer = spawn(argv, self.workspace, dict(os.environ), tty=True, confinement=confinement)
        output = b""
        with contextlib.suppress(OSError):  # EIO: nobody has the other end any more
            while piece := os.read(reader, 4096):
                output += piece
        popen.wait()
        for fd in {reader, reader if writer is None else writer}:
            os.close(fd)
        return output.decode(errors="replace")

    def escaped(self, escape: Escape, output: str) -> bool:
        """Whether the host sees that it worked."""
        if escape.proof == "output":
            return "ESCAPED" in output
        if escape.proof == "dead":
            return self.victim.poll() is not None
        kept = self.outside / "kept"
        if escape.proof == "kept":
            return not kept.exists() or kept.read_text() != "as it was" or kept.stat().st_mode & 0o777 != 0o644
        return (self.outside / "escaped").exists()


@pytest.fixture
def place() -> Iterator[Place]:
    # Not below the folder for temporary files: what is tested should not be writable by any other rule.
    root = Path("/var/tmp") / f"pycodex-escape-{secrets.token_hex(4)}"
    for folder in (root / "ws", root / "out"):
        folder.mkdir(parents=True)
    (root / "out/kept").write_text("as it was")
    (root / "out/kept").chmod(0o644)
    tag = f"escape{secrets.token_hex(6)}"
    listeners = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
    listeners[1].bind(str(root / "socket"))
    listeners[2].bind(f"\0{tag}")
    for listener in listeners[1:]:
        listener.listen()
    victim = subprocess.Popen(["sleep", "60"], cwd=root / "out")
    yield Place(root=root, tag=tag, victim=victim, port=listeners[0].getsockname()[1])
    victim.kill()
    victim.wait()
    for listener in listeners:
        listener.close()
    shutil.rmtree(root)


@pytest.mark.parametrize("kind", SANDBOXES)
def test_nothing_escapes(way: Way, kind: str, place: Place) -> None:
    alone = [escape for escape in ESCAPES if escape.name == "kill all"]
    output = "".join(place.run(way(place.policy(kind)), place.argv(escape.script))[1] for escape in alone)
    code, tried = place.run(way(place.policy(kind)), place.argv(attempts(e for e in ESCAPES if e not in alone)))
    output += tried
    assert (code, output.splitlines()[-1]) == (0, "tried all"), output
    for escape in ESCAPES:
        assert not place.escaped(escape, output), f"{escape.name}? {output}"


@pytest.mark.parametrize("escape", [e for e in (*ESCAPES, *READS) if e.control], ids=lambda escape: escape.name)
def test_the_scripts_do_try(escape: Escape, place: Place) -> None:
    _, output = place.run(None, place.argv(escape.script))
    if escape.proof == "dead":
        place.victim.wait(10)
    assert place.escaped(escape, output), output


def test_an_open_network_opens_nothing_else(way: Way, place: Place) -> None:
    opened = [escape for escape in ESCAPES if escape.name in ("TCP", "Unix socket")]
    # Nobody else's process can be traced from another process namespace; one's own may be.
    freed = ("socket", "TCP", "UDP", "netlink", "listen", "trace oneself", "kill all")
    others = [escape for escape in ESCAPES if not any(word in escape.name for word in freed)]
    for escape in opened:
        policy = place.policy("workspace-write", network=True)
        assert place.escaped(escape, place.run(way(policy), place.argv(escape.script))[1]), escape.name
    _, output = place.run(way(place.policy("workspace-write", network=True)), place.argv(attempts(others)))
    assert output.endswith("tried all\n"), output
    for escape in others:
        assert not place.escaped(escape, output), f"{escape.name}? {output}"


TERMINAL = """
import fcntl, termios
try:
    fcntl.ioctl(0, termios.TIOCSTI, b"x")
    print("ESCAPED: typed for the user")
except OSError as error: print(error)
try:
    os.open("/dev/tty", os.O_RDWR)
    print("ESCAPED: has the user's terminal")
except OSError as error: print(error)
try:
    os.tcsetpgrp(0, os.getpgrp())
    print("ESCAPED: took the foreground")
except OSError as error: print(error)
print("tried all")
"""


@pytest.mark.parametrize("kind", SANDBOXES)
def test_the_terminal_is_not_the_commands_own(way: Way, kind: str, place: Place) -> None:
    output = place.run_in_terminal(way(place.policy(kind)), place.argv(TERMINAL))
    assert "tried all" in output and "ESCAPED" not in output, output
    # Without a sandbox the same terminal is.
    assert "ESCAPED: has the user's terminal" in place.run_in_terminal(None, place.argv(TERMINAL))


PROTECTED = (
    "echo x > .git/config",
    "echo x > .git/hooks/post-commit",
    "mv .git other && mkdir -p .git/hooks",
    "rm -r .git && mkdir -p .git/hooks",
    "ln -s .git way && echo x > way/config",
    "mv ../ws ../other",
    "mkdir .codex && echo x > .codex/config.toml",
    "rmdir .codex && mkdir .codex && echo x > .codex/config.toml",
    "ln -s /var/tmp .agents",
    "echo x > .agents",
)


def test_protected_folders_of_a_writable_workspace(way: Way, place: Place) -> None:
    (place.workspace / ".git/hooks").mkdir(parents=True)
    (place.workspace / ".git/config").write_text("as it was")
    for script in PROTECTED:
        place.run(way(place.policy("workspace-write")), ["/bin/sh", "-c", script])
        assert (place.workspace / ".git/config").read_text() == "as it was", script
        assert list((place.workspace / ".git/hooks").iterdir()) == [], script
    place.run(way(place.policy("workspace-write")), ["/bin/sh", "-c", "echo x > inside"])
    assert (place.workspace / "inside").exists()
    wait_for(lambda: {path.name for path in place.workspace.iterdir()} <= {".git", "inside", "way"})


def test_placeholders_stay_while_one_command_needs_them(way: Way, place: Place) -> None:
    policy = place.policy("workspace-write")
    first, readers, _ = spawn(
        ["/bin/sh", "-c", "echo on; while [ ! -e go ]; do sleep 0.05; done; mkdir .git/x || echo kept"],
        place.workspace,
        dict(os.environ),
        tty=False,
        confinement=way(policy),
    )
    assert os.read(readers[0], 10) == b"on\n"
    assert place.run(way(policy), ["/bin/sh", "-c", "ls -A .git"]) == (0, "")
    time.sleep(0.2)  # what would remove the folders has had its time
    assert (place.workspace / ".git").is_dir()
    (place.workspace / "go").touch()
    assert first.wait() == 0
    assert os.read(readers[0], 10) == b"kept\n"
    for fd in readers:
        os.close(fd)
    wait_for(lambda: not (place.workspace / ".git").exists())


def test_an_empty_folder_of_ones_own_stays(way: Way, place: Place) -> None:
    (place.workspace / ".git").mkdir()
    assert place.run(way(place.policy("workspace-write")), ["/bin/sh", "-c", "touch .git/x"])[0] == 1
    time.sleep(0.2)
    assert (place.workspace / ".git").is_dir()


# --- what outlives its command, or the agent

BACKGROUND = {
    "child": "sleep 50.{tag} & echo on",
    "session": "setsid sleep 50.{tag} & echo on",
    "forked twice": "( ( setsid sleep 50.{tag} & ) & ); echo on",
    "nohup": "nohup setsid sleep 50.{tag} > /dev/null 2>&1 & echo on",
}


def running(tag: str, beginning: bytes = b"") -> list[int]:
    """The processes with this word on a command line that begins so, as the host sees them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
            if f"50.{tag}".encode() in line and line.startswith(beginning):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


@pytest.fixture
async def manager() -> AsyncIterator[ProcessManager]:
    made = ProcessManager()
    yield made
    await made.shutdown()


def number() -> str:
    return str(secrets.randbelow(10**12))


@pytest.mark.parametrize("kind", SANDBOXES)
@pytest.mark.parametrize("script", BACKGROUND.values(), ids=list(BACKGROUND))
async def test_the_background_ends_with_the_command(
    script: str, kind: str, place: Place, manager: ProcessManager
) -> None:
    tag = number()
    argv = ["/bin/sh", "-c", script.format(tag=tag) + "; sleep 0.3; cat"]
    session = await manager.start(argv, place.workspace, dict(os.environ), sandbox=place.policy(kind))
    snapshot = await session.collect(10_000)
    assert (snapshot.output, snapshot.exit_code) == (b"on\n", 0)
    assert running(tag) == []


@pytest.mark.parametrize("script", BACKGROUND.values(), ids=list(BACKGROUND))
async def test_the_background_ends_with_the_session(script: str, place: Place) -> None:
    tag = number()
    manager = ProcessManager()
    argv = ["/bin/sh", "-c", script.format(tag=tag) + "; sleep 60"]
    await manager.start(argv, place.workspace, dict(os.environ), sandbox=place.policy("workspace-write"))
    for _ in range(500):
        if running(tag):
            break
        await asyncio.sleep(0.02)
    assert running(tag)
    await manager.shutdown()
    # The kernel ends the rest of a namespace a moment after its first process.
    wait_for(lambda: running(tag) == [])


HERE = Path(__file__).resolve().parents[2]
AGENT = """
import os, sys, time
from pathlib import Path
way, kind, folder, script, here = sys.argv[1:]
sys.path.insert(0, here)
from pycodex.sandbox import ways
from pycodex.spawn import spawn
from tests.pycodex.escapes import sandbox
ws = Path(folder)
policy = sandbox(kind, ws)
confine = {each.__name__: each for each in ways()}[way]
spawn(["/bin/sh", "-c", script], ws, dict(os.environ), tty=False, confinement=confine(policy))
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "SIGKILL at once"])
@pytest.mark.parametrize("kind", SANDBOXES)
def test_everything_ends_with_the_agent(way: Way, kind: str, end: str, place: Place) -> None:
    import signal

    tag = number()
    script = "; ".join(script.format(tag=tag) for script in BACKGROUND.values()) + "; sleep 60"
    argv = [sys.executable, "-c", AGENT, way.__name__, kind, str(place.workspace), script, str(HERE)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as agent:
        assert agent.stdout is not None
        assert agent.stdout.readline() == b"ready\n"
        name, _, at_once = end.partition(" ")
        if not at_once:
            wait_for(lambda: len(running(tag, b"sleep\0")) == len(BACKGROUND))
            assert (place.workspace / ".git").is_dir() == (kind != "read-only")
        agent.send_signal(signal.Signals[name])
    wait_for(lambda: running(tag) == [])
    # What stood in for missing folders goes too, however the agent ended.
    wait_for(lambda: list(place.workspace.iterdir()) == [])


NOBODY = 65534


def test_an_ordinary_user_is_kept_in_too(way: Way, place: Place) -> None:
    import ctypes

    # Root becomes somebody else here, and leaves a program that would make root of anybody.
    root = os.getuid() == 0
    user = NOBODY if root else os.getuid()
    for path in (place.root, place.workspace, place.outside):
        os.chown(path, user, user if root else -1)
    becomes_root = place.root / "id"
    shutil.copy(shutil.which("id") or "", becomes_root)
    becomes_root.chmod(0o4755)
    confinement = way(place.policy("workspace-write"))
    assert confinement is not None
    hook, libc = confinement.hook, ctypes.CDLL(None)

    def as_if_started_so() -> None:
        # Who becomes somebody else without exec may not read their own /proc/self.
        libc.prctl(4, 1, 0, 0, 0)
        hook()

    done = subprocess.run(
        [*confinement.prefix, "/bin/sh", "-c", "touch in; echo $$; touch ../out/escaped; id -u; ../id -u"],
        preexec_fn=as_if_started_so,
        pass_fds=confinement.descriptors,
        user=user if root else None,
        group=user if root else None,
        extra_groups=[] if root else None,
        cwd=place.workspace,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["2", str(user), str(user)], done.stderr
    assert (place.workspace / "in").exists()
    assert "Read-only file system" in done.stderr
    assert not (place.outside / "escaped").exists()
