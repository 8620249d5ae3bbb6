"""What `codex PROMPT` asks and keeps: its terminal program, started in a pseudo-terminal, up to the end of one turn.

Screens are not recorded, so this is no recording: `captures/upstream/<version>/prompt.json` keeps, by sandbox mode, the
names of the head in order, the keys of the body, the texts of the developer messages and the tools; of the first mode
also the rollout of the turn, in canonical form, and the request for a title, where there is one. The export takes texts
from it, and a test holds pycodex's own prompt against it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import pty
import re
import signal
import struct
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captures.agents import load_agent, model_for
from captures.canonical import RawExchange, RawRun, canonical_tree
from captures.driver import WORK
from captures.host import host_facts
from captures.placeholders import Window
from captures.scenario import Lane, scenario_from_data
from captures.workplace import QUIET_TERMINAL, Workplace
from fake_server import Exchange, FakeServer, Script

__all__ = ["MODES", "PROMPT", "Asked", "asked_first", "capture_prompts", "shape_of", "title_of"]

MODES = ("read-only", "workspace-write", "danger-full-access")
PROMPT = "say hi"
_TITLE = {"body": {"text.format.name": "codex_output_schema"}}
_BASE_PROMPT = 10_000
_LATER = 3.0
_CURSOR_ASKED, _CURSOR = b"\x1b[6n", b"\x1b[1;1R"


async def capture_prompts(version: str, into: Path) -> None:
    """Asks the real codex-cli in each sandbox mode and writes `prompt.json`."""
    lane = Lane(version, "direct")
    command = await asyncio.to_thread(load_agent("codex-cli").start_command, lane, WORK)
    # Without it a newer codex-cli leaves a daemon behind.
    help_text = await _output([*command, "--help"])
    words = [*command, *(["--no-daemon"] if "--no-daemon" in help_text else [])]
    asked = {mode: await asked_first([*words, "-s", mode, PROMPT], model_for(lane)) for mode in MODES}
    shapes = {mode: one.shape for mode, one in asked.items()}
    first = asked[MODES[0]]
    tools: dict[str, Any] = {}
    for shape in shapes.values():
        tools |= {tool.get("name") or tool["type"]: tool for tool in shape["tools"]}
        shape["tools"] = [tool.get("name") or tool["type"] for tool in shape["tools"]]
    data = {
        "format": 1,
        "prompt": PROMPT,
        "modes": shapes,
        "tools": tools,
        "title": first.title,
        "rollout": first.rollout,
    }
    path = into / version / "prompt.json"
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One prompt: the shape of its request, the rollout of its turn, and what was asked to have a title."""

    shape: dict[str, Any]
    rollout: list[Any]
    title: dict[str, Any] | None


async def asked_first(argv: Sequence[str], model: str, *, later: float = _LATER) -> Asked:
    """The first turn of a program started in a pseudo-terminal; it is killed `later` seconds after its end."""
    agent = load_agent("codex-cli")
    data = {"format": 1, "rule": "the prompt of a terminal", "runs": [{"argv": []}], "config": dict(QUIET_TERMINAL)}
    scenario = scenario_from_data(data, "prompt", "captures/prompts.py")
    async with FakeServer() as fake:
        fake.load(
            Script.from_data(
                {
                    "main": [{"output": [{"message": "hi there"}]}],
                    "title": {"match": _TITLE, "answers": [{"output": [{"message": '{"title":"hi"}'}]}]},
                }
            )
        )
        with Workplace(scenario) as place:
            place.write_config(f"{fake.url}/v1", model)
            start = time.time()
            ours, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            process = await asyncio.create_subprocess_exec(
                *argv,
                cwd=place.workspace,
                env=place.environment({"TERM": "xterm-256color"}),
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
            os.close(theirs)
            loop = asyncio.get_running_loop()
            loop.add_reader(ours, _answer, ours)
            try:
                async with asyncio.timeout(60):
                    while not any(b'"task_complete"' in data for data in place.rollouts(agent).values()):
                        await asyncio.sleep(0.05)
                await asyncio.sleep(later)  # for a title, which is asked for beside the turn
            finally:
                loop.remove_reader(ours)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
                os.close(ours)
            turn = next(filter(_is_turn, fake.journal))
            titles = [exchange for exchange in fake.journal if exchange.step == "title/1"]
            raw = RawRun(
                window=Window(start=start, end=time.time()),
                root=str(place.root),
                ports=(int(fake.url.rpartition(":")[2]),),
                host=host_facts(),
                exchanges=[RawExchange(run=1, exchange=turn)],
                results=[],
                files={},
                home={},
                rollouts=place.rollouts(agent),
            )
            return Asked(
                shape=shape_of(turn, str(place.root)),
                rollout=_without_times(canonical_tree(raw)["rollouts"][0]["lines"]),
                title=title_of(titles[0], str(place.root)) if titles else None,
            )


def title_of(exchange: Exchange, root: str) -> dict[str, Any]:
    """What is kept of the request for a title: its shape, what the user says, and the form of the answer."""
    body = json.loads(exchange.body)
    said = [[part["text"] for part in item["content"]] for item in body["input"] if item.get("role") == "user"]
    shape = {**shape_of(exchange, root), "user": said, "text": body.get("text"), "reasoning": body.get("reasoning")}
    shape["tools"] = [tool.get("name") or tool["type"] for tool in shape["tools"]]
    text = json.dumps(shape, ensure_ascii=False).replace(root, "<root>")
    filled: dict[str, Any] = json.loads(re.sub(r"(<current_date>)[^<]*", r"\1<today>", text))
    return filled


def _without_times(lines: list[Any]) -> list[Any]:
    """How long something took says nothing here; long texts stand as their hashes."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: "<ms>" if key.endswith("_ms") and item else walk(item) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item) for item in value]
        return _short(value) if isinstance(value, str) else value

    return [walk(line) for line in lines]


def shape_of(exchange: Exchange, root: str) -> dict[str, Any]:
    """What is kept of a request; `root` is the place that becomes `<root>`."""
    body = json.loads(exchange.body)
    developer = [item for item in body["input"] if item.get("role") == "developer"]
    words = dict(exchange.head)["user-agent"].split(" ")  # between them: the host
    shape = {
        "head": [name for name, _ in exchange.head],
        "originator": dict(exchange.head)["originator"],
        "user_agent": [words[0], *words[-2:]],
        "keys": list(body),
        "metadata": sorted(json.loads(dict(exchange.head)["x-codex-turn-metadata"])),
        "developer": [[_short(part["text"]) for part in item["content"]] for item in developer],
        "tools": body["tools"],
    }
    filled: dict[str, Any] = json.loads(json.dumps(shape, ensure_ascii=False).replace(root, "<root>"))
    return filled


def _short(text: str) -> str:
    """A base prompt by its hash: its words are in the recordings."""
    return text if len(text) < _BASE_PROMPT else f"sha256 {hashlib.sha256(text.encode()).hexdigest()}"


def _is_turn(exchange: Exchange) -> bool:
    return "codex_output_schema" not in exchange.body.decode(errors="replace") and exchange.method == "POST"


def _answer(ours: int) -> None:
    """The terminal's side: reads what is drawn, and says where the cursor is when asked."""
    with contextlib.suppress(OSError):
        for _ in range(os.read(ours, 65536).count(_CURSOR_ASKED)):
            os.write(ours, _CURSOR)


async def _output(argv: Sequence[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    return (await process.communicate())[0].decode(errors="replace")
