"""A command-line parser on plain data, with the messages of clap 4 (the parser of codex-cli)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pycodex.records import dataclass, field

__all__ = ["Arg", "Command", "Parsed", "UsageError", "lossy", "parse"]

_MORE = "For more information, try '--help'."
_SIMILAR = 0.7


class UsageError(Exception):
    """What is wrong with the command line, as clap prints it on stderr (without the last newline).
    `exit_code` is 2.

    `--help` and `--version` come the same way: `stdout` is true, `exit_code` is 0.
    """

    def __init__(self, text: str, exit_code: int = 2, stdout: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.exit_code = exit_code
        self.stdout = stdout


@dataclass(frozen=True, kw_only=True)
class Arg:
    """One option (long and/or short given) or positional (neither).

    `value_name`: placeholder in messages, e.g. `SANDBOX_MODE`. `choices`: possible values. `conflicts`: ids;
    `needs`: ids of what must be there too, unless that conflicts with what is there.
    `many`: the option takes all values that follow. `delimiter` splits each value. `global_`: subcommands
    take it too. `apart`: not of the group that the other arguments of the command make up. `about`: a line for the
    help. `problem`: what is wrong with a value, or None. action: `set` one value · `append` one or more values,
    repeated · `flag` · `help` · `version`.
    """

    id: str
    long: str | None = None
    short: str | None = None
    aliases: tuple[str, ...] = ()
    value_name: str | None = None
    action: Literal["set", "append", "flag", "help", "version"] = "set"
    choices: tuple[str, ...] = ()
    many: bool = False
    delimiter: str | None = None
    required: bool = False
    conflicts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    hidden: bool = False
    global_: bool = False
    apart: bool = False
    about: str = ""
    problem: Callable[[str], str | None] | None = None

    @property
    def positional(self) -> bool:
        """Whether it stands by its place."""
        return self.long is None and self.short is None

    @property
    def takes_value(self) -> bool:
        """Whether a value belongs to it."""
        return self.action in ("set", "append")

    @property
    def is_path(self) -> bool:
        """Whether its value names a file or a folder: such a one is any bytes, and not empty."""
        return self.value_name in ("FILE", "DIR")

    @property
    def may_be_empty(self) -> bool:
        """Whether an empty text is a value: not of paths and of choices."""
        return not self.choices and not self.is_path

    @property
    def value(self) -> str:
        """The placeholder of its value."""
        return f"<{self.value_name or self.id.upper()}>" + ("..." if self.many else "")

    @property
    def shown(self) -> str:
        """As messages call it: `--model <MODEL>`, `--json`, `[PROMPT]`."""
        if self.positional:
            return self.value if self.required else f"[{self.value[1:-1]}]"
        name = f"--{self.long}" if self.long else f"-{self.short}"
        return f"{name} {self.value}" if self.takes_value else name


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command: its options, positionals in order, subcommands by name, and the texts of --help, -h and
    --version. Without a text of its own --help is made of `about`, the arguments, and `notes` (see usage_help.py)."""

    name: str
    args: tuple[Arg, ...]
    usage: str
    """The text after `Usage: `, as clap prints it below an error (lines after the first with their
    indent)."""
    path: str | None = None
    """The words before the arguments (`codex exec`), when the usage below an error names the arguments that
    were used; None: it is always `usage`."""
    subcommands: Mapping[str, Command] = field(default_factory=dict)
    help: Callable[[], str] | str = ""
    short_help: Callable[[], str] | str = ""
    version: str = ""
    about: str = ""
    notes: str = ""


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """`values` by Arg.id: str, list[str] (append), bool (flag); absent ids are missing. `sub`: (name, Parsed)
    or None.

    A global option stands in the values of the level where it was written.
    """

    values: Mapping[str, Any]
    sub: tuple[str, Parsed] | None = None


def parse(spec: Command, argv: Sequence[str]) -> Parsed:
    """Parse `argv` (without the program's name). Raises UsageError."""
    return _Parser(spec, list(argv), ()).run()


