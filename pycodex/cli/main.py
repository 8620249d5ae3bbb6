"""The `pycodex` program: finds the upstream version and the command, and turns errors into messages and exit codes."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main", "take_option", "take_upstream"]

_UPSTREAM = ("--upstream", "a version, as in `--upstream 0.0.0`")
_ENDPOINT = ("--vllm-endpoint", "an address, as in `--vllm-endpoint http://127.0.0.1:8000`")
_PANIC = 101
"""What codex-cli ends with when it cannot print (measured on both versions)."""


def take_upstream(argv: Sequence[str]) -> tuple[str | None, list[str]]:
    """The value of `--upstream` and the arguments without it. Raises ValueError."""
    return take_option(argv, *_UPSTREAM)


def take_option(argv: Sequence[str], option: str, wants: str) -> tuple[str | None, list[str]]:
    """The value of an option that codex-cli does not have (anywhere before `--`), and the arguments without it. Raises
    ValueError."""
    found: str | None = None
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            return found, [*rest, word, *words]
        if word == option:
            found = next(words, None)
            if found is None:
                raise ValueError(f"{option} needs {wants}")
        elif word.startswith(option + "="):
            found = word.partition("=")[2]
        else:
            rest.append(word)
    return found, rest


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program. The exit code; without `argv` the process ends with it."""
    if argv is None:
        _open_streams()
        _leave(_readable(sys.argv[1:]))
    return _readable(argv)


def _readable(argv: Sequence[str]) -> int:
    """As `_main`; where what is printed goes nowhere (`pycodex ... | head -1`, a full disk), the run ends with a
    line."""
    try:
        return _main(argv)
    except Exception as error:
        if (text := _unprintable(error)) is None:
            raise
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr)
        return _PANIC


def _unprintable(error: Exception) -> str | None:
    """That something could not be printed, in words."""
    if isinstance(error, BrokenPipeError):
        return f"failed printing to stdout: {error.strerror} (os error {error.errno})"
    turn = sys.modules.get("pycodex.cli.turn")  # without it nothing was printed in its way
    return str(error) if turn is not None and isinstance(error, turn.Unprintable) else None


def _open_streams() -> None:
    """Standard streams that are closed lead to /dev/null, as in codex-cli: no file of the run may take their place."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one's
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115


def _talks(prompt: object) -> bool:
    """Whether a person is there to go on: a prompt whose answer goes elsewhere is one turn."""
    return prompt is None or sys.stdout.isatty()


def _leave(code: int) -> NoReturn:
    """End the process at once: taking the interpreter down in order costs more than a tenth of a short run."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _main(argv: Sequence[str]) -> int:
    # Imports make many objects and no rubbish: looking for some is a twentieth of the start. On again in `exec`.
    gc.disable()
    from pycodex.upstream import UnknownVersion, load_dialect

    try:
        version, rest = take_upstream(argv)
        endpoint, rest = take_option(rest, *_ENDPOINT)
        dialect = load_dialect(version or os.environ.get("PYCODEX_UPSTREAM") or None)
    except (ValueError, UnknownVersion) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    from pycodex.cli.clap import UsageError, parse
    from pycodex.cli.options import heard, program

    try:
        parsed = heard(dialect, parse(program(dialect), rest))
    except UsageError as error:
        with contextlib.suppress(BrokenPipeError):
            print(error.text, file=sys.stdout if error.stdout else sys.stderr, flush=True)
        return error.exit_code
    if endpoint is not None:
        from pycodex.records import replace

        parsed = replace(parsed, values={**parsed.values, "vllm_endpoint": endpoint})
    if parsed.sub is None:
        if sys.stdin.isatty() and not parsed.values.get("json") and _talks(parsed.values.get("prompt")):
            from pycodex.cli.interactive import run_interactive

            return run_interactive(dialect, parsed)
        from pycodex.cli.prompt import run_prompt

        return run_prompt(dialect, parsed)
    if parsed.sub[0] == "resume":
        from pycodex.cli.interactive import run_interactive

        return run_interactive(dialect, parsed)
    if parsed.sub[0] == "debug":
        if parsed.sub[1].sub is None:
            print("error: `pycodex debug` needs a command: models", file=sys.stderr)
            return 2
        from pycodex.cli.debug import print_models

        return print_models(dialect)
    if parsed.sub[0] == "features":
        if parsed.sub[1].sub is None:
            print("error: `pycodex features` needs a command: list", file=sys.stderr)
            return 2
        from pycodex.cli.features import list_features

        return list_features(dialect, parsed)
    if parsed.sub[0] == "doctor":
        from pycodex.cli.doctor import run_doctor

        return run_doctor(dialect, parsed)
    from pycodex.cli.exec import run_exec

    return run_exec(dialect, parsed)
