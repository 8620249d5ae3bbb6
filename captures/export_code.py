"""What the export takes from recordings of code mode as a feature: its tools, and the types of what others give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from captures.recording import Recording

__all__ = ["CODE", "REPL"]

_OWN = ("exec", "exec_wait")
_ABOUT_REPL = re.compile(r"(?s)(## JavaScript REPL.*)\n</INSTRUCTIONS>")
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


def _repl(recording: Recording) -> Iterator[tuple[str, str]]:
    """The tools of js_repl, and what is said of them beside the texts of AGENTS.md."""
    for request in recording.tree["requests"]:
        body = request["body"]
        names = ("js_repl", "js_repl_reset")
        yield "tools.json", _pretty({tool["name"]: tool for tool in body["tools"] if tool.get("name") in names})
        for text in (part["text"] for item in body["input"] for part in item.get("content", ())):
            if (found := _ABOUT_REPL.search(text)) is not None:
                kind = ".only" if "- Do not call tools directly" in found[1] else ""
                yield f"texts/js_repl{kind}.md", found[1]


CODE = (("direct/code_mode/old_declared", _code_tools),)
"""Recordings, and what is taken from each."""

REPL = (("direct/js_repl/declared", _repl),)
