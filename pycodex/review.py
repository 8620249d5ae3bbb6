"""Reviews: what is to be reviewed, what the reviewer is asked, and what its answer says. Pure, but for git."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.arguments import ArgumentStyle
    from pycodex.settings import Settings
    from pycodex.upstream.reviews import ReviewStyle

__all__ = [
    "BaseBranch",
    "Commit",
    "Custom",
    "Review",
    "Target",
    "Uncommitted",
    "described",
    "hint",
    "normal",
    "parse",
    "problem",
    "prompt",
    "results",
    "told",
]


@dataclass(frozen=True, kw_only=True)
class Uncommitted:
    """All that is not committed yet."""


@dataclass(frozen=True, kw_only=True)
class BaseBranch:
    """What differs from a branch."""

    branch: str


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One commit."""

    sha: str
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class Custom:
    """What a text says."""

    instructions: str


Target = Uncommitted | BaseBranch | Commit | Custom


@dataclass(frozen=True, kw_only=True)
class Review:
    """What a reviewer found. `findings`: objects as in its answer, numbers as upstream keeps them."""

    findings: Sequence[Mapping[str, Any]] = ()
    correctness: str = ""
    explanation: str = ""
    confidence: float = 0.0

    def record(self) -> dict[str, Any]:
        """As rollouts keep it."""
        return {
            "findings": list(self.findings),
            "overall_correctness": self.correctness,
            "overall_explanation": self.explanation,
            "overall_confidence_score": self.confidence,
        }


def normal(target: Target) -> Target:
    """The target without blanks around its words (captured: review/targets)."""
    match target:
        case BaseBranch():
            return BaseBranch(branch=target.branch.strip())
        case Commit():
            return Commit(sha=target.sha.strip(), title=(target.title or "").strip() or None)
        case Custom():
            return Custom(instructions=target.instructions.strip())
    return target


def described(target: Target) -> dict[str, Any]:
    """The target as rollouts keep it."""
    match target:
        case BaseBranch():
            return {"type": "baseBranch", "branch": target.branch}
        case Commit():
            return {"type": "commit", "sha": target.sha, "title": target.title}
        case Custom():
            return {"type": "custom", "instructions": target.instructions}
    return {"type": "uncommittedChanges"}


def problem(target: Target) -> str | None:
    """What is wrong with a target (captured: review/empty_targets)."""
    match normal(target):
        case BaseBranch(branch=""):
            return "branch must not be empty"
        case Commit(sha=""):
            return "sha must not be empty"
    return None


_SHORT = 7


def hint(target: Target, style: ReviewStyle) -> str:
    """The target in a few words, for people."""
    uncommitted, branch, commit, titled = style.hints
    match target:
        case BaseBranch():
            return branch.format(branch=target.branch)
        case Commit():
            short = target.sha[:_SHORT]
            return commit.format(sha=short) if target.title is None else titled.format(sha=short, title=target.title)
        case Custom():
            return target.instructions.strip()
    return uncommitted


async def prompt(target: Target, settings: Settings) -> str:
    """What the reviewer is asked; of a branch, git is asked where its history and ours part."""
    data = settings.data
    match target:
        case BaseBranch():
            base = await _merge_base(settings.cwd, target.branch)
            text = data.text("review.base.md" if base is not None else "review.base_unknown.md")
            return text.replace("{sha}", base or "").replace("{branch}", target.branch)
        case Commit():
            text = data.text("review.commit.md" if target.title is None else "review.commit_titled.md")
            return text.replace("{sha}", target.sha).replace("{title}", target.title or "")
        case Custom():
            return target.instructions
    return data.text("review.uncommitted.md")


async def _merge_base(cwd: Path, branch: str) -> str | None:
    """Where HEAD and the branch part; its upstream counts in its place when that is ahead (measured on the binary)."""
    from pycodex.git_info import ask_git

    if await ask_git(cwd, "rev-parse", "--verify", branch) is None:
        return None
    upstream = await ask_git(cwd, "rev-parse", "--abbrev-ref", "--symbolic-full-name", f"{branch}@{{upstream}}")
    if upstream:
        counts = await ask_git(cwd, "rev-list", "--left-right", "--count", f"{branch}...{upstream.strip()}")
        if counts and counts.split()[-1:] not in ([], ["0"]):
            branch = upstream.strip()
    found = await ask_git(cwd, "merge-base", "HEAD", branch)
    return found.strip() or None if found is not None else None


def parse(text: str, style: ArgumentStyle) -> Review:
    """The review that an answer holds: JSON, or JSON between other words; else the answer is the explanation."""
    from pycodex.arguments import ArgumentsError, parse_arguments
    from pycodex.review_shape import REVIEW

    first, last = text.find("{"), text.rfind("}")
    for part in (text, text[first : last + 1] if 0 <= first < last else ""):
        try:
            found = parse_arguments(part, REVIEW, style)
        except ArgumentsError:
            continue
        return Review(
            findings=[{**each, "confidence_score": _single(each["confidence_score"])} for each in found["findings"]],
            correctness=found["overall_correctness"],
            explanation=found["overall_explanation"],
            confidence=_single(found["overall_confidence_score"]),
        )
    return Review(explanation=text)


def _single(number: float) -> float:
    """The number as 32 bits hold it, in as few digits as tell it from its neighbours."""
    if math.isnan(held := _packed(number)) or math.isinf(held):
        return held
    return next(short for digits in range(1, 18) if _packed(short := float(f"{held:.{digits}g}")) == held)


def _packed(number: float) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return math.inf


def told(review: Review, style: ReviewStyle) -> str:
    """The review for people, and as the answer in the thread."""
    parts = (review.explanation.strip(), _comments(review, style).strip())
    return "\n\n".join(part for part in parts if part) or style.no_words


def results(review: Review, style: ReviewStyle) -> str:
    """The review as the thread's user is made to tell it."""
    comments = _comments(review, style)
    return review.explanation.strip() + (f"\n{comments}" if comments else "")


def _comments(review: Review, style: ReviewStyle) -> str:
    if not review.findings:
        return ""
    lines = ["", style.more_comments if len(review.findings) > 1 else style.one_comment]
    for each in review.findings:
        place, span = each["code_location"]["absolute_file_path"], each["code_location"]["line_range"]
        lines += ["", f"- {each['title']} — {place}:{span['start']}-{span['end']}"]
        lines += [f"  {line}" for line in each["body"].removesuffix("\n").split("\n") if each["body"]]
    return "\n".join(lines)
