"""Units: a seed, a number and a version give a scenario of faults that ends by itself, and what must come of it.

The script is written while it is played: at each request the rules say whether there is another one, so that the
answers are exactly as many as upstream asks for. One more request, or one less, is a mistake of the script's reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from captures.scenario import Lane, Scenario, scenario_from_data
from tests.fuzz_faults.answers import Drawn, fault, good
from tests.fuzz_faults.rules import Outcome
from tests.fuzz_faults.streams import World

__all__ = ["Unit", "make_unit", "scenario_of", "write_unit"]

RETRIES = 1
LIMIT = 5000
FULL, SMALL = 9000, 50
"""Tokens of an answer that fills the context, and of any other."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """`data`: the scenario. `kinds`: what was drawn. Of each run `ends`: whether the turn ends well; and `heard`:
    whether what was asked is kept."""

    lane: Lane
    seed: int
    number: int
    data: Mapping[str, Any]
    ends: tuple[bool, ...]
    heard: tuple[bool, ...]
    kinds: Counter[str]

    @property
    def name(self) -> str:
        return f"random_{self.lane.version.replace('.', '_')}_{self.seed}_{self.number}"


def make_unit(seed: int, number: int, version: str, *, idle: int = 300, panics: bool = True) -> Unit:
    """A turn among faults, then another one in the thread that it leaves."""
    random = Random(f"{seed}/{number}/{version}")
    world = World(random=random, version=version, idle=idle)
    play = _Play(world=world, panics=panics, faults=random.choice((1, 2, 2, 3, 4, 6)))
    play.websocket = random.random() < 0.25
    world.counts = play.compacts = random.random() < 0.25
    ends, heard = zip(*((play.run(first=first), play.heard) for first in (True, False)), strict=True)
    provider: dict[str, Any] = {
        "request_max_retries": RETRIES,
        "stream_max_retries": RETRIES,
        "stream_idle_timeout_ms": idle,
    }
    config: dict[str, Any] = {"model_providers": {"fake": provider}}
    answers: dict[str, Any] = {"main": [one.answer for one in play.drawn] or [{"output": []}]}
    if play.websocket:
        provider["supports_websockets"] = True
        config |= {"features": {"responses_websockets": True}, "suppress_unstable_features_warning": True}
        answers = {"upgrades": {"match": {"method": "GET"}, "answers": play.upgrades}, **answers}
        if play.warmed:
            warm = {"match": {"body": {"generate": "false"}}, "answers": [{"output": []}] * play.warmed}
            answers = {"prewarm": warm, **answers}
    if play.compacts:
        config["model_auto_compact_token_limit"] = LIMIT
    argv = ["exec", "--json", "--skip-git-repo-check", "-s", "danger-full-access"]
    data = {
        "format": 1,
        "rule": "What random faults make of a turn, and of the next one in its thread.",
        "lanes": [f"{version}/direct"],
        "via": "direct",
        "config": config,
        "runs": [
            {"argv": [*argv, "go"], "expect_exit": 0 if ends[0] else 1},
            {"argv": [*argv, "resume", "--last", "and now?"], "expect_exit": 0 if ends[1] else 1},
        ],
        "answers": answers,
    }
    kinds = Counter(one.kind for one in play.drawn)
    return Unit(
        lane=Lane(version, "direct"),
        seed=seed,
        number=number,
        data=data,
        ends=ends,
        heard=heard,
        kinds=kinds,
    )


def scenario_of(unit: Unit) -> Scenario:
    """The unit as any other scenario."""
    return scenario_from_data(unit.data, unit.name, unit.name)


def write_unit(unit: Unit, folder: Path, comments: Sequence[str]) -> Path:
    """The unit as a scenario file, ready to be recorded once it has a rule of its own."""
    import yaml

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{unit.name}.yaml"
    lines = [line for comment in comments for line in comment.splitlines()]
    text = yaml.safe_dump(dict(unit.data), sort_keys=False, allow_unicode=True, width=120)
    path.write_text("".join(f"# {line[:300]}\n" for line in lines) + text, encoding="utf-8")
    return path


@dataclass(kw_only=True)
class _Play:
    """Upstream at work, as far as the requests go."""

    world: World
    panics: bool
    faults: int
    """So many may still come; then all goes well."""
    websocket: bool = False
    compacts: bool = False
    drawn: list[Drawn] = field(default_factory=list)
    upgrades: list[Any] = field(default_factory=list)
    warmed: int = 0
    heard: bool = True
    """Whether the words of the last turn are kept: 0.115.0 drops those before which a summary failed."""
    _turns: int = 3
    _tokens: int = 0
    _counted: int = 0
    """What a thread that is taken up again knows: what the last whole answer to a turn said, in 0.169.0 even where a
    summary has made less of it since."""
    _full: bool = False
    _over_socket: bool = False
    _connected: bool = False

    def run(self, *, first: bool) -> bool:
        """A start of the program: whether its turn ends well."""
        self._over_socket, self._connected = self.websocket, False
        self._tokens = self._counted
        self.world.number += 0 if first else 500
        if self._over_socket:
            # The connection is made ready before the turn; what is wrong with it then is not told.
            ready = self._upgrade()
            self._over_socket = ready != 426
            self._connected = ready == 101
            self.warmed += ready == 101
        return self._turn()

    def _turn(self) -> bool:
        self.heard = True
        if (self._full or (self.compacts and self._tokens >= LIMIT)) and not self._compact():
            self.heard = self.world.version != "0.115.0"
            return False
        while True:
            ended = self._answer(may_call=True)
            if ended.way != "ok":
                self._full = self._full or ended.full
                return False
            self._tokens = self._counted = ended.tokens or 0
            if not ended.more:
                return True
            if self.compacts and self._tokens >= LIMIT and not self._compact():
                return False

    def _compact(self) -> bool:
        ended = self._answer(may_call=False)
        if ended.way == "ok":
            self._full, self._tokens = False, 0
            if self.world.version == "0.115.0":
                self._counted = 0
        return ended.way == "ok"

    def _answer(self, *, may_call: bool) -> Outcome:
        """One answer, asked for as often as it takes; a summary over a WebSocket is not given up for POST."""
        left = RETRIES
        while True:
            ended = self._exchange(may_call=may_call)
            if ended.way != "stream":
                return ended
            if left:
                left -= 1
            elif self._over_socket and may_call:
                self._over_socket, left = False, RETRIES
            else:
                return ended

    def _exchange(self, *, may_call: bool) -> Outcome:
        if self._over_socket and (not self._connected or not may_call):  # a summary has a connection of its own
            status = self._upgrade()
            if status == 426:
                self._over_socket = False
            elif status in (400, 429) and not self._insists(may_call):
                return Outcome(way="final")
            elif status != 101:
                return Outcome(way="stream")
            self._connected = status == 101 if may_call else self._connected
        if self._over_socket:
            ended = self._draw(may_call=may_call)
            self._connected = ended.way == "ok" if may_call else self._connected
            return ended
        tries = RETRIES
        while (ended := self._draw(may_call=may_call)).way == "request" and tries:
            tries -= 1
        return replace(ended, way=ended.then) if ended.way == "request" else ended

    def _insists(self, may_call: bool) -> bool:
        """A summary is asked for again by 0.115.0, whatever was wrong."""
        return not may_call and self.world.version == "0.115.0"

    def _upgrade(self) -> int:
        status = 101
        if self.faults and self.world.chance(0.2):
            self.faults -= 1
            status = self.world.random.choice((404, 500, 401, 426, 400))
        self.upgrades.append({"websocket": {}} if status == 101 else {"http": {"status": status, "body": "no"}})
        return status

    def _draw(self, *, may_call: bool) -> Outcome:
        self.world.websocket = self._over_socket
        if self.faults and self.world.chance(0.6):
            self.faults -= 1
            drawn = fault(self.world, panics=self.panics)
            while drawn.outcome.full and not may_call:
                # A summary that is too long for the window is asked for again, with less: another story.
                drawn = fault(self.world, panics=self.panics)
            if self._insists(may_call):
                way = "stream" if drawn.outcome.way == "final" else drawn.outcome.way
                drawn = replace(drawn, outcome=replace(drawn.outcome, way=way, then="stream"))
        else:
            calls = 0
            if may_call and self._turns and self.world.chance(0.5):
                self._turns -= 1
                calls = self.world.random.choice((1, 1, 2))
            tokens = FULL if self.compacts and calls and self.world.chance(0.6) else SMALL
            drawn = good(self.world, calls=calls, tokens=tokens)
        self.drawn.append(drawn)
        return drawn.outcome
