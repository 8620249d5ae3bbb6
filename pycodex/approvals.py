"""Whether a command may run: the approval policy, the rules, and what the command is.

A pure decision. `Ask` is for a person; where nobody can be asked (exec) the policy is `never`, and what would be
asked is refused instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pycodex.danger import Danger, DangerRule
from pycodex.exec_rules import Match, Rules, RulesStyle
from pycodex.records import dataclass
from pycodex.scripts import Argv, command_before_heredoc, plain_commands, script_of
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
    """Commands that are refused, or asked for, unless a rule is about them."""
    danger_reasons: Mapping[Danger, str]
    """Why, as it stands after `rejected: `."""
    shows_argv_in: frozenset[str] | None
    """Folders of the shells whose command lines are shown in full in a refusal; of others only the program is
    (captures: shell/dangerous_other); None: of all."""
    every_command_allowed: bool
    """Whether a script leaves the sandbox only when rules allow each of its commands (else: one is enough)."""
    literal_words: bool
    """Whether a script of words that a shell changes (`*`, `~`, `\\`) or of a here-document is one command: the
    shell's. Else such words count as they stand, and a command before a here-document by its words."""
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
    """The verdict on a command line `[shell, "-lc", script]`. Each command that no rule is about is looked at by
    itself."""
    commands = _commands(argv, style) or [list(argv)]
    matches = [rules.matches(command) for command in commands]
    found = [match for each in matches for match in each]
    forbidden = [match for match in found if match.decision == "forbidden"]
    if forbidden:
        return Refuse(refusal=f"`{_shown(argv, style)}` rejected: {_reason(forbidden)}")
    unruled = (command for command, fit in zip(commands, matches, strict=True) if not fit)
    danger = next((danger for command in unruled if (danger := style.dangerous(command))), None)
    if danger is not None:
        return _asked(policy, f"`{_shown(argv, style)}` rejected: {style.danger_reasons[danger]}", None)
    asked = [match for match in found if match.decision == "prompt"]
    if asked:
        return _asked(policy, _NOBODY_TO_ASK, asked[-1].justification)
    return Run(confined=not (all(matches) if style.every_command_allowed else any(matches)))


def _commands(argv: Sequence[str], style: ApprovalStyle) -> list[Argv] | None:
    """The commands that rules are held against."""
    script = script_of(argv)
    if script is None:
        return None
    plain = plain_commands(script, literal=style.literal_words)
    before = None if plain or style.literal_words else command_before_heredoc(script)
    return [before] if before else plain


def _shown(argv: Sequence[str], style: ApprovalStyle) -> str:
    whole = style.shows_argv_in is None or argv[0].rpartition("/")[0] in style.shows_argv_in
    return shlex_join(argv if whole else argv[:1])


def _asked(policy: ApprovalPolicy, refusal: str, reason: str | None) -> Verdict:
    return Refuse(refusal=refusal) if policy == "never" else Ask(refusal=refusal, reason=reason)


def _reason(matches: Sequence[Match]) -> str:
    """The reason of the longest rule, of the last one of that length."""
    longest = max(reversed(matches), key=lambda match: len(match.prefix))
    return longest.justification or f"policy forbids commands starting with `{shlex_join(longest.prefix)}`"
