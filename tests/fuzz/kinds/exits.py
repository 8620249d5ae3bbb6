"""Ways for a command to end, and the arguments that say how it begins."""

from __future__ import annotations

from typing import Any

from tests.fuzz.calls import Group, World, exec_command

__all__ = ["exits"]

_SIGNALS = ("TERM", "KILL", "INT", "HUP", "QUIT", "USR1", "PIPE", "ALRM")
_SCRIPTS = (
    *("true", "false", "", " ", "#", ":", "no_such_command_here", "cat no/such/file", "./notes.txt", "cd nowhere"),
    *("set -e; false; echo no", "set -u; echo $undefined_name", "false | true", "set -o pipefail; false | true"),
    *("exec no_such_command_here", ". no_such_file", "exit nonsense", "return 3", "trap 'exit 9' EXIT; exit 1"),
    *("echo out", "echo err >&2", "printf 'no newline'", "printf 'no newline' >&2", "echo; echo", "exec >&-; echo x"),
    *("cat", "cat <&-", "read x; echo \"$?\"", "test -t 0; echo $?", "test -t 1; echo $?", "pwd", "cat notes.txt"),
    *("echo $0", "echo $#", "shopt login_shell", "echo \"$TERM $NO_COLOR $PAGER $LANG\"", "ulimit -c; umask"),
    *("mkdir -p sub; cd sub; pwd", "env | cut -d= -f1 | sort", "echo $BASH_VERSINFO", "alias", "echo \"$-\""),
    *("rm -rf nothing", "rm -f nothing", "rm -r nothing", "sudo rm -rf nothing", "echo a && rm -rf nothing", "rm -fr"),
    *("sh -c 'rm -f nothing'", "x=1 rm -rf nothing", "(rm -rf nothing)", "/bin/rm -rf nothing", "echo rm -rf nothing"),
)  # fmt: skip


def exits(world: World) -> Group:
    random = world.random
    pick = random.random()
    if pick < 0.3:
        script = f"exit {random.choice((0, 1, 2, 3, 42, 99, 126, 127, 128, 130, 137, 143, 255, 256, 300, -1))}"
        if world.chance(0.5):
            script = f"echo before; {script}"
    elif pick < 0.5:
        script = f"kill -{random.choice(_SIGNALS)} $$"
        if world.chance(0.3):
            script = f"echo before; {script}; echo after"
    else:
        script = random.choice(_SCRIPTS)
    arguments = _beginning(world)
    if pick < 0.5 and world.chance(0.15):  # the others may wait for a terminal's input
        arguments["tty"] = True
    return (exec_command("exits", script, **arguments),)


def _beginning(world: World) -> dict[str, Any]:
    choices: dict[str, tuple[Any, ...]] = {
        "workdir": ("sub", "nope", ".", "", "./", "/", "notes.txt", "sub/../sub"),
        "shell": ("sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/bash", "zsh", "dash", "no/such", ""),
        "login": (True, False),
    }
    return {name: world.random.choice(values) for name, values in choices.items() if world.chance(0.15)}
