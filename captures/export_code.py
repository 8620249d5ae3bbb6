"""What the export takes from recordings of code mode as a feature: its tools, and the types of what others give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from captures.recording import Recording

__all__ = ["CODE", "REPL"]

_OWN = ("exec", "exec_wait")
_ABOUT_REPL = re.compile(r"(?s)(## JavaScript REPL.*)\n</INSTRUCTIONS>")
_DECLARED = re.compile(r"```ts\ndeclare const tools: \{ (.*?)>; \};\n```", re.DOTALL)
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


def _spaced_tools(recording: Recording) -> Iterator[tuple[str, str]]:
    """The same of 0.169.0, whose `exec` is told in four ways: whether it is all there is, and whether images have a
    detail. Where the latter changes what a tool gives, there are two types of it."""
    results: dict[str, dict[bool, str]] = {}
    for request in recording.tree["requests"]:
        tools = list(_tools_anywhere(request["body"]))
        named = {tool.get("name"): tool for tool in tools}
        base, only, _ = named["exec"]["description"].partition("\n\n### `")
        plain = "detail?:" not in base
        name = f"exec{'.only' * bool(only)}{'.plain_images' * plain}"
        yield "tools.json", _pretty({name: {**named["exec"], "description": base}, "wait": named["wait"]})
        for block in _DECLARED.findall("\n".join(tool.get("description", "") for tool in tools)):
            called, _, result = block.rpartition("): Promise<")
            results.setdefault(called.partition("(")[0], {}).setdefault(plain, result)
    types: dict[str, str] = {}
    for called, found in results.items():
        types[called] = found.get(False, found.get(True, ""))
        if found.get(True, types[called]) != types[called]:
            types[f"{called}.plain_images"] = found[True]
    yield "code_results.json", _pretty({name: types[name] for name in sorted(types) if types[name] != "unknown"})


def _web(recording: Recording) -> Iterator[tuple[str, str]]:
    """The namespace through which a model without code reaches the web."""
    bodies = (request["body"] for request in recording.tree["requests"] if request["body"] is not None)
    for tool in _namespaces(next(bodies)):
        if tool["name"] == "web":
            yield "tools.json", _pretty({"web": tool})


def _namespaces(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    opened = (item for item in body["input"] if item["type"] == "additional_tools")
    return [tool for item in opened for tool in item["tools"]]


def _tools_anywhere(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for tool in (*body.get("tools", ()), *_namespaces(body)):
        yield from tool["tools"] if tool["type"] == "namespace" else [tool]


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


CODE = (
    ("direct/code_mode/old_declared", _code_tools),
    ("code_mode/code_mode/declared", _spaced_tools),
    ("code_mode/code_mode/declared_web", _web),
)
"""Recordings, and what is taken from each."""

REPL = (("direct/js_repl/declared", _repl),)
