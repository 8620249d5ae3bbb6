"""Small recordings in the shape of the real ones: one turn with one command, as each version sends it."""

import json
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from captures.noise import NoiseRule
from compare import Comparison, compare_trees
from compare.surfaces import Key

__all__ = ["changed", "compare", "put", "tree_115", "tree_169"]

THREAD, TURN, CHUNK = "<uuid7:thread>", "<uuid7:turn.1>", "<chunk:r2.1>"
TOOLS = [
    {"type": "function", "name": "exec_command", "description": "Runs a command.", "parameters": {"type": "object"}},
    {"type": "function", "name": "write_stdin", "description": "Writes to a session.", "parameters": {}},
    {"type": "web_search", "external_web_access": False},
]
CALL = {
    "type": "function_call",
    "name": "exec_command",
    "arguments": {"$json": {"cmd": "echo hi", "yield_time_ms": 1000}},
    "call_id": "call_1",
}


def tree_115() -> dict[str, Any]:
    """As 0.115.0 does it: `instructions` in the body, no ids on items."""
    prompt = [_message("developer", "<permissions instructions>\nnone\n</permissions instructions>")]
    prompt += [_message("user", "<environment_context>\n  <cwd><root></cwd>\n</environment_context>")]
    prompt += [_message("user", "say hi")]
    output = {
        "type": "function_call_output",
        "call_id": "call_1",
        "output": f"Command: /bin/bash -lc 'echo hi'\nChunk ID: {CHUNK}\nWall time: 0.0001 seconds\nOutput:\nhi\n",
    }
    return _tree(
        [
            ["x-codex-turn-metadata", {"$json": {"turn_id": TURN, "sandbox": "none"}}],
            ["session_id", THREAD],
            ["authorization", "Bearer sk-x"],
            ["user-agent", "codex_exec/0.115.0 (<os>; <arch>) <term>"],
            ["content-length", "<len:body>"],
        ],
        [
            {"model": "gpt-5.4", "instructions": "You are Codex.", "input": items, "tools": TOOLS, "stream": True}
            for items in (prompt, [*prompt, CALL, output])
        ],
    )


def tree_169() -> dict[str, Any]:
    """As 0.169.0 does it: the base prompt is the first developer message, items have ids, `client_metadata`."""
    prompt = [
        {"type": "additional_tools", "id": "at_<uuid7:r1.1>", "tools": TOOLS},
        {**_message("developer", "You are Codex."), "id": "msg_<uuid5:r1.2>"},
        {**_message("developer", "<permissions instructions>"), "id": "msg_<uuid7:r1.3>"},
        {**_message("user", "say hi"), "id": "msg_<uuid7:r1.4>"},
    ]
    output = {
        "type": "function_call_output",
        "id": "fco_<uuid7:r2.1>",
        "call_id": "call_1",
        "output": f"Chunk ID: {CHUNK}\nWall time: 0.0000 seconds\nOutput:\nhi\n",
    }
    metadata = {"session_id": THREAD, "turn_id": TURN, "x-codex-window-id": f"{THREAD}:0"}
    return _tree(
        [
            ["x-codex-window-id", f"{THREAD}:0"],
            ["x-codex-turn-metadata", {"$json": {"installation_id": "<uuid4:installation>", "turn_id": TURN}}],
            ["session-id", THREAD],
            ["thread-id", THREAD],
            ["authorization", "Bearer sk-x"],
            ["content-length", "<len:body>"],
        ],
        [
            {"model": "gpt-5.5", "stream": True, "input": items, "client_metadata": metadata}
            for items in (prompt, [*prompt, {**CALL, "id": "fc_<uuid7:r2.2>"}, output])
        ],
    )


def changed(tree: dict[str, Any], *path: Key, to: Any) -> dict[str, Any]:
    """A deep copy of the tree with another value at `path`."""
    copy = deepcopy(tree)
    put(copy, *path, to=to)
    return copy


def put(tree: Any, *path: Key, to: Any) -> None:
    """Sets the value at `path`."""
    for key in path[:-1]:
        tree = tree[key]
    tree[path[-1]] = deepcopy(to)


def compare(expected: Any, actual: Any, noise: Sequence[NoiseRule] = ()) -> Comparison:
    """`compare_trees`, after a look that the inputs are left alone."""
    before = deepcopy((expected, actual))
    comparison = compare_trees(expected, actual, noise)
    assert (expected, actual) == before
    return comparison


def _message(role: str, text: str) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}


def _tree(head: list[Any], bodies: list[Any]) -> dict[str, Any]:
    request = {"run": 1, "method": "POST", "target": "/v1/responses", "http": "HTTP/1.1", "connection": "new"}
    usage = {"input_tokens": 20, "cached_input_tokens": 0, "output_tokens": 10}
    stdout = [
        {"$json": {"type": "thread.started", "thread_id": THREAD}},
        {"$json": {"type": "turn.started"}},
        {"$json": {"type": "item.completed", "item": {"id": "item_0", "type": "agent_message", "text": "hi"}}},
        {"$json": {"type": "turn.completed", "usage": usage}},
        "",
    ]
    lines = [
        {"$json": {"timestamp": "<time:ms>", "type": "session_meta", "payload": {"id": THREAD, "git": None}}},
        {"$json": {"timestamp": "<time:ms>", "type": "event_msg", "payload": {"type": "token_count", "info": None}}},
        {"$json": {"timestamp": "<time:ms>", "type": "response_item", "payload": CALL}},
        "",
    ]
    tree = {
        "requests": [{**request, "head": head, "body": body} for body in bodies],
        "responses": [{"step": f"main/{n}", "status": 200, "end": "complete"} for n in range(1, len(bodies) + 1)],
        "runs": [{"exit": 0, "stdout": stdout, "stderr": ["Reading prompt from stdin...", ""]}],
        "files": {"a.txt": "one\ntwo\n", "logo.png": {"bytes": 3, "sha256": "ab"}},
        "home": {"config.toml": 'model = "gpt"\n', f"snapshots/{THREAD}.sh": "# shell\n"},
        "rollouts": [{"path": f"sessions/<date>/rollout-<time>-{THREAD}.jsonl", "lines": lines}],
    }
    plain: dict[str, Any] = json.loads(json.dumps(tree))  # no part stands in two places as one object
    return plain
