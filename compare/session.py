"""`python -m compare session`: the session that the README shows, made by a run of pycodex in a terminal."""

from __future__ import annotations

import asyncio

from captures.agents import load_agent, model_for
from captures.driver import REPO, WORK
from captures.interactive import facts_of
from captures.scenario import load_scenario
from captures.steps import Looks, play_steps
from captures.terminal import Terminal
from captures.workplace import Workplace
from fake_server import FakeServer, Script

__all__ = ["README", "play_session", "run", "with_session"]

README = REPO / "README.md"
_SCENARIO = REPO / "docs" / "session.yaml"
_BEGIN = "<!-- made by `python -m compare session --write` -->\n```\n"
_END = "```\n"
_ROWS, _COLUMNS = 50, 100


def run(*, write: bool) -> int:
    """Prints the session, or writes it into the README. An exit code."""
    text = asyncio.run(play_session())
    if write:
        README.write_text(with_session(README.read_text(encoding="utf-8"), text), encoding="utf-8")
        print(f"written into {README.name}")
    else:
        print(text, end="")
    return 0


def with_session(readme: str, text: str) -> str:
    """The README with that session."""
    head, begin, rest = readme.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"README.md has no line {_BEGIN.splitlines()[0]!r} with a block after it")
    return f"{head}{begin}{text}{end}{tail}"


async def play_session() -> str:
    """What is in the terminal when the session has ended."""
    scenario, agent = load_scenario(_SCENARIO, _SCENARIO.parent), load_agent("pycodex")
    (lane,), (each,) = scenario.lanes, scenario.runs
    script = Script.from_data(scenario.answers)
    async with FakeServer() as fake:
        fake.load(script)
        with Workplace(scenario) as place:
            place.write_config(f"{fake.url}/v1", model_for(lane))
            terminal = await Terminal.start(
                [*agent.start_command(lane, WORK), *agent.interactive_words(lane)],
                cwd=place.workspace,
                env=place.environment({"TERM": "xterm-256color"}),
                rows=_ROWS,
                columns=_COLUMNS,
            )
            try:
                facts = facts_of(fake, script.asides, place.workspace)
                await play_steps(each.steps, terminal, Looks(patterns=agent.looks), facts)
                await terminal.process.wait()
                return terminal.text().rstrip().replace(str(place.workspace), "/home/me/shop") + "\n"
            finally:
                await terminal.aclose()
