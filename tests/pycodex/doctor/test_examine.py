"""All checks are made; what needs a failed one is skipped with the reason."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pycodex.doctor.examine import STEPS, Step, examine, examine_network
from pycodex.doctor.report import Check, overall
from pycodex.doctor.subject import Subject
from tests.pycodex.doctor.subjects import KEY, Reply, by_id, canned, provider, subject

JSON = {"content-type": "application/json"}
LOST = f'{{"error": {{"message": "no such key: {KEY}"}}}}'
DONE = 'data: {"type": "response.completed", "response": {"id": "r"}}\n\n'
WELL: dict[tuple[str, str], Reply] = {
    ("POST", "/responses"): (200, {"content-type": "text/event-stream"}, DONE),
    ("GET", "/models"): (200, JSON, "{}"),
}


def made(looked: Subject, *, live: bool = True) -> dict[str, Check]:
    return by_id(asyncio.run(examine(looked, live=live)))


def test_ids_are_stable() -> None:
    """Whoever reads --json counts on them."""
    assert [step.id for step in STEPS] == [
        "config.load",
        "config.dotenv",
        "provider.address",
        "auth.credentials",
        "auth.key",
        "sandbox.run",
        "network.env",
        "network.proxy",
        "network.dns",
        "network.tcp",
        "network.tls",
        "network.websocket_reachability",
        "network.provider_reachability",
        "backend.models",
        "live.request",
    ]


def test_nothing_is_wrong(tmp_path: Path) -> None:
    with canned(WELL) as (url, seen):
        found = made(subject(tmp_path, provider(url)))
    assert {check.id for check in found.values() if check.status not in ("ok", "skipped")} == {"sandbox.run"}
    assert found["network.tls"].status == "skipped"
    assert overall([*found.values()]) == "warning"  # of the sandbox, which these tests do without
    assert seen == ["HEAD /v1/responses", "GET /v1/models", "POST /v1/responses"]


def test_a_broken_configuration_leaves_what_needs_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CODEX_X=1\n")
    found = made(subject(tmp_path, "model = [\n"))
    verdicts = {id_: check.status for id_, check in found.items()}
    assert verdicts.pop("config.load") == "fail" and verdicts.pop("config.dotenv") == "warning"
    assert verdicts.pop("network.env") == "ok"
    assert {*verdicts.values()} == {"skipped"}
    assert all("it needs config.load" in found[id_].summary for id_ in verdicts)


def test_what_needs_a_connection_is_skipped_without_one(tmp_path: Path) -> None:
    found = made(subject(tmp_path, provider("http://127.0.0.1:1/v1")))
    assert found["network.tcp"].status == "fail"
    for id_ in ("network.tls", "network.websocket_reachability", "network.provider_reachability", "live.request"):
        assert found[id_].status == "skipped" and "it needs network.tcp" in found[id_].summary


def test_without_a_key_nothing_is_asked(tmp_path: Path) -> None:
    with canned(WELL) as (url, seen):
        found = made(subject(tmp_path, provider(url), env={"OWN_KEY": ""}))
    assert found["auth.key"].status == found["auth.credentials"].status == "fail"
    assert found["live.request"].summary == "not looked at: it needs auth.key"
    assert not any(line.startswith("POST") for line in seen)


def test_skip_live_asks_nothing(tmp_path: Path) -> None:
    with canned(WELL) as (url, seen):
        found = made(subject(tmp_path, provider(url)), live=False)
    assert found["live.request"].status == "skipped" and "--skip-live" in found["live.request"].summary
    assert not any(line.startswith("POST") for line in seen)


def test_a_provider_without_a_list_of_models_is_warned_of(tmp_path: Path) -> None:
    replies = {("POST", "/responses"): WELL[("POST", "/responses")]}
    with canned(replies) as (url, _):
        looked = subject(tmp_path, provider(url))
        assert made(looked)["network.provider_reachability"].status == "warning"
        network = by_id(asyncio.run(examine_network(looked)))
    assert network["network.provider_reachability"].status == "fail"


def test_a_key_that_a_server_repeats_is_masked(tmp_path: Path) -> None:
    with canned({("POST", "/responses"): (401, JSON, LOST)}) as (url, _):
        check = made(subject(tmp_path, provider(url)))["live.request"]
    assert check.status == "fail" and "no such key: ***" in check.summary


@pytest.mark.parametrize("fault", ["late", "broken"])
def test_a_check_that_is_late_or_breaks_is_a_failure(tmp_path: Path, fault: str) -> None:
    async def run(looked: Subject) -> Check:
        if fault == "broken":
            raise RuntimeError("oh")
        await asyncio.sleep(60)
        raise AssertionError

    steps = (Step(id="a", category="dns", run=run, seconds=0.05), Step(id="b", category="tcp", run=run, needs=("a",)))
    first, second = asyncio.run(examine(subject(tmp_path), live=True, steps=steps))
    assert first.status == "fail" and first.remedy and second.status == "skipped"
    assert ("oh" in first.summary) == (fault == "broken")


def test_of_the_network_alone_a_broken_configuration_is_the_only_line(tmp_path: Path) -> None:
    (check,) = asyncio.run(examine_network(subject(tmp_path, "model = [\n")))
    assert check.status == "fail" and check.detail("network diagnostics")
