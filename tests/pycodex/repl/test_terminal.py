"""The program in a terminal that is closed under it, is ended, or can do little; as codex-cli, but nothing is left."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from tests.pycodex.repl.terminals import VERSIONS, program

DONE = {"output": [{"message": "Done."}]}
SLOW = "touch begun; sleep 71 & sleep 72"


def call(cmd: str, **more: Any) -> dict[str, Any]:
    arguments = {"cmd": cmd, "yield_time_ms": 30_000, **more}
    return {"output": [{"call": {"name": "exec_command", "arguments": arguments, "call_id": "call_1"}}]}


ASKS = call("touch ../outside", sandbox_permissions="require_escalated", justification="Please.")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
async def test_a_signal_ends_it_with_what_it_runs(version: str, number: signal.Signals) -> None:
    async with program(version, call(SLOW)) as made:
        await made.take({"say": "one"}, {"wait": {"file": "begun"}})
        os.kill(made.terminal.process.pid, number)
        assert await made.ended() == -number
        assert await made.left_behind() == []
        assert made.records()[-1] in ("function_call", "token_count", "token_usage_record")


async def test_a_terminal_that_is_closed_ends_it_with_what_it_runs() -> None:
    async with program("0.169.0", call(SLOW)) as made:
        await made.take({"say": "one"}, {"wait": {"file": "begun"}})
        made.terminal.hang_up()
        assert await made.ended() == -signal.SIGHUP
        assert await made.left_behind() == []


async def test_ctrl_z_stops_it_and_fg_goes_on() -> None:
    async with program("0.169.0", DONE, then="touch stopped; fg") as made:
        await made.take({"type": "one"}, {"key": "ctrl-z"}, {"wait": {"file": "stopped"}}, {"key": "enter"})
        await made.take({"wait": {"idle": 1}}, {"key": "ctrl-d"})
        assert await made.ended() == 0
        assert made.prompts() == ["one"]


async def test_a_command_of_the_user_ends_with_it() -> None:
    async with program("0.169.0") as made:
        await made.take({"say": f"!{SLOW}"}, {"wait": {"file": "begun"}})
        os.kill(made.terminal.process.pid, signal.SIGTERM)
        assert await made.ended() == -signal.SIGTERM
        assert await made.left_behind() == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_ctrl_d_is_no_way_past_an_approval(version: str) -> None:
    async with program(version, ASKS, DONE) as made:
        await made.take({"say": "one"}, {"wait": {"screen": "approval"}}, {"key": "ctrl-d"}, {"key": "y"})
        await made.take({"wait": {"idle": 2}}, {"key": "ctrl-d"})
        assert await made.ended() == 0
        assert (made.place.root / "outside").exists()


async def test_a_terminal_that_only_prints_lines_shows_what_is_asked() -> None:
    async with program("0.169.0", ASKS, DONE, env={"TERM": "dumb"}) as made:
        made.terminal.write(b"one\r")
        await made.take({"wait": {"screen": "y: yes"}}, {"key": "y"}, {"wait": {"screen": "Done"}}, {"key": "ctrl-d"})
        assert await made.ended() == 0
        assert (made.place.root / "outside").exists()


async def test_a_model_that_is_named_is_one_of_this_session() -> None:
    async with program("0.169.0", DONE) as made:
        config = made.place.codex_home / "config.toml"
        before = config.read_text()
        await made.take({"say": "/model gpt-5.5 loud"}, {"wait": {"screen": "No effort of gpt-5.5: loud"}})
        await made.take({"say": "/model gpt-5.5 high"}, {"say": "one"}, {"wait": {"idle": 1}}, {"key": "ctrl-d"})
        assert await made.ended() == 0
        assert (made.efforts()[:1], config.read_text()) == (["high"], before)


async def test_a_queued_text_is_told_of_when_its_turn_begins() -> None:
    async with program("0.169.0", {**DONE, "hold": {"after": 6, "until": "more"}}, DONE) as made:
        await made.take({"say": "one"}, {"wait": {"request": 1}}, {"say": "/queue two"})
        await made.take({"wait": {"screen": r"\[steer\] queued: two"}}, {"open": "more"}, {"wait": {"idle": 2}})
        assert "[steer] inserted: two" in made.terminal.text()
        await made.take({"key": "ctrl-d"})
        assert (await made.ended(), made.prompts()) == (0, ["one", "two"])


@pytest.mark.parametrize("text", ["\n".join(f"line {n}" for n in range(1000)), "word " * 40_000 + "end"])
async def test_a_long_paste_is_sent_whole(text: str) -> None:
    async with program("0.169.0", DONE) as made:
        await made.take({"say": text}, {"wait": {"idle": 1}}, {"key": "ctrl-d"})
        assert await made.ended() == 0
        assert made.prompts() == [text]
