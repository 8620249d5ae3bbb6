"""Whether a command may run: the approval policy, the rules, and what the command is.

A pure decision. `Ask` is for a person; where nobody can be asked (exec) the policy is `never`, and what would be
asked is refused instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pycodex.danger import DangerRule
from pycodex.exec_rules import Match, Rules, RulesStyle
from pycodex.records import dataclass
from pycodex.shell import shlex_join

__all__ = [
    "ApprovalPolicy",
    "ApprovalStyle",
    "Ask",
    "Refuse",
    "Run",
    "Verdict",
    "decide",
    "escalation",
    "plain_commands",
]

ApprovalPolicy = Literal["never", "on-request", "on-failure", "untrusted"]

_NEVER_ESCALATES = (
    "approval policy is Never; reject command — you cannot ask for escalated permissions"
    " if the approval policy is Never"
)
_NOBODY_TO_ASK = "approval required by policy, but AskForApproval is set to Never"


@dataclass(frozen=True, kw_only=True)
class ApprovalStyle:
    """What differs between versions."""

    dangerous: DangerRule
    """Scripts that are refused, or asked for, unless a rule allows them."""
    danger_reason: str
    """Why, as it stands after `rejected: `."""
    shows_argv_in: frozenset[str] | None
    """Folders of the shells whose command lines are shown in full in a refusal; of others only the program is
    (captures: shell/dangerous_other); None: of all."""
    every_command_allowed: bool
    """Whether a script leaves the sandbox only when rules allow each of its commands (else: one is enough)."""
    loose_words: bool
    """Whether words with `*`, `?`, `[`, `~` and `{` count as they stand, and a command before a here-document
    by its words; else such a script is one command: the shell's."""
    rules: RulesStyle
    """How rules are read."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """It may run; `confined`: in the sandbox."""

    confined: bool = True


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """It may not; `refusal` is the text for the model."""

    refusal: str


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A person has to say; `reason` is the model's or the rule's, if there is one. `refusal` is the text for the
    model where there is no person."""

    refusal: str
    reason: str | None = None


Verdict = Run | Refuse | Ask


def escalation(policy: ApprovalPolicy, args: Mapping[str, Any]) -> Verdict:
    """The verdict on the arguments that ask for more than the sandbox gives."""
    wanted = args.get("sandbox_permissions")
    if wanted in (None, "use_default") and args.get("additional_permissions") is None:
        return Run()
    return _asked(policy, _NEVER_ESCALATES, args.get("justification"))


def decide(policy: ApprovalPolicy, rules: Rules, style: ApprovalStyle, argv: Sequence[str]) -> Verdict:
    """The verdict on a command line `[shell, "-lc", script]`."""
    script = argv[-1]
    commands = (plain_commands(script, loose=style.loose_words) if rules else None) or [list(argv)]
    matches = [rules.matches(command) for command in commands]
    found = [match for each in matches for match in each]
    forbidden = [match for match in found if match.decision == "forbidden"]
    if forbidden:
        return Refuse(refusal=f"`{_shown(argv, style)}` rejected: {_reason(forbidden)}")
    if (not all(matches)) and style.dangerous(script):
        return _asked(policy, f"`{_shown(argv, style)}` rejected: {style.danger_reason}", None)
    asked = [match for match in found if match.decision == "prompt"]
    if asked:
        return _asked(policy, _NOBODY_TO_ASK, asked[-1].justification)
    return Run(confined=not (all(matches) if style.every_command_allowed else any(matches)))


def _shown(argv: Sequence[str], style: ApprovalStyle) -> str:
    whole = style.shows_argv_in is None or argv[0].rpartition("/")[0] in style.shows_argv_in
    return shlex_join(argv if whole else argv[:1])


def _asked(policy: ApprovalPolicy, refusal: str, reason: str | None) -> Verdict:
    return Refuse(refusal=refusal) if policy == "never" else Ask(refusal=refusal, reason=reason)


def _reason(matches: Sequence[Match]) -> str:
    """The reason of the longest rule, of the last one of that length."""
    longest = max(reversed(matches), key=lambda match: len(match.prefix))
    return longest.justification or f"policy forbids commands starting with `{shlex_join(longest.prefix)}`"


_STRICT = r"[^\s;|&<>(){}$`\"'\\*?\[\]~#!]"
_LOOSE = r"[^\s;|&<>()$`\"'\\#!]"
_WORDS = r"""(?P<blank>(?:[ \t]|\\\n)+)|(?P<joint>&&|\|\||[;|\n])|(?P<word>(?:%s|'[^']*'|"[^"$`\\]*")+)"""
_TOKENS = {False: re.compile(_WORDS % _STRICT), True: re.compile(_WORDS % _LOOSE)}
_PIECE = re.compile(r"""'([^']*)'|"([^"]*)"|([^'"]+)""")
_KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function", "select")
)


def plain_commands(script: str, *, loose: bool) -> list[list[str]] | None:
    """The commands of a script that is made of plain words joined by `&&`, `||`, `;`, `|` and new lines; None for
    any other script. The name of a command is not quoted. Measured script by script on both binaries."""
    if loose and "<<" in script.partition("\n")[0]:
        script = re.split(r"\d*[<>]", script, maxsplit=1)[0]
    commands: list[list[str]] = [[]]
    place = 0
    while place < len(script):
        match = _TOKENS[loose].match(script, place)
        if match is None:
            return None
        place = match.end()
        if match["joint"]:
            commands.append([])
        elif match["word"]:
            word = match["word"]
            if not commands[-1] and (set(word) & set("'\"=") or word in _KEYWORDS):
                return None
            commands[-1].append("".join("".join(piece) for piece in _PIECE.findall(word)))
    while commands and not commands[-1]:
        commands.pop()
    return commands if commands and all(commands) else None
