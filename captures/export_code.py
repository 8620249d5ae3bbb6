"""What the export takes from recordings of code mode as a feature: its tools, and the types of what others give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from captures.recording import Recording

__all__ = ["CODE"]

_OWN = ("exec", "exec_wait")
_RESULT = re.compile(r"declare const tools: \{ (\w+)\(.*\): Promise<(.*)>; \};\n```")


def _code_tools(recording: Recording) -> Iterator[tuple[str, str]]:
    """The tools that run code, without what they say of others; and the types, in the declarations of those."""
    for run in (1, 2):
        request = next(request for request in recording.tree["requests"] if request["run"] == run)
        tools = request["body"]["tools"]
        for tool in tools:
            if tool.get("name") in _OWN:
                name = "exec.only" if run == 2 and tool["name"] == "exec" else tool["name"]
                described = tool["description"].partition("\n\n### ")[0]
                yield "tools.json", _pretty({name: {**tool, "description": described}})
        found = dict(_RESULT.findall("\n".join(tool.get("description", "") for tool in tools)))
        yield "code_results.json", _pretty({name: found[name] for name in sorted(found) if found[name] != "unknown"})


def _pretty(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


CODE = (("direct/code_mode/old_declared", _code_tools),)
"""Recordings, and what is taken from each."""
