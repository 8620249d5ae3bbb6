import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fake_server.threaded import ThreadedServer
from pycodex.offered_models import heed, kept_models, with_offered
from pycodex.settings import Settings
from tests.pycodex.sessions import settings_in


@pytest.fixture
def server() -> Iterator[ThreadedServer]:
    with ThreadedServer() as made:
        yield made


def row(slug: str, priority: int = 99, **more: Any) -> dict[str, Any]:
    return {
        "slug": slug,
        "display_name": slug,
        "supported_reasoning_levels": [],
        "shell_type": "default",
        "visibility": "list",
        "supported_in_api": True,
        "priority": priority,
        "base_instructions": f"Be {slug}.",
        "supports_reasoning_summaries": False,
        "support_verbosity": False,
        "truncation_policy": {"mode": "tokens", "limit": 10_000},
        "supports_parallel_tool_calls": False,
        "experimental_supported_tools": [],
        **more,
    }


def answers(*bodies: str, status: int = 200) -> dict[str, Any]:
    listed = [{"http": {"status": status, "body": body}} for body in bodies]
    return {"models": {"match": {"method": "GET", "target": "/models"}, "aside": True, "answers": listed}}


def asking(root: Path, server: ThreadedServer, *, model: str = "gpt-5.5", **more: Any) -> Settings:
    told = {"name": "p", "base_url": server.base_url, "request_max_retries": 0, "auth": {"command": "echo"}, **more}
    table = ", ".join(
        f"{key} = {json.dumps(value)}" if key != "auth" else 'auth = {command = "echo", args = ["t"]}'
        for key, value in told.items()
    )
    overrides = ('model_provider="p"', f"model_providers.p={{{table}}}")
    return settings_in(root, config=f'model = "{model}"\n', overrides=overrides)


def aged(path: Path, seconds: int) -> None:
    """What is kept there is so old."""
    told = datetime.now(UTC) - timedelta(seconds=seconds)
    path.write_text(json.dumps({**json.loads(path.read_text()), "fetched_at": f"{told:%Y-%m-%dT%H:%M:%SZ}"}))


class Log(list[str]):
    def __call__(self, target: str, message: str) -> None:
        assert target == "codex_models_manager::manager"
        self.append(message)


def test_what_is_offered_stands_beside_the_versions_own_and_is_kept(tmp_path: Path, server: ThreadedServer) -> None:
    server.load(answers(*[json.dumps({"models": [row("mine"), row("gpt-5.5")]})] * 2))
    log = Log()
    asked = with_offered(asking(tmp_path, server, model="mine"), log, named=True)
    assert (asked.model.base_instructions, asked.model_listed, asked.offer_kept) == ("Be mine.", True, False)
    assert asked.data.models["gpt-5.5"]["base_instructions"] == "Be gpt-5.5."
    assert "gpt-6.1-sol" in asked.data.models
    again = with_offered(asking(tmp_path, server, model="mine"), log, named=True)
    assert (again.model.base_instructions, again.offer_kept) == ("Be mine.", True)
    assert len(server.requests) <= 2
    assert log == []


def test_the_first_of_all_is_the_model_of_who_names_none(tmp_path: Path, server: ThreadedServer) -> None:
    server.load(answers(*[json.dumps({"models": [row("first", 0)]})] * 2))
    assert with_offered(asking(tmp_path, server), Log(), named=False).model.slug == "first"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<", "Syntax at line 1 column 1 (body: 1 bytes)"),
        ("", "Eof at line 1 column 0 (body: 0 bytes)"),
        ('{"models": [', "Eof at line 1 column 12 (body: 12 bytes)"),
        ("{}", "Data at line 1 column 2 (body: 2 bytes)"),
    ],
)
def test_a_list_that_cannot_be_read_is_logged_twice(
    body: str, problem: str, tmp_path: Path, server: ThreadedServer
) -> None:
    server.load(answers(*[body] * 3))
    log = Log()
    settings = asking(tmp_path, server)
    assert with_offered(settings, log, named=True) is settings
    start = (
        "failed to refresh available models: stream disconnected before completion: failed to decode models response"
    )
    assert log == [f"{start}: {problem}"] * 2


def test_who_names_no_model_looks_once_more(tmp_path: Path, server: ThreadedServer) -> None:
    server.load(answers(*["no"] * 4, status=404))
    log = Log()
    with_offered(asking(tmp_path, server), log, named=False)
    assert len(log) == 3
    assert len({*log}) == 1


def test_what_is_kept_is_good_for_five_minutes_and_for_its_provider(tmp_path: Path, server: ThreadedServer) -> None:
    server.load(answers(*[json.dumps({"models": [row("mine")]})] * 2))
    settings = asking(tmp_path, server)
    with_offered(settings, Log(), named=True)
    path = settings.config.codex_home / "models_cache.json"
    aged(path, 290)
    assert [found["slug"] for found in kept_models(settings) or ()] == ["mine"]
    assert kept_models(asking(tmp_path, server, base_url="http://127.0.0.1:9/v1")) is None
    aged(path, 310)
    assert kept_models(settings) is None
    path.write_text("{")
    assert kept_models(settings) is None


def test_the_tag_of_what_is_kept_keeps_it_and_another_one_has_it_asked_for(
    tmp_path: Path, server: ThreadedServer
) -> None:
    script = answers()
    listed = json.dumps({"models": [row("mine")]})
    script["models"]["answers"] = [{"raw": [listed], "headers": {"etag": tag}} for tag in ("one", "two")]
    server.load(script)
    settings, log = asking(tmp_path, server), Log()
    asyncio.run(heed(settings, "one", log))
    aged(settings.config.codex_home / "models_cache.json", 310)
    assert kept_models(settings) is None
    asyncio.run(heed(settings, "one", log))
    assert [found["slug"] for found in kept_models(settings) or ()] == ["mine"]
    assert len(server.requests) == 1
    asyncio.run(heed(settings, "two", log))
    assert len(server.requests) == 2
    assert log == []


def test_a_provider_with_a_key_is_not_asked(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert with_offered(settings, Log(), named=True) is settings
