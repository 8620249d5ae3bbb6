import json
from pathlib import Path
from typing import Any

import pytest

from pycodex import AgentLoop, ToolRegistry, rollout, session
from pycodex.protocol import Event, NothingAsked
from pycodex.records import replace
from pycodex.settings import Settings
from tests.pycodex.sessions import ScriptedModel, says, settings_in

VERSIONS = ("0.115.0", "0.169.0")


async def run(opened: session.Session, text: str, answer: str) -> None:
    def emit(event: Event) -> None:
        assert opened.writer is not None
        opened.writer(event)

    loop = AgentLoop(ScriptedModel([[says(answer)]]), ToolRegistry(), opened.context, emit=emit)
    await loop.run_turn(text)
    assert opened.writer is not None
    opened.writer.close()


def only_rollout(settings: Settings) -> Path:
    (path,) = (settings.config.codex_home / "sessions").rglob("*.jsonl")
    return path


@pytest.mark.parametrize("later", VERSIONS)
@pytest.mark.parametrize("first", VERSIONS)
async def test_resume_across_versions(tmp_path: Path, first: str, later: str) -> None:
    began = session.begin(settings_in(tmp_path, upstream=first), None)
    await run(began, "one", "two")
    settings = settings_in(tmp_path, upstream=later)
    path = only_rollout(settings)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"timestamp":"x","type":"from_the_future","payload":{"a":1}}\n')
    resumed = session.resume(settings, None, path)
    assert resumed.context.thread.id == began.context.thread.id
    assert resumed.context.usage.total_tokens == 15
    texts = [item["content"][0]["text"] for item in resumed.context.history]
    assert texts[-2:] == ["one", "two"]
    await run(resumed, "three", "four")
    records, warnings = rollout.read_rollout(path)
    assert warnings == []
    assert [record["type"] for record in records].count("session_meta") == 1
    assert any(record["type"] == "from_the_future" for record in records)
    ordinals = [record["ordinal"] for record in records if "ordinal" in record]
    assert ordinals == sorted(set(ordinals))


async def test_torn_last_line_is_cut_with_a_warning(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await run(session.begin(settings, None), "one", "two")
    path = only_rollout(settings)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"timestamp":"2026')
    resumed = session.resume(settings, None, path)
    assert path.read_bytes() == whole + b'{"timestamp":"2026\n', "nothing is cut off; the next record has its own line"
    assert any("torn" in text for text in resumed.damaged)
    assert len(resumed.context.history) == len(session.history_of(rollout.read_rollout(path)[0])) > 0


async def test_missing_last_newline_is_added(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await run(session.begin(settings, None), "one", "two")
    path = only_rollout(settings)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert not rollout.end_last_line(path)
    assert path.read_bytes() == whole


def test_file_without_session_meta_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rollout-x.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(session.SessionError, match="session_meta"):
        session.resume(settings_in(tmp_path), None, path)


async def test_ephemeral_writes_nothing(tmp_path: Path) -> None:
    opened = session.begin(settings_in(tmp_path, ephemeral=True), None)
    assert opened.writer.path is None


async def test_latest_is_of_the_folder(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await run(session.begin(settings, None), "one", "two")
    path, home = only_rollout(settings), settings.config.codex_home
    assert rollout.latest_rollout(home, settings.cwd) == path
    assert rollout.latest_rollout(home, tmp_path) is None
    assert rollout.latest_rollout(home, None) == path


def test_installation_id_is_kept(tmp_path: Path) -> None:
    made = session.installation_id(tmp_path, keep=True)
    assert session.installation_id(tmp_path, keep=False) == made
    assert (tmp_path / "installation_id").read_text(encoding="utf-8") == made


def test_each_record_is_on_disk_when_it_is_written(tmp_path: Path) -> None:
    def recorder(event: Any) -> list[dict[str, Any]]:
        return [{"type": "x", "payload": {"n": "ü"}}]

    writer = rollout.RolloutWriter(tmp_path / "a" / "r.jsonl", recorder, clock=lambda: 1.5)
    writer(None)  # type: ignore[arg-type]
    line = (tmp_path / "a" / "r.jsonl").read_text(encoding="utf-8")
    assert line == '{"timestamp":"1970-01-01T00:00:01.500Z","type":"x","payload":{"n":"ü"}}\n'
    assert json.loads(line)["payload"] == {"n": "ü"}
    writer.close()


@pytest.mark.parametrize("upstream", VERSIONS)
async def test_the_last_turn_says_where_a_thread_is(tmp_path: Path, upstream: str) -> None:
    settings = settings_in(tmp_path, upstream=upstream)
    await run(session.begin(settings, None), "one", "two")
    path = only_rollout(settings)
    elsewhere = replace(settings, cwd=tmp_path)
    await run(session.resume(elsewhere, None, path), "three", "four")
    home = settings.config.codex_home
    assert rollout.latest_rollout(home, tmp_path) == path
    assert rollout.latest_rollout(home, settings.cwd) is None


@pytest.mark.parametrize("upstream", VERSIONS)
async def test_a_kept_thread_goes_on_to_be_kept(tmp_path: Path, upstream: str) -> None:
    settings = settings_in(tmp_path, upstream=upstream)
    await run(session.begin(settings, None), "one", "two")
    path = only_rollout(settings)
    await run(session.resume(replace(settings, ephemeral=True), None, path), "three", "four")
    assert b"four" in path.read_bytes()


def test_records_wait_until_they_can_be_written(tmp_path: Path) -> None:
    """A disk that is full, or a folder that cannot be made, loses nothing once that has passed, and is told once."""
    path = tmp_path / "sessions" / "r.jsonl"
    path.parent.write_text("no folder")
    writer = rollout.RolloutWriter(path, lambda event: [{"type": "note"}])
    writer(NothingAsked())
    trouble = writer.trouble()
    assert trouble is not None and trouble.startswith(f"{path} cannot be written") and "(os error 17)" in trouble
    writer(NothingAsked())
    assert writer.trouble() is None
    path.parent.unlink()
    writer(NothingAsked())
    writer.close()
    assert [json.loads(line)["type"] for line in path.read_text().splitlines()] == ["note"] * 3
