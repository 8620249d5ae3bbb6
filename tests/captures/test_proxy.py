"""Through mitmproxy and straight: both routes give the same recording, and streams pass chunk by chunk."""

import sys
from pathlib import Path

from captures.agents import Agent
from captures.driver import record
from captures.recording import read_recording
from captures.scenario import Lane, scenario_from_data

LANE = Lane("0.169.0", "direct")
TOY = Agent(name="toy", command=(sys.executable, str(Path(__file__).with_name("toy_agent.py"))), private=("cache.bin",))


async def test_the_proxy_changes_nothing_that_is_recorded(tmp_path: Path) -> None:
    data = {
        "format": 1,
        "rule": "a rule for the toy agent",
        "runs": [{"argv": ["one"]}, {"argv": ["two"]}],
        "answers": {"main": [{"output": [{"message": "hi there"}]}, {"output": [{"message": "again"}]}]},
    }
    scenario = scenario_from_data(data, "toy/one", "test")
    recordings = []
    for via in ("direct", "proxy"):
        (outcome,) = await record([(scenario, LANE)], TOY, out=tmp_path / via, via=via)
        assert (outcome.status, outcome.message) == ("recorded", "")
        assert outcome.folder is not None
        recordings.append(read_recording(outcome.folder))
    assert recordings[0] == recordings[1]
    assert len(recordings[0].tree["requests"]) == 2
