"""The normal form of a Responses input: what of it a chat model can be told, and what comes back of it.

Responses -> chat -> Responses is not the identity, because chat has no place for some things. It is exactly this:

1. What is no content is gone: ids of items, `status`, `phase`, annotations, logprobs, notes of the client; a namespace
   that is empty or `functions`; tools that items bring; work of the provider's own.
2. A message is its texts, joined by a blank line (a model's: by nothing), or its parts where one is no text. What
   instructions and developers say before anybody else is one text; after that a developer is a system.
3. What a model said in one go, up to the next item that is not the model's, is one turn: what it thought, said, called.
   Reasoning after text, and text after text, begin another turn; after a call they cannot (the outputs must come
   first), and join the turn with a blank line between.
4. The outputs of a turn's calls stand right after it, in the order of the calls, each once: several of one call are
   joined by a newline. What they show beside text is shown by a user right after them.
5. Arguments that are blank have `{}` after them; a local shell call is its command, folder and time limit. An output
   without a call is said by a user.
6. An id that stands for two calls has another name (`_2`) from the second on.
"""

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["normal_form"]

Item = Mapping[str, Any]
_HOSTED = ("web_search_call", "image_generation_call", "additional_tools")
_NOTE = "(What it shows follows in the next message.)"


def normal_form(body: Mapping[str, Any]) -> list[Any]:
    """Of the instructions and the input of a request: (role, content) for what was told, turns, (id, output)."""
    form = _Form()
    if body.get("instructions"):
        form.told("system", body["instructions"])
    items = body["input"]
    for item in [{"role": "user", "content": items}] if isinstance(items, str) else items:
        form.add(item)
    return form.end()


class _Form:
    def __init__(self) -> None:
        self.done: list[Any] = []
        self.turn: dict[str, Any] | None = None
        self.outputs: list[tuple[str, str, list[list[Any]]]] = []  # id, id in chat, what came

    def told(self, role: str, content: Any) -> None:
        self.turn = None
        last = self.done[-1] if self.done else None
        if role == "system" and len(self.done) == 1 and isinstance(last, tuple) and last[0] == "system":
            self.done[0] = ("system", f"{last[1]}\n\n{content}")
        else:
            self.done.append((role, content))

    def add(self, item: Item) -> None:
        kind = item.get("type", "message")
        if kind in _HOSTED:
            return
        if kind == "message" and item["role"] != "assistant":
            parts = _parts(item["content"])
            plain = all(part[0] == "text" for part in parts)
            content = "\n\n".join(part[1] for part in parts) if plain else parts
            self.told("system" if item["role"] in ("system", "developer") else "user", content)
        elif kind == "message":
            turn = self.open(fresh=self.turn is not None and self.turn["said"] is not None)
            text = "".join(part[1] for part in _parts(item["content"]))
            turn["said"] = text if turn["said"] is None else f"{turn['said']}\n\n{text}"
        elif kind == "reasoning":
            words = [part["text"] for part in item.get("content") or item.get("summary") or ()]
            text, sealed = "\n\n".join(words), item.get("encrypted_content")
            if text or sealed:
                turn = self.open(fresh=self.turn is not None and self.turn["said"] is not None)
                turn["thought"] = (
                    f"{turn['thought']}\n\n{text}" if turn["thought"] and text else turn["thought"] or text
                )
                turn["sealed"] = sealed or turn["sealed"]
        elif kind.endswith("_call"):
            same = sum(one[0] == item["call_id"] for one in self.outputs)
            identity = item["call_id"] + (f"_{same + 1}" if same else "")
            self.outputs.append((item["call_id"], identity, []))
            self.open()["calls"].append((identity, *_call(item)))
        elif kind == "agent_message":
            self.told("user", "\n".join(part[1] for part in _parts(item["content"])))
        elif "call_id" not in item:
            source = ".".join(item[key] for key in ("namespace", "name") if item.get(key))
            self.told("user", f"[{source}]\n" + "\n".join(part[1] for part in _parts(item["output"])))
        else:
            self.turn = None
            mine = [one for one in self.outputs if one[0] == item["call_id"]]
            came = [("text", _found(item["tools"]))] if kind == "tool_search_output" else _parts(item["output"])
            next((one for one in mine if not one[2]), mine[-1])[2].append(came)

    def open(self, *, fresh: bool = False) -> dict[str, Any]:
        if self.turn is None or (fresh and not self.turn["calls"]):
            self.turn = {"thought": "", "sealed": None, "said": None, "calls": []}
            self.done.append(self.turn)
        return self.turn

    def end(self) -> list[Any]:
        came = {identity: [part for parts in each for part in parts] for _, identity, each in self.outputs}
        found: list[Any] = []
        for one in self.done:
            found.append(one)
            shown: list[Any] = []
            for identity, *_ in one["calls"] if isinstance(one, dict) else ():
                text = "\n".join(part[1] for part in came[identity] if part[0] == "text")
                others = [part for part in came[identity] if part[0] != "text"]
                if others:
                    text = f"{text}\n{_NOTE}" if text else _NOTE
                    shown += [("text", f"Shown by the call {identity}:"), *others]
                found.append((identity, text))
            if shown:
                found.append(("user", shown))
        return found


def _found(spaces: list[dict[str, Any]]) -> str:
    """What a search found, as the layer tells it: each tool by the name it can be called by."""
    told = []
    for space in spaces:
        about = f"\n\nAbout all of {space['name']}: {space['description']}"
        for tool in space["tools"]:
            name = f"{space['name']}__{tool['name']}"
            told.append({"name": name, "description": tool["description"] + about})
            about = ""
    return json.dumps({"found": told}) if told else "No tools were found."


def _parts(content: Any) -> list[tuple[str, ...]]:
    if isinstance(content, str):
        return [("text", content)]
    found: list[tuple[str, ...]] = []
    for part in content:
        if part["type"] == "input_image":
            detail = {"original": "high"}.get(part.get("detail"), part.get("detail"))
            found.append(("image", part["image_url"], *([detail] if detail else [])))
        else:
            found.append(("text", part.get("text") or part.get("encrypted_content") or ""))
    return found


def _call(item: Item) -> tuple[Any, ...]:
    space = None if item.get("namespace") in (None, "", "functions") else item["namespace"]
    match item["type"]:
        case "custom_tool_call":
            return "custom_tool_call", space, item["name"], item["input"]
        case "local_shell_call":
            action = {key: item["action"].get(key) for key in ("command", "working_directory", "timeout_ms")}
            return (
                "local_shell_call",
                None,
                None,
                {key: value for key, value in action.items() if value or key == "command"},
            )
        case "tool_search_call":
            return "tool_search_call", None, None, item["arguments"]
    arguments = item["arguments"] + ("" if item["arguments"].strip() else "{}")
    return "function_call", space, item["name"], json.dumps(arguments)
