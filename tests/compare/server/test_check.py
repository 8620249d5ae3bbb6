"""The check against a server that does everything, and against servers that each break one thing."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from captures.agents import load_agent
from captures.driver import WORK, LiveServer, record
from captures.install import installed
from captures.recording import read_recording
from captures.scenario import Lane, load_scenarios
from captures.sightings import seen, seen_in
from compare.server.cases import CASES
from compare.server.check import Options, Result, check_server, result_lines, results_json
from compare.server.talk import Client, Unreachable
from fake_server import FakeServer, Script, Source
from fake_server.friendly import Friendly
from fake_server.script import Answer, HttpAnswer
from fake_server.tracks import Request
from tests.compare.server.servers import KEY, GoodServer, error, refusing
from tests.repository import ROOT

VERSIONS = ("0.115.0", "0.169.0")
FAULTS = sorted((ROOT / "captures" / "scenarios" / "server").glob("*.yaml"))


async def check(
    source: Source | Script,
    *,
    key: str | None = KEY,
    versions: Sequence[str] = VERSIONS[1:],
    quiet: float = 20.0,
    **options: object,
) -> list[Result]:
    async with FakeServer() as server, Client(f"{server.url}/v1", key, quiet) as client:
        server.load(source)
        return await check_server(client, versions, Options(**options))  # type: ignore[arg-type]


def of(results: Sequence[Result], case: str) -> Result:
    return next(result for result in results if result.case == case)


async def test_a_server_that_does_everything_passes_with_nothing_left_unsaid() -> None:
    results = await check(GoodServer(), versions=VERSIONS)
    verdicts = {(result.version, result.case): result.verdict for result in results}
    told = {name for name, verdict in verdicts.items() if verdict not in ("pass", "skip")}
    assert told == {(v, name) for v in VERSIONS for name in ("burst", "models")} | {("0.115.0", "compact")}
    assert {name for name, verdict in verdicts.items() if verdict == "skip"} == {
        ("0.115.0", "namespace_tools"),
        ("0.115.0", "tool_search"),
        ("0.115.0", "additional_tools"),
        ("0.115.0", "compact_trigger"),
        ("0.169.0", "compact"),
    }
    assert len(results) == len(CASES) * 2


async def test_our_own_server_passes() -> None:
    results = await check(Friendly(), key=None, versions=VERSIONS)
    assert [result for result in results if result.verdict == "fail"] == []


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
async def test_each_fault_is_found_with_what_the_real_codex_shows(path: Path) -> None:
    fault = path.stem.removesuffix("_old")
    case = "output_schema" if fault == "schema_ignored" else "hello"
    script = yaml.safe_load(path.read_text())["answers"]
    answers = script["main"] * 40 if not fault.startswith("end_turn") else script["main"][:1]
    results = await check(Script.from_data({"main": answers}), quiet=1.0, only=[case])
    found = [finding.fault for finding in of(results, case).findings]
    assert found == [fault]
    lines = "\n".join(result_lines(results))
    assert seen(fault, VERSIONS[1]) in lines and of(results, case).findings[0].fix in lines
    assert results_json(results)[0]["findings"][0]["seen"] == seen(fault, VERSIONS[1])


@pytest.mark.parametrize(
    ("part", "culprit"),
    [
        ("client_metadata", "the key client_metadata"),
        ("encrypted_content'", "the key include"),
        ("{'type': 'tool_search'", "the tools of type tool_search"),
        ("'role': 'developer'", "the messages of the role developer"),
    ],
)
async def test_a_refusal_names_what_was_refused(part: str, culprit: str) -> None:
    finding = of(await check(GoodServer(refusing(part)), only=["hello"]), "hello").findings[0]
    assert finding.fault == "status_400" and finding.detail.endswith(f"it passes without {culprit}")
    assert finding.fix == f"accept {culprit}"


async def test_a_key_of_tomorrow_must_be_passed_over() -> None:
    results = await check(GoodServer(refusing("a_field_of_tomorrow")), only=["hello", "unknown_field"])
    assert of(results, "hello").verdict == "pass"
    assert of(results, "unknown_field").findings[0].fix == "accept the key a_field_of_tomorrow"


@pytest.mark.parametrize(
    ("case", "part", "answer", "fault"),
    [
        ("wrong_key", "", HttpAnswer(status=401, body="no"), "status_401"),
        ("unknown_model", "no-such-model-x", HttpAnswer(status=500, body="KeyError"), "status_500"),
        ("too_long", "word word", error(413, "too long", "context_length_exceeded"), "status_413"),
        ("too_long", "word word", error(400, "too long"), "status_400"),
    ],
)
async def test_errors_must_say_what_codex_understands(case: str, part: str, answer: HttpAnswer, fault: str) -> None:
    server = GoodServer(lambda request: answer if part in str(request.body) else None)
    assert [finding.fault for finding in of(await check(server, only=[case]), case).findings] == [fault]


@pytest.mark.parametrize(("wait", "faults"), [("2", []), ("0.5", ["status_429_fraction"])])
async def test_a_burst_shows_how_a_limit_is_told(wait: str, faults: list[str]) -> None:
    results = await check(GoodServer(limit=2, wait=wait), only=["burst"], burst=3)
    assert [finding.fault for finding in of(results, "burst").findings] == faults


async def test_a_burst_without_a_limit_is_told() -> None:
    assert of(await check(GoodServer(), only=["burst"], burst=2), "burst").notes == ["no 429 in 2 prompts at once"]


@pytest.mark.parametrize(("status", "words"), [(426, "posts at once"), (404, "answer 426 instead")])
async def test_a_server_without_websockets_is_told_what_that_means(status: int, words: str) -> None:
    def refuse(request: object) -> HttpAnswer | None:
        return HttpAnswer(status=status) if getattr(request, "method", "") == "GET" else None

    result = of(await check(GoodServer(refuse), only=["websocket"]), "websocket")
    assert result.verdict == "note" and words in result.notes[0]


class Forgetless(Friendly):
    """A server that knows of no compaction."""

    def claims(self, request: Request) -> bool:
        return request.method == "GET" and super().claims(request)

    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        compacts = answer.output is not None and "item" in answer.output[0]
        return replace(answer, output=({"message": "What is that?"},)) if compacts else answer


@pytest.mark.parametrize(
    ("version", "case", "words"),
    [
        ("0.115.0", "compact", "not offered (HTTP 404); only a provider of the name OpenAI"),
        ("0.169.0", "compact_trigger", "answered with 0 items of the type compaction, where codex needs one"),
    ],
)
async def test_a_server_that_does_not_compact_is_told_who_asks_for_it(version: str, case: str, words: str) -> None:
    result = of(await check(Forgetless(), key=None, versions=[version], only=[case]), case)
    assert result.verdict == "note" and words in result.notes[0]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_summary_is_asked_for_without_tools_and_the_thread_goes_on(version: str) -> None:
    async with FakeServer() as server, Client(f"{server.url}/v1") as client:
        server.load(Friendly())
        results = await check_server(client, [version], Options(only=["compact_local", "compacted"]))
        bodies = [json.loads(exchange.body) for exchange in server.journal]
    assert [result.verdict for result in results] == ["pass", "pass"]
    assert (bodies[0]["tools"], bodies[0]["parallel_tool_calls"]) == ([], False)
    assert "CONTEXT CHECKPOINT" in str(bodies[0]["input"][-1]) and "one" in str(bodies[1]["input"])
    assert not [item for item in bodies[1]["input"] if item["type"] == "function_call_output"]


async def test_an_empty_summary_is_told() -> None:
    results = await check(Script.from_data({"main": [{"output": []}]}), only=["compact_local"])
    assert of(results, "compact_local").notes == ["no message came, so codex goes on with an empty summary"]


async def test_nobody_there_is_no_verdict() -> None:
    async with Client("http://127.0.0.1:9/v1") as client:
        with pytest.raises(Unreachable, match=":9/v1/responses: "):
            await check_server(client, VERSIONS, Options(only=["hello"]))


@pytest.mark.skipif(installed("@openai/codex", VERSIONS[1], WORK) is None, reason="codex-cli is not installed")
@pytest.mark.parametrize("fault", ["deltas_only", "content_string", "item_done_twice"])
async def test_the_real_codex_before_such_a_server_sees_what_was_said(fault: str, tmp_path: Path) -> None:
    scenario = load_scenarios(only=["exec/hello"])[0]
    broken = load_scenarios(only=[f"server/{fault}"])[0]
    async with FakeServer() as server:
        server.load(Script.from_data(broken.answers))
        live = LiveServer(url=f"{server.url}/v1", key="sk-secret")
        lane = Lane(VERSIONS[1], "direct")
        outcome = (await record([(scenario, lane)], load_agent("codex-cli"), out=tmp_path, server=live))[0]
        assert ("authorization", "Bearer sk-secret") in server.journal[0].head
    assert [(number, finding.fault) for number, finding in outcome.findings] == [(1, fault)]
    assert outcome.folder is not None
    assert seen_in(read_recording(outcome.folder).tree) == seen(fault, VERSIONS[1])
    assert "sk-secret" not in "".join(p.read_text() for p in outcome.folder.iterdir())
    shutil.rmtree(tmp_path)
