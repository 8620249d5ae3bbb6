"""A recording becomes a scenario: what the model said is scripted, what the user typed is the run.

So a session recorded before a live provider (`python -m fake_server --proxy`, `captures run --server`) turns into a
test: record it once with codex-cli, and every agent is held against that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from captures.recording import Recording

__all__ = ["promote"]

_SESSION = re.compile(r"<session:[a-z0-9_.]+>")


def promote(recording: Recording) -> str:
    """The YAML text of a scenario that plays the recorded answers back to any agent.

    Responses that were scripted (`step`) carry no events: the scenario they came from already is the test, and
    ValueError says so.
    """
    import yaml

    if any("step" in response for response in recording.tree["responses"]):
        raise ValueError(
            f"{recording.scenario}: the answers of this recording were scripted; "
            f"captures/scenarios/{recording.scenario}.yaml already is its scenario"
        )
    answers = [_answer(response) for response in recording.tree["responses"]]
    data = {
        "format": 1,
        "rule": f"Promoted from a recording of {recording.scenario} ({recording.lane}); say here what it pins.",
        **({"lanes": [recording.lane]} if recording.lane[:1].isdigit() else {}),
        "runs": _runs(recording),
        "answers": {"main": answers},
    }
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)


def _runs(recording: Recording) -> list[dict[str, Any]]:
    if recording.inputs:
        exits = [run["exit"] for run in recording.tree["runs"]]
        return [
            {**{k: v for k, v in one.items() if v is not None}, "expect_exit": code}
            for one, code in zip(recording.inputs, exits, strict=True)
        ]
    prompt = _last_prompt(recording.tree["requests"][0]["body"]) if recording.tree["requests"] else "say hi"
    return [{"argv": ["exec", "--json", "--skip-git-repo-check", prompt]}]


def _last_prompt(body: Any) -> str:
    for item in reversed(body.get("input", [])):
        if item.get("role") == "user":
            return "".join(part.get("text", "") for part in item["content"])
    return ""


def _answer(response: Mapping[str, Any]) -> dict[str, Any]:
    if "events" not in response:
        return {"http": {"status": response["status"], "body": response.get("body", "")}}
    events = response["events"]
    items = [event["item"] for event in events if event.get("type") == "response.output_item.done"]
    done = next((event for event in events if event.get("type") == "response.completed"), None)
    if done is None:
        return {"events": events}
    answer: dict[str, Any] = {}
    if _SESSION.search(repr(items)):
        answer["take"] = {"session": r"session ID (\d+)"}
    answer["output"] = [{"item": _with_session(item)} for item in items]
    usage = done["response"].get("usage") or {}
    if usage:
        answer["usage"] = {
            "input_tokens": usage.get("input_tokens", 0),
            "cached_tokens": (usage.get("input_tokens_details") or {}).get("cached_tokens", 0),
            "output_tokens": usage.get("output_tokens", 0),
            "reasoning_tokens": (usage.get("output_tokens_details") or {}).get("reasoning_tokens", 0),
        }
    return answer


def _with_session(value: Any) -> Any:
    """The value as it was on the wire, with `$session` for the ids of running commands."""
    if isinstance(value, str):
        return _SESSION.sub("$session", value)
    if isinstance(value, dict) and set(value) == {"$json"}:
        text = json.dumps(value["$json"], ensure_ascii=False, separators=(",", ":"))
        return _SESSION.sub("$session", re.sub(rf'"({_SESSION.pattern})"', r"\1", text))
    if isinstance(value, list):
        return [_with_session(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_session(item) for key, item in value.items()}
    return value
