"""What the export takes from a recording of a job: what a worker is told, with places for what is its own, and the tool
that it alone has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from captures.recording import Recording

__all__ = ["JOBS"]

_TOOL = "report_agent_job_result"
_PLACES = (
    (r"(?m)(^Job ID: ).*$", r"\1{job_id}"),
    (r"(?m)(^Item ID: ).*$", r"\1{item_id}"),
    (r"(?s)(Task instruction:\n).*?(\n\nInput row)", r"\1{instruction}\2"),
    (r"(?s)(Input row \(JSON\):\n).*?(\n\nExpected)", r"\1{row}\2"),
    (r"(?s)(Expected result schema [^\n]*\n).*?(\n\nYou MUST)", r"\1{schema}\2"),
    (r"(`job_id` = \")[^\"]*", r"\1{job_id}"),
    (r"(`item_id` = \")[^\"]*", r"\1{item_id}"),
)


def _job_words(recording: Recording) -> Iterator[tuple[str, str]]:
    """Of the first worker."""
    body = recording.tree["requests"][1]["body"]
    text = body["input"][-1]["content"][0]["text"]
    for pattern, place in _PLACES:
        text = re.sub(pattern, place, text)
    yield "texts/agent_job.md", text
    tools = {tool["name"]: tool for tool in body["tools"] if tool.get("name") == _TOOL}
    yield "tools.json", json.dumps(tools, ensure_ascii=False, indent=1) + "\n"


JOBS = (("direct/agents/csv_reports", _job_words),)
"""Recordings, and what is taken from each."""
