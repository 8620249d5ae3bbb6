"""What the export takes from recordings of approvals by a reviewing model: its base prompt, the parts of what it is
asked, and its refusals, with places for what a run says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from captures.recording import Recording

__all__ = ["APPROVALS"]

_PLACES = (
    ("Retained source order", "{retained}"),
    ("[", "{transcript}"),
    ("\n[", "{transcript}"),
    ("{\n", "{action}"),
    ("Reviewed Codex session id: ", "Reviewed Codex session id: {session}\n"),
)
_RETAINED = ">>> RETAINED USER INSTRUCTIONS"
_REASON = "Retry reason:\n"


def _asked(recording: Recording) -> list[list[str]]:
    """The last message of each request to the reviewing model, by its parts."""
    asked = []
    for request in recording.tree["requests"]:
        if dict(request["head"]).get("x-openai-subagent") == "guardian":
            asked.append([part["text"] for part in request["body"]["input"][-1]["content"]])
    return asked


def _is_review(body: dict[str, Any]) -> bool:
    return str(body["prompt_cache_key"]).startswith("guardian:")


def _left_open(parts: Sequence[str]) -> list[str]:
    found: list[str] = []
    for part in parts:
        place = next((place for start, place in _PLACES if part.startswith(start)), part)
        if not part.startswith(_RETAINED) and place not in found[-1:]:
            found.append(place)
    return [part for part in found if part != "{retained}"]


def _instructions(recording: Recording) -> Iterator[tuple[str, str]]:
    """The base prompt with a place for the policy, and the usual policy."""
    bodies = [request["body"] for request in recording.tree["requests"]]
    texts = [body["input"][0]["content"][0]["text"] for body in bodies if _is_review(body)]
    policy = recording.inputs[0]["argv"][recording.inputs[0]["argv"].index("-c") + 1].partition("=")[2]
    own, usual = texts[0], texts[-1]
    head, _, tail = own.partition(policy)
    yield "texts/guardian.instructions.md", f"{head}{{policy}}{tail}"
    yield "texts/guardian.policy.md", usual.removeprefix(head).removesuffix(tail)


def _permissions(recording: Recording) -> Iterator[tuple[str, str]]:
    """What a thread that may only read is told of its reviewer."""
    for request in recording.tree["requests"]:
        texts = [part["text"] for item in request["body"]["input"][:3] for part in item.get("content", ())]
        for text in (text for text in texts if text.startswith("<permissions instructions>")):
            if "`sandbox_mode` is `read-only`" in text and "`auto_review`" in text:
                yield "texts/permissions.read-only.auto_review.md", text


def _prompts(recording: Recording) -> Iterator[tuple[str, str]]:
    """The parts of a first question and of later ones, and the schema of the answer."""
    first, *later = _asked(recording)
    bodies: list[dict[str, Any]] = [request["body"] for request in recording.tree["requests"]]
    reviewing = [body for body in bodies if _is_review(body)]
    developer = [item for item in reviewing[1]["input"] if item.get("role") == "developer"]
    retained = [part for part in first if part.startswith(_RETAINED)]
    yield (
        "texts/guardian.prompt.json",
        json.dumps(
            {
                "first": _left_open(first),
                "next": _left_open(later[0]),
                "retained": retained,
                "reminder": developer[-1]["content"][0]["text"],
            },
            ensure_ascii=False,
            indent=1,
        ),
    )
    yield "texts/guardian.schema.json", json.dumps(reviewing[0]["text"]["format"]["schema"], ensure_ascii=False)


def _reason(recording: Recording) -> Iterator[tuple[str, str]]:
    """The words before the reason of a question."""
    if any(_REASON in parts for parts in _asked(recording)):
        yield "texts/guardian.reason.md", _REASON


def _nothing_new(recording: Recording) -> Iterator[tuple[str, str]]:
    """What stands for a history with nothing new."""
    for part in (part for parts in _asked(recording) for part in parts if part.startswith("<no retained")):
        yield "texts/guardian.nothing.md", part


def _refusals(recording: Recording) -> Iterator[tuple[str, str]]:
    """What the model that asked is told of a denial, and of a review that failed."""
    outputs = (item.get("output") for request in recording.tree["requests"] for item in request["body"]["input"])
    for output in (output for output in outputs if isinstance(output, str)):
        if (denied := re.search(r"This action was rejected.*", output, re.DOTALL)) is not None:
            yield "texts/guardian.denied.md", re.sub(r"(?m)(?<=^Reason: ).*$", "{rationale}", denied.group())
        if (failed := re.search(r'(Automatic approval review failed: )boom([^"]*)\\"', output)) is not None:
            yield "texts/guardian.failed.md", f"{failed[1]}{{error}}{failed[2]}".replace(r"\\n", "\n")


APPROVALS = (
    ("direct/approvals/config", _instructions),
    ("direct/approvals/config", _permissions),
    ("direct/approvals/again", _prompts),
    ("direct/approvals/patch", _reason),
    ("direct/approvals/unreadable", _nothing_new),
    ("direct/approvals/patch_denied", _refusals),
    ("direct/approvals/failed", _refusals),
)
"""Recordings, and what is taken from each."""