class _Parser:
    def __init__(self, spec: Command, argv: list[str], inherited: tuple[Arg, ...]) -> None:
        self._spec = spec
        self._argv = argv
        known = {arg.id for arg in spec.args}
        self._args = (*spec.args, *(arg for arg in inherited if arg.id not in known))
        self._positionals = [arg for arg in spec.args if arg.positional]
        self._values: dict[str, Any] = {}
        self._used: list[Arg] = []
        self._pending: Arg | None = None
        """The argument whose value was the last word: clap keeps it aside until it meets another."""

    def run(self) -> Parsed:
        waiting = list(self._positionals)
        while self._argv:
            word = self._argv.pop(0)
            if word == "--":
                for value in self._argv:
                    self._positional(waiting, value)
                break
            if word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._shorts(word)
            elif word == "help" and self._spec.subcommands and len(waiting) == len(self._positionals):
                raise self._help_of(self._argv)
            elif word in self._spec.subcommands and len(waiting) == len(self._positionals):
                sub = self._spec.subcommands[word]
                inherited = tuple(arg for arg in self._args if arg.global_)
                self._validate()
                return Parsed(values=self._values, sub=(word, _Parser(sub, self._argv, inherited).run()))
            else:
                self._positional(waiting, word)
        self._validate()
        return Parsed(values=self._values)

    def _help_of(self, words: Sequence[str]) -> UsageError:
        """The command `help`: the help of the command that the words name."""
        spec = self._spec
        for word in words:
            if word not in spec.subcommands:
                return UsageError(f"error: unrecognized subcommand '{word}'\n\nUsage: {spec.usage}\n\n{_MORE}")
            spec = spec.subcommands[word]
        return UsageError(_help(spec), 0, stdout=True)

    # --- one word

    def _positional(self, waiting: list[Arg], value: str) -> None:
        if not waiting:
            raise self._error(f"unexpected argument '{lossy(value)}' found")
        self._store(waiting[0] if waiting[0].many else waiting.pop(0), [value])

    def _long(self, word: str) -> None:
        name, equals, value = word[2:].partition("=")
        arg = next((arg for arg in self._args if name == arg.long or name in arg.aliases), None)
        if arg is None and (name == "help" or (name == "version" and self._spec.version)):
            arg = Arg(id=name, long=name, action="help" if name == "help" else "version")
        if arg is None:
            raise self._unknown_long(f"--{name}")
        if equals and not arg.takes_value:
            message = f"unexpected value '{value}' for '{arg.shown}' found; no more were expected"
            raise UsageError(f"error: {message}\n\nUsage: {self._usage_with_group(arg)}\n\n{_MORE}")
        if arg.action in ("help", "version"):
            text = _help(self._spec) if arg.action == "help" else self._spec.version
            raise UsageError(text, 0, stdout=True)
        if not arg.takes_value:
            self._store(arg, [])
        else:
            self._option(arg, value if equals else None)

    def _shorts(self, word: str) -> None:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            arg = next((arg for arg in self._args if arg.short == letter), None)
            if (arg is None and letter == "h") or (arg is not None and arg.action == "help"):
                raise UsageError(_help(self._spec, short=True), 0, stdout=True)
            if (arg is None and letter == "V" and self._spec.version) or (arg is not None and arg.action == "version"):
                raise UsageError(self._spec.version, 0, stdout=True)
            if arg is None:
                raise self._error(f"unexpected argument '-{letter}' found", self._as_value(f"-{letter}"))
            if arg.takes_value:
                self._option(arg, letters.removeprefix("=") if letters else None)
                return
            self._store(arg, [])

    def _option(self, arg: Arg, value: str | None) -> None:
        values = [] if value is None else [value]
        if value is None:
            while self._argv and not _looks_like_option(self._argv[0]) and (arg.many or not values):
                values.append(self._argv.pop(0))
        if not values or (not arg.may_be_empty and "" in values):
            choices = _choices(arg)
            raise UsageError(f"error: a value is required for '{arg.shown}' but none was supplied{choices}\n\n{_MORE}")
        self._store(arg, values)
        if value is None:
            self._pending = arg

    def _store(self, arg: Arg, values: list[str]) -> None:
        once = arg.action != "append" and not (arg.positional and arg.many)
        if once and arg.id in self._values:
            raise self._error(f"the argument '{arg.shown}' cannot be used multiple times", used=[])
        if arg.delimiter:
            values = [part for value in values for part in value.split(arg.delimiter)]
        for value in values:
            if not arg.is_path and lossy(value) != value:
                raise self._error("invalid UTF-8 was detected in one or more arguments")
            if arg.choices and value not in arg.choices:
                similar = _similar(value, arg.choices)
                tip = f"\n\n  tip: a similar value exists: '{similar}'" if similar else ""
                raise UsageError(f"error: invalid value '{value}' for '{arg.shown}'{_choices(arg)}{tip}\n\n{_MORE}")
            if arg.problem is not None and (problem := arg.problem(value)) is not None:
                raise UsageError(f"error: invalid value '{value}' for '{arg.shown}': {problem}\n\n{_MORE}")
        if once:
            self._values[arg.id] = values[0] if arg.takes_value else True
        else:
            self._values.setdefault(arg.id, []).extend(values)
        if arg not in self._used:
            self._used.append(arg)
        self._pending = arg if arg.positional else None

    # --- the whole

    def _validate(self) -> None:
        for arg in self._used:
            if against := self._against(arg):
                used = [other for other in self._used if other not in against]
                if len(against) == 1:
                    tail = f" '{against[0].shown}'"
                else:
                    tail = ":" + "".join(f"\n  {other.shown}" for other in against)
                raise self._error(f"the argument '{arg.shown}' cannot be used with{tail}", used=used)
        needed = {id_ for arg in self._used for id_ in arg.needs}
        missing = [
            arg
            for arg in self._args
            if arg.id not in self._values and (arg.required or (arg.id in needed and not self._against(arg)))
        ]
        if missing:
            names = "".join(f"\n  {arg.shown}" for arg in missing)
            message = f"the following required arguments were not provided:{names}"
            raise self._error(message, used=[*missing, *self._used])

    def _against(self, arg: Arg) -> list[Arg]:
        """What was used and does not go together with it."""
        return [
            other for other in self._used if other.id in arg.conflicts or (arg.id in other.conflicts and other != arg)
        ]

    # --- messages

    def _error(self, message: str, tip: str = "", *, used: Sequence[Arg] = ()) -> UsageError:
        return UsageError(f"error: {message}\n\n{tip}Usage: {self._usage(used)}\n\n{_MORE}")

    def _unknown_long(self, flag: str) -> UsageError:
        message = f"unexpected argument '{flag}' found"
        used = list(self._used)
        longs = {name: arg for arg in self._args if not arg.hidden for name in (arg.long, *arg.aliases) if name}
        similar = _similar(flag[2:], [*longs, "help", *(["version"] if self._spec.version else [])])
        if similar is None:
            return self._error(message, self._tip_for_subcommand(flag) or self._as_value(flag), used=used)
        if similar in longs and longs[similar] not in used:
            used.append(longs[similar])
        return self._error(message, f"  tip: a similar argument exists: '--{similar}'\n\n", used=used)

    def _tip_for_subcommand(self, flag: str) -> str:
        for word in self._argv:
            sub = self._spec.subcommands.get(word)
            similar = _similar(flag[2:], [arg.long for arg in sub.args if arg.long]) if sub else None
            if similar is not None:
                return f"  tip: '{word} --{similar}' exists\n\n"
        return ""

    def _as_value(self, flag: str) -> str:
        return f"  tip: to pass '{flag}' as a value, use '-- {flag}'\n\n" if self._positionals else ""

    def _usage(self, used: Sequence[Arg]) -> str:
        if self._spec.path is None or not used:
            return self._spec.usage
        options = [arg.shown for arg in used if not arg.positional]
        places = [arg.value if arg in used else arg.shown for arg in self._positionals]
        return " ".join([self._spec.path, *options, *places])

    def _usage_with_group(self, arg: Arg) -> str:
        """The usage below a value too many: the arguments used before, their group as a choice between all of it.

        Captured: cli/usage_group.
        """
        before = [other for other in self._used if other != self._pending]
        members = [other for other in self._spec.args if not other.apart]
        if self._spec.path is None or not any(other in members for other in before):
            return self._usage([*before, arg])
        options = [other.shown for other in (*before, arg) if other not in members]
        names = (other.value_name if other.positional else other.shown for other in members)
        return " ".join([self._spec.path, *options, f"<{'|'.join(str(name) for name in names)}>"])


