"""What the export takes from recordings of reviews: the guidelines, what is asked, and what the thread keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from captures.recording import Recording

__all__ = ["REVIEWS"]

_SHA = re.compile(r"[0-9a-f]{40}")


def _review_words(recording: Recording) -> Iterator[tuple[str, str]]:
    """The reviewer's base prompt, the question about what is not committed, and how the thread tells the end."""
    request = recording.tree["requests"][0]["body"]
    yield "texts/review.guidelines.md", request.get("instructions") or _texts(request["input"])[0]
    yield "texts/review.uncommitted.md", _texts(request["input"])[-1]
    for rollout in recording.tree["rollouts"]:
        for payload in (line["$json"]["payload"] for line in rollout["lines"] if isinstance(line, dict)):
            text = next((part["text"] for part in payload.get("content") or () if "text" in part), None)
            if isinstance(text, str) and text.startswith("<user_action>"):
                interrupted = "was interrupted" in text
                yield f"texts/review.{'interrupted' if interrupted else 'exited'}.md", _RESULTS.sub(_PLACE, text)


_RESULTS = re.compile(r"(<results>\n  )(?!None\.).*(\n  </results>)", re.DOTALL)
_PLACE = r"\1{results}\2"


def _review_targets(recording: Recording) -> Iterator[tuple[str, str]]:
    """What is asked about a branch and a commit; what the command line named stands as places."""
    for request in recording.tree["requests"]:
        argv = recording.inputs[request["run"] - 1]["argv"]
        given = dict(pairwise(argv))
        text = _texts(request["body"]["input"])[-1]
        if branch := given.get("--base"):
            known = _SHA.search(text)
            left_open = _SHA.sub("{sha}", text).replace(branch, "{branch}")
            yield f"texts/review.{'base' if known else 'base_unknown'}.md", left_open
        elif sha := given.get("--commit"):
            title = given.get("--title")
            left_open = text.replace(sha, "{sha}")
            if title:
                left_open = left_open.replace(title, "{title}")
            yield f"texts/review.{'commit_titled' if title else 'commit'}.md", left_open


def _texts(items: list[dict[str, Any]]) -> list[str]:
    return [part["text"] for item in items if item["type"] == "message" for part in item["content"]]


REVIEWS = (
    ("direct/review/uncommitted", _review_words),
    ("direct/review/failed", _review_words),
    ("direct/review/targets", _review_targets),
)
"""Recordings, and what is taken from each."""
