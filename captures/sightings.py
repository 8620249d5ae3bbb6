"""What a codex user sees of a server's fault: read from the recording of the real codex-cli before that very fault.

Each fault of `fake_server.findings` has a scenario `server/FAULT`; where two versions ask a different number of times,
the older one's is `server/FAULT_old`. Nothing here is written by hand, so nothing here can be wrong of a binary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from captures.manifest import UPSTREAM
from captures.recording import Tree, read_recording, unpack_json
from fake_server.findings import Finding
from fake_server.invariants import OUTPUTS

__all__ = ["finding_lines", "recording_of", "seen", "seen_in"]


def recording_of(fault: str, version: str, upstream: Path = UPSTREAM) -> Path | None:
    """The folder of the recording that shows this fault to this version; None where there is none."""
    base = upstream / version / "direct" / "server"
    return next((base / name for name in (fault, f"{fault}_old") if (base / name / "result.json").exists()), None)


@lru_cache(maxsize=256)
def seen(fault: str, version: str, upstream: Path = UPSTREAM) -> str:
    """In a sentence, what a user of that version sees; says so where nobody has looked."""
    folder = recording_of(fault, version, upstream)
    return "not recorded for this version" if folder is None else seen_in(read_recording(folder).tree)


def seen_in(tree: Tree) -> str:
    """The first run of a recording as its user saw it: retries, messages, what was lost, how it ended."""
    lines = [line["$json"] for line in tree["runs"][0]["stdout"] if isinstance(line, dict)]
    words = [*_asked(tree["requests"], lines), *_told(lines), *_read_by_model(tree["requests"])]
    return "; ".join(words) + f" (exit code {tree['runs'][0]['exit']})"


def finding_lines(finding: Finding, version: str, upstream: Path = UPSTREAM) -> list[str]:
    """One finding as a person reads it: the verdict, what a codex user sees, the fix."""
    return [
        f"{finding.fault}: {finding.detail}",
        f"  a codex {version} user sees: {seen(finding.fault, version, upstream)}",
        f"  the fix: {finding.fix}",
    ]


def _asked(requests: list[Any], lines: list[Mapping[str, Any]]) -> Iterator[str]:
    retries = [line["message"] for line in lines if line["type"] == "error" and "Reconnecting" in line["message"]]
    if retries:
        yield f"`{retries[0].partition(' (')[0]}` (as often as stream_max_retries says, 5 times by default)"
    elif len(requests) > 1 and not _outputs(requests[1]):
        yield f"the model is asked {len(requests)} times"


def _told(lines: list[Mapping[str, Any]]) -> Iterator[str]:
    items = [line["item"] for line in lines if line["type"] == "item.completed"]
    texts = [item["text"] for item in items if item["type"] == "agent_message"]
    commands = [item["command"] for item in items if item["type"] == "command_execution"]
    for command in dict.fromkeys(commands):
        yield f"runs {command}" + (f" {commands.count(command)} times" if commands.count(command) > 1 else "")
    for text in dict.fromkeys(texts):
        yield f"the message {text!r}" + (f" {texts.count(text)} times" if texts.count(text) > 1 else "")
    failed = [line["error"]["message"] for line in lines if line["type"] == "turn.failed"]
    if failed:
        yield f"the turn fails: `{failed[0]}`"
        return
    usage: Mapping[str, Any] = next((line["usage"] for line in reversed(lines) if line["type"] == "turn.completed"), {})
    uncounted = ", with no tokens counted" if not usage.get("input_tokens") else ""
    yield ("the turn passes" if texts else "the turn passes without a message") + uncounted


def _read_by_model(requests: list[Any]) -> Iterator[str]:
    """What the next request tells the model of a call."""
    for text in dict.fromkeys(_outputs(requests[-1])):
        if "Wall time" not in text:  # the output of a command that ran
            yield f"the model reads {text!r}"


def _outputs(request: Any) -> list[str]:
    kinds = {name for names in OUTPUTS.values() for name in names}
    body = request["body"]
    items = body.get("input", []) if isinstance(body, dict) else []
    found = [item["output"] for item in items if item.get("type") in kinds]
    return [unpack_json(output) if not isinstance(output, list) else str(output) for output in found]