def lossy(text: str) -> str:
    """A text of the system's with signs in place of bytes that are not UTF-8."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _help(spec: Command, *, short: bool = False) -> str:
    text = (short and spec.short_help) or spec.help
    if text == "":
        from pycodex.cli.usage_help import usage_help

        return usage_help(spec)
    return (text if isinstance(text, str) else text()).rstrip("\n")


def _looks_like_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _choices(arg: Arg) -> str:
    return f"\n  [possible values: {', '.join(arg.choices)}]" if arg.choices else ""


def _similar(name: str, candidates: Sequence[str]) -> str | None:
    """The candidate that is most like `name`, if any is like it enough."""
    best = max(candidates, key=lambda candidate: _jaro(name, candidate), default=None)
    return best if best is not None and _jaro(name, best) > _SIMILAR else None


def _jaro(a: str, b: str) -> float:
    """The Jaro similarity, from 0 to 1."""
    if not a or not b:
        return float(a == b)
    reach = max(0, max(len(a), len(b)) // 2 - 1)
    taken = [False] * len(b)
    matched = []
    for i, character in enumerate(a):
        for j in range(max(0, i - reach), min(len(b), i + reach + 1)):
            if not taken[j] and b[j] == character:
                taken[j] = True
                matched.append(character)
                break
    if not matched:
        return 0.0
    swapped = sum(x != y for x, y in zip(matched, (c for c, t in zip(b, taken, strict=True) if t), strict=True))
    m = len(matched)
    return (m / len(a) + m / len(b) + (m - swapped / 2) / m) / 3
