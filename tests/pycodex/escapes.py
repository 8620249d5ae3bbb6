"""Ways out of a sandbox: scripts that try, and how the host sees whether they got out.

Each is a Python program (run by the interpreter of the tests) with these names set: OUT, a folder outside; WS, the
workspace; PID, a process outside; AGENT, the one that starts commands; PORT and SOCKET, where something listens
outside; TAG, a word to know processes by.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pycodex.path_rules import PathRules
from pycodex.sandbox import SandboxMode, SandboxPolicy, SandboxStyle

__all__ = ["ESCAPES", "PRELUDE", "READS", "SANDBOXES", "Escape", "attempts", "sandbox"]

SANDBOXES = ("read-only", "workspace-write", "profile", "bare profile")
"""The modes that confine, and permission profiles: one by which all may be read, one by which nothing but what programs
need, and the interpreter of the tests."""


def sandbox(kind: str, workspace: Path, *, network: bool = False) -> SandboxPolicy:
    """The policy of one of SANDBOXES."""
    mode: SandboxMode = "read-only" if kind == "read-only" else "workspace-write"
    rules = None
    if kind.endswith("profile"):
        interpreter = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent}
        shown = [Path("/")] if kind == "profile" else sorted(interpreter)
        places = (*(("read", place) for place in shown), ("write", workspace))
        rules = PathRules(places=places, platform=kind == "bare profile")  # type: ignore[arg-type]
    style = SandboxStyle(protects_missing=True)
    return SandboxPolicy(mode=mode, writable_roots=(workspace,), network=network, style=style, rules=rules)


PRELUDE = """
import ctypes, os, signal, socket, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    result = libc.syscall(*(ctypes.c_long(a) if isinstance(a, int) else a for a in (number, *arguments)))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def unshare(flags):
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")
def mount(source, target, kind, flags, data=None):
    if libc.mount(source, target, kind, ctypes.c_ulong(flags), data):
        raise OSError(ctypes.get_errno(), "mount")
def writable_again():
    for folder in (b"/", OUT.encode()):
        class Attr(ctypes.Structure):
            _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clr", "propagation", "fd")]
        for attempt in (
            lambda: call(442, -100, folder, 0x8000, ctypes.byref(Attr(clr=1)), 32),
            lambda: mount(None, folder, None, 0x20 | 0x1000),
            lambda: mount(folder, folder, None, 0x1000),
        ):
            try:
                attempt()
            except OSError:
                pass
    open(OUT + "/escaped", "w").close()
