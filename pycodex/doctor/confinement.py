"""Whether commands can be run as the model is told that they are: a command that does nothing, in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.doctor.report import Check, Verdict
from pycodex.one_shot import run_once
from pycodex.processes import ProcessManager
from pycodex.sandbox import SandboxUnavailable
from pycodex.spawn import StartError

if TYPE_CHECKING:
    from pycodex.doctor.subject import Subject

__all__ = ["check_sandbox"]

_SECONDS = 10.0
_NOTHING = ("/bin/sh", "-c", "exit 0")


async def check_sandbox(subject: Subject) -> Check:
    """Runs it in the working directory, in the mode of flags and configuration."""
    settings = subject.loaded
    mode, network = settings.told_sandbox_mode, settings.sandbox.network
    details = (("mode", mode), ("network", "allowed" if network else "kept away"), ("folder", str(settings.cwd)))

    def check(status: Verdict, summary: str, remedy: str | None = None) -> Check:
        id_ = "sandbox.run"
        return Check(id=id_, category="sandbox", status=status, summary=summary, details=details, remedy=remedy)

    processes = ProcessManager()
    try:
        ended = await run_once(
            _NOTHING,
            settings.cwd,
            settings.environment,
            seconds=_SECONDS,
            sandbox=settings.sandbox,
            processes=processes,
        )
    except SandboxUnavailable as error:
        return check("fail", "this host can make no sandbox, so commands are refused", str(error))
    except StartError as error:
        return check("fail", f"no command can be started: {error}", f"Check {settings.cwd} and /bin/sh")
    if ended.status != 0:
        said = ended.output.decode(errors="replace").strip().partition("\n")[0]
        how = "took too long" if ended.status is None else f"ended with {ended.status}"
        remedy = "Look at what it said, and at what the host lets a user make (user namespaces, bwrap)"
        return check("fail", f"a command that does nothing {how}{': ' + said if said else ''}", remedy)
    if mode == "danger-full-access":
        remedy = 'Unless this machine is a sandbox itself, set sandbox_mode = "workspace-write"'
        return check("warning", "commands may do everything: there is no sandbox (danger-full-access)", remedy)
    return check("ok", f"commands run in it ({mode}, network {details[1][1]})")
