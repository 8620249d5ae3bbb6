"""How codex-cli tells that its sandbox stopped a command, and the errors it shows for commands that did not
run.

The texts are debug forms of its error values, which the model reads as they are.
"""

from __future__ import annotations

from pycodex.processes import Snapshot
from pycodex.rust import debug_string

__all__ = ["create_process_error", "denial_error", "denied", "looks_denied", "rejected"]

_SIGNAL_OF_SECCOMP = 128 + 31
_WORDS_OF_A_DENIAL = (
    "operation not permitted",
    "permission denied",
    "read-only file system",
    "seccomp",
    "sandbox",
    "landlock",
    "failed to write file",
)


def looks_denied(output: str, exit_code: int) -> bool:
    """The sign by which codex-cli tells that its sandbox stopped a command: it failed, and said one of these
    words (in any case), or died of SIGSYS."""
    if exit_code == 0:
        return False
    text = output.lower()
    return exit_code == _SIGNAL_OF_SECCOMP or any(word in text for word in _WORDS_OF_A_DENIAL)


def denied(snapshot: Snapshot) -> bool:
    """Whether a sandboxed command that ended looks stopped by the sandbox."""
    return snapshot.exit_code is not None and looks_denied(snapshot.output.decode(errors="replace"), snapshot.exit_code)


def rejected(text: str) -> str:
    """The error of a command that was not let run, or could not."""
    return create_process_error(f"Rejected({debug_string(text)})")


def create_process_error(message: str) -> str:
    """The error of a command that did not get as far as an event."""
    return f"CreateProcess {{ message: {debug_string(message)} }}"


def denial_error(snapshot: Snapshot, *, early: bool) -> str:
    """The debug form of codex-cli's error for a denied command. Before the command counts as started the
    error is wrapped once more, and quoted twice."""
    text = snapshot.output.decode(errors="replace")

    def stream(content: str) -> str:
        return f"StreamOutput {{ text: {debug_string(content)}, truncated_after_lines: None }}"

    output = (
        f"ExecToolCallOutput {{ exit_code: {snapshot.exit_code}, stdout: {stream('')}, stderr: {stream(text)}, "
        f"aggregated_output: {stream(text)}, duration: 0ns, timed_out: false }}"
    )
    if early:
        return create_process_error(f"Codex(Sandbox(Denied {{ output: {output}, network_policy_decision: None }}))")
    message = text or f"Process exited with code {snapshot.exit_code}"
    return f"SandboxDenied {{ message: {debug_string(message)}, output: {output} }}"
