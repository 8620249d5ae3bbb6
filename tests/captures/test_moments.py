import asyncio
from pathlib import Path

import pytest

from captures.moments import Moment, Sight, at


def sight(workspace: Path, requests: int = 0) -> Sight:
    return Sight(workspace=workspace, requests=lambda: requests)


def test_a_moment_is_a_request_a_file_or_something_printed(tmp_path: Path) -> None:
    seen = sight(tmp_path, requests=2)
    assert seen.shows(Moment(request=2)) and not seen.shows(Moment(request=3))
    assert not seen.shows(Moment(file="begun"))
    (tmp_path / "begun").touch()
    assert seen.shows(Moment(file="begun"))
    assert not seen.shows(Moment(output="net.*work"))
    seen.stderr += b"waiting for net"
    assert not seen.shows(Moment(output="net.*work"))
    seen.stdout += b"net at work"
    assert seen.shows(Moment(output="net.*work"))


@pytest.mark.parametrize("later", [True, False])
async def test_what_waits_for_a_moment_is_done_once_it_has_come(tmp_path: Path, later: bool) -> None:
    done: list[str] = []

    async def act_later() -> None:
        done.append("later")

    waiting = asyncio.create_task(
        at(Moment(file="go"), sight(tmp_path), act_later if later else lambda: done.append("now"))
    )
    await asyncio.sleep(0.05)
    assert done == []
    (tmp_path / "go").touch()
    await waiting
    assert done == ["later" if later else "now"]
