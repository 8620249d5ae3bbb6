"""How reviews differ between versions; the words of a review are data (`review.*.md`), the shortest stand here."""

from __future__ import annotations

from pycodex.records import dataclass

__all__ = ["GuardianStyle", "ReviewStyle"]


@dataclass(frozen=True, kw_only=True)
class GuardianStyle:
    """A model that reviews what wants out of the sandbox."""

    denied: str
    """The text of the data for the model that asked, with a place {rationale}."""
    no_rationale: str
    failed: str
    """The same when there was no review, with a place {error}."""
    unreadable: str
    """Why, of an answer that cannot be read."""
    unsaid: frozenset[str]
    """What the world state of its thread leaves out."""


@dataclass(frozen=True, kw_only=True)
class ReviewStyle:
    """A review: one turn of a sub-agent, told to people as a turn of the thread that asked for it."""

    features_off: frozenset[str]
    """Features that its sub-agent does without."""
    shares_session: bool
    """Whether its sub-agent's requests belong to the session of the thread."""
    begins_turn: bool
    """Whether the turn begins with the review, before what the thread is warned of; else with its sub-agent's turn."""
    tells_messages: bool
    """Whether the sub-agent's messages are told, each when the next one comes; else only what the review says."""
    tells_twice: frozenset[str]
    """What of the sub-agent is told twice: types of items (captured: review/tools, review/doings)."""
    is_final: bool
    """Whether what the review says counts as the last message of the run."""
    interruptible: bool
    """Whether SIGINT ends it (captured: review/interrupted)."""
    refusal: str
    """For a target that blanks name; may use {problem}."""
    hints: tuple[str, str, str, str]
    """What people are told is reviewed: uncommitted changes, a branch {branch}, a commit {sha}, one with a {title}."""
    one_comment: str
    more_comments: str
    no_words: str
    """Of a review that says nothing at all."""
    no_answer: str
    """Of a review that came to no end."""
