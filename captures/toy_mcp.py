"""An MCP server on stdin and stdout that says what a JSON file tells it to, and writes down what it is asked.

A scenario that `needs: [toy_mcp]` finds it on the agent's PATH; `toy_mcp FILE` reads, relative to its working folder:

    log      a file for what it reads, one message a line (keys sorted, so that the order of a writer is no matter)
    told     names of environment variables, and "cwd", whose values the log begins with
    answers  METHOD, or METHOD and the name, uri or cursor asked for, with a space between -> what to say; a list has
             one for each time, the last for the rest

What to say: `result` or `error`; before it `exit` (a code: it ends without a word), `say` (lines, verbatim), `wait`
(seconds) or `until` (a file of its working folder is there); `silent`: nothing, ever. `$arguments` in a text stands for
the arguments of the call. A message without an id is never answered. Only the standard library: it runs outside of any
environment. `captures.toy_http` says the same over HTTP.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

__all__ = ["Toy", "main", "reply"]

_INFO = {
    "initialize": {
        "result": {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "toy", "version": "1"},
        }
    },
    "tools/list": {"result": {"tools": []}},
    "ping": {"result": {}},
}
_UNKNOWN = {"error": {"code": -32601, "message": "Method not found"}}
_NAMES = ("name", "uri", "cursor")


class Toy:
    """What is said to a message, by the script."""

    def __init__(self, script: Mapping[str, Any]) -> None:
        self.script = script
        self.log = script.get("log")
        self._told = script.get("told", ())
        self._answers = {**_INFO, **script.get("answers", {})}
        self._times: dict[str, int] = {}

    def open_log(self) -> None:
        """What it knows of where it runs."""
        if self._told:
            found = {name: os.getcwd() if name == "cwd" else os.environ.get(name) for name in self._told}
            self.note(found)

    def note(self, message: Any) -> None:
        """Write down what came."""
        if self.log:
            with open(self.log, "a", encoding="utf-8") as file:
                file.write(json.dumps(message, sort_keys=True) + "\n")

    def answer(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the script has for a request."""
        method, params = message["method"], message.get("params") or {}
        named = [f"{method} {params[key]}" for key in _NAMES if params.get(key) is not None]
        for key in (*named, method):
            if key in self._answers:
                return self.scripted(key) or {}
        return _UNKNOWN

    def scripted(self, key: str) -> Mapping[str, Any] | None:
        """What the script has under a name, this time."""
        found = self._answers.get(key)
        if isinstance(found, list) and found:
            time = self._times[key] = self._times.get(key, 0) + 1
            found = found[min(time, len(found)) - 1]
        return found if isinstance(found, Mapping) else None


def reply(message: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """The line that answers a request with what was found for it."""
    kind = "error" if "error" in found else "result"
    arguments = json.dumps((message.get("params") or {}).get("arguments"), sort_keys=True)
    body = {kind: _filled(found[kind], arguments)} if kind in found else {}
    return json.dumps({"jsonrpc": "2.0", "id": message["id"], **body})


def _filled(value: Any, arguments: str) -> Any:
    if isinstance(value, str):
        return value.replace("$arguments", arguments)
    if isinstance(value, list):
        return [_filled(each, arguments) for each in value]
    if isinstance(value, dict):
        return {key: _filled(each, arguments) for key, each in value.items()}
    return value


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer what comes on stdin until it ends."""
    with open(sys.argv[1], encoding="utf-8") as file:
        toy = Toy(json.load(file))
    toy.open_log()
    for line in sys.stdin:
        message = json.loads(line)
        toy.note(message)
        if "id" not in message or "method" not in message:
            continue
        found = toy.answer(message)
        if "exit" in found:
            sys.exit(found["exit"])
        for text in found.get("say", ()):
            _say(text)
        time.sleep(found.get("wait", 0))
        while found.get("until") and not os.path.exists(found["until"]):
            time.sleep(0.01)
        if found.get("silent"):
            continue
        _say(reply(message, found))


if __name__ == "__main__":
    main()