"""


@dataclass(frozen=True, kw_only=True)
class Escape:
    """One way. `proof` says how the host sees that it worked: a new file `escaped` in OUT, the file `kept` there
    changed or gone, PID dead, or the word ESCAPED in the output. `control`: whether it works without a sandbox
    for any user and harms nothing, so that the tests can show that the script does try."""

    name: str
    script: str
    proof: str = "file"
    control: bool = True


ESCAPES = (
    Escape(name="write", script='open(OUT + "/escaped", "w")'),
    Escape(name="relative write", script='os.chdir(WS); open("../out/escaped", "w")'),
    Escape(name="make a folder", script='os.mkdir(OUT + "/escaped")'),
    Escape(name="overwrite", script='open(OUT + "/kept", "w")', proof="kept"),
    Escape(name="truncate", script='os.truncate(OUT + "/kept", 0)', proof="kept"),
    Escape(name="remove", script='os.remove(OUT + "/kept")', proof="kept"),
    Escape(name="rename away", script='os.rename(OUT + "/kept", OUT + "/elsewhere")', proof="kept"),
    Escape(name="change the mode", script='os.chmod(OUT + "/kept", 0o600)', proof="kept"),
    Escape(
        name="symbolic link",
        script='link = "/dev/shm/" + TAG\nos.symlink(OUT, link)\ntry: open(link + "/escaped", "w")\n'
        "finally: os.remove(link)",
    ),
    Escape(
        name="symbolic link in the workspace", script='os.symlink(OUT, WS + "/way")\nopen(WS + "/way/escaped", "w")'
    ),
    Escape(
        name="hard link",
        script='os.link(OUT + "/kept", WS + "/same")\nopen(WS + "/same", "w").write("changed")',
        proof="kept",
    ),
    Escape(name="root of another process", script='open(f"/proc/{PID}/root{OUT}/escaped", "w")'),
    Escape(name="folder of another process", script='open(f"/proc/{PID}/cwd/escaped", "w")'),
    Escape(name="root of oneself", script='open(f"/proc/self/root{OUT}/escaped", "w")'),
    Escape(name="root of process 1", script='open(f"/proc/1/root{OUT}/escaped", "w")', control=False),
    Escape(name="remount", script="writable_again()", control=False),
    Escape(
        name="nested user namespace",
        script='unshare(0x10000000 | 0x20000)\nuid = os.getuid()\nopen("/proc/self/setgroups", "w").write("deny")\n'
        'open("/proc/self/uid_map", "w").write(f"0 {uid} 1")\nwritable_again()',
        control=False,
    ),
    Escape(name="new mount namespace", script="unshare(0x20000)\nwritable_again()", control=False),
    Escape(
        name="enter another namespace",
        script='fd = os.open(f"/proc/{PID}/ns/mnt", os.O_RDONLY)\n'
        "if libc.setns(fd, 0): raise OSError(1, 'setns')\nopen(OUT + '/escaped', 'w')",
        control=False,
    ),
    Escape(
        name="unmount",
        script='libc.umount2(b"/", 2); libc.umount2(OUT.encode(), 2)\nopen(OUT + "/escaped", "w")',
        control=False,
    ),
    Escape(name="kill", script="os.kill(PID, signal.SIGKILL)", proof="dead"),
    Escape(name="kill by handle", script="signal.pidfd_send_signal(os.pidfd_open(PID), signal.SIGKILL)", proof="dead"),
    Escape(name="kill all", script="os.kill(-1, signal.SIGKILL)", proof="dead", control=False),
    Escape(name="see another process", script="os.kill(PID, 0); print('ESCAPED')", proof="output"),
    Escape(
        name="memory of another process",
        script='open(f"/proc/{PID}/mem", "rb", 0).seek(4096); print("ESCAPED")',
        proof="output",
    ),
    Escape(
        name="memory of the agent",
        script='open(f"/proc/{AGENT}/mem", "r+b", 0); print("ESCAPED")',
        proof="output",
    ),
    Escape(name="see the agent", script="os.kill(AGENT, 0); print('ESCAPED')", proof="output"),
    Escape(
        name="environment of another process",
        script='open(f"/proc/{PID}/environ").read(); print("ESCAPED")',
        proof="output",
    ),
    Escape(
        name="ptrace",
        script="if libc.ptrace(0x4206, PID, None, None): raise OSError(1, 'ptrace')\nprint('ESCAPED')",
        proof="output",
    ),
    Escape(
        name="trace oneself",
        script="if libc.ptrace(0, 0, None, None): raise OSError(1, 'ptrace')\nprint('ESCAPED')",
        proof="output",
    ),
    Escape(name="TCP", script='socket.create_connection(("127.0.0.1", PORT), 5); print("ESCAPED")', proof="output"),
    Escape(name="TCP socket", script='socket.socket(); print("ESCAPED")', proof="output"),
    Escape(
        name="IPv6 socket", script='socket.socket(socket.AF_INET6); print("ESCAPED")', proof="output", control=False
    ),
    Escape(
        name="UDP",
        script='socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)); print("ESCAPED")',
        proof="output",
    ),
    Escape(
        name="netlink", script='socket.socket(socket.AF_NETLINK, socket.SOCK_RAW); print("ESCAPED")', proof="output"
    ),
    Escape(
        name="Unix socket", script='socket.socket(socket.AF_UNIX).connect(SOCKET); print("ESCAPED")', proof="output"
    ),
    Escape(
        name="abstract Unix socket",
        script='socket.socket(socket.AF_UNIX).connect("\\0" + TAG); print("ESCAPED")',
        proof="output",
    ),
    Escape(
        name="listen",
        script='s = socket.socket(socket.AF_UNIX); s.bind("\\0mine" + TAG); print("ESCAPED")',
        proof="output",
    ),
    Escape(
        name="io_uring",
        script='call(425, 1, ctypes.create_string_buffer(200)); print("ESCAPED")',
        proof="output",
        control=False,
    ),
    Escape(
        name="the machine's settings",
        script='os.open("/proc/sys/kernel/hostname", os.O_WRONLY); print("ESCAPED")',
        proof="output",
        control=False,
    ),
    Escape(
        name="the machine's keys",
        script='os.open("/proc/sysrq-trigger", os.O_WRONLY); print("ESCAPED")',
        proof="output",
        control=False,
    ),
    Escape(
        name="shared memory",
        script='open("/dev/shm/" + TAG, "w"); print("ESCAPED" if os.path.exists("/dev/shm/" + TAG + ".host") else "")',
        proof="output",
        control=False,
    ),
    Escape(
        name="a disk",
        script='os.mknod("/dev/shm/disk", 0o60600, os.makedev(254, 0)); os.open("/dev/shm/disk", os.O_RDONLY)\n'
        "print('ESCAPED')",
        proof="output",
        control=False,
    ),
    Escape(
        name="control groups",
        script="found = [p for p, _, _ in os.walk('/sys/fs/cgroup') if os.access(p, os.W_OK)]\n"
        "print('ESCAPED' if found else '')",
        proof="output",
        control=False,
    ),
    Escape(
        name="set-user-id programs",
        script="status = open('/proc/self/status').read()\n"
        "nosuid = all(os.statvfs(p).f_flag & os.ST_NOSUID for p in ('/usr/bin', WS, OUT, '/dev/shm'))\n"
        "print('' if nosuid and 'NoNewPrivs:\\t1' in status else 'ESCAPED')",
        proof="output",
    ),
    Escape(
        name="inherited descriptors",
        script="inherited = [fd for fd in range(3, 256) if os.path.exists(f'/proc/self/fd/{fd}')]\n"
        "print('ESCAPED' if inherited else '')",
        proof="output",
        control=False,
    ),
    Escape(
        name="capabilities",
        script="caps = [l.split()[1] for l in open('/proc/self/status') if l.startswith('Cap')]\n"
        "print('ESCAPED' if any(int(c, 16) for c in caps) else '')",
        proof="output",
        control=False,
    ),
)

_SHOW = "print('ESCAPED' if 'as it was' in open(way).read() else '')"
READS = tuple(
    Escape(name=f"read {name}", script=f"{script}\n{_SHOW}", proof="output", control=control)
    for name, script, control in (
        ("directly", 'way = OUT + "/kept"', True),
        ("by a relative path", 'os.chdir(WS); way = "../out/kept"', True),
        ("by a symbolic link", 'os.symlink(OUT, WS + "/way"); way = WS + "/way/kept"', True),
        ("by a hard link", 'os.link(OUT + "/kept", WS + "/same"); way = WS + "/same"', True),
        ("by another name of the root", 'way = f"/proc/self/root{OUT}/kept"', True),
        ("by the root of another process", 'way = f"/proc/{PID}/root{OUT}/kept"', True),
        ("by the folder of another process", 'way = f"/proc/{PID}/cwd/kept"', True),
        ("by the root of process 1", 'way = f"/proc/1/root{OUT}/kept"', False),
        ("after unmounting", 'libc.umount2(OUT.encode(), 2); way = OUT + "/kept"', False),
        ("moved away", 'os.rename(OUT, WS + "/moved"); way = WS + "/moved/kept"', False),
        ("after changing its mode", 'os.chmod(OUT, 0o777); way = OUT + "/kept"', False),
        (
            "in a user namespace of one's own",
            'unshare(0x10000000 | 0x20000); libc.umount2(OUT.encode(), 2); way = OUT + "/kept"',
            False,
        ),
        ("below a mount of one's own", 'mount(b"/", WS.encode(), None, 0x1000); way = WS + OUT + "/kept"', False),
    )
)
"""Ways to read what a permission profile denies."""


def attempts(escapes: Iterable[Escape]) -> str:
    """One program that tries each in a child of its own, and says of which one what it prints."""
    tried = {escape.name: escape.script for escape in escapes}
    return f"""
import traceback
for name, script in {tried!r}.items():
    print(f"{{name}}:", flush=True)
    if os.fork() == 0:
        try: exec(script)
        except BaseException as error: print(repr(error))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
print("tried all")
"""
