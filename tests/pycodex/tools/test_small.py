"""The small tools: which there are in a run, and what they answer."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from pycodex.protocol import Event, ImageViewed
from pycodex.settings import Settings
from pycodex.tools.base_tool import BaseTool, ToolError
from pycodex.tools.small import small_tools
from tests.pycodex.sessions import settings_in, tool_context
from tests.pycodex.upstream.test_toolset import with_row

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR42mMQUDCAIAY4CwAV1AJB3IXChQAAAABJRU5ErkJggg=="
)


def tool(settings: Settings, name: str) -> BaseTool:
    (made,) = small_tools(settings, {name})
    return made


async def answer(settings: Settings, name: str, arguments: str, events: list[Event] | None = None) -> Any:
    made, events = tool(settings, name), [] if events is None else events
    context = tool_context(settings, events)
    try:
        output = await made.run(context, made.parse(arguments))
    except ToolError as error:
        return str(error)
    return output if isinstance(output, str) else output.content


def test_only_what_is_declared(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert [made.name for made in small_tools(settings, {"view_image", "nope"})] == ["view_image"]
    assert small_tools(settings, ()) == []


async def test_lines_of_a_file(tmp_path: Path) -> None:
    settings, file = settings_in(tmp_path), tmp_path / "f"
    file.write_bytes(b"one\r\ntw\xffo\n" + b"x" * 600)
    answered = await answer(settings, "read_file", f'{{"file_path":"{file}"}}')
    assert answered == f"L1: one\nL2: tw\ufffdo\nL3: {'x' * 500}"
    assert await answer(settings, "read_file", f'{{"file_path":"{file}","offset":2,"limit":1}}') == "L2: tw\ufffdo"
    assert await answer(settings, "read_file", f'{{"file_path":"{file}","offset":4}}') == "offset exceeds file length"


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ('"anchor_line":4,"max_levels":1', "2 3 4 5 6"),
        ('"anchor_line":4,"include_header":false', "3 4 5 6"),
        ('"anchor_line":4,"max_lines":1', "4"),
        ('"anchor_line":4', "2 3 4 5 6"),
        ('"anchor_line":4,"include_siblings":true', "1 2 3 4 5 6 7"),
    ],
)
async def test_the_block_around_a_line(options: str, lines: str, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("a\n# head\ndef f:\n    x\n    y\nb\nc\n")
    arguments = f'{{"file_path":"{file}","mode":"indentation","indentation":{{{options}}}}}'
    answered = await answer(settings_in(tmp_path), "read_file", arguments)
    numbers = [line.partition(":")[0][1:] for line in answered.splitlines()]
    assert " ".join(numbers) == lines


async def test_entries_of_a_folder(tmp_path: Path) -> None:
    settings, folder = settings_in(tmp_path), tmp_path / "d"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "sub" / "deep" / "x").touch()
    (folder / ".hidden").touch()
    os.symlink("sub", folder / "link")
    head = f"Absolute path: {folder}\n"
    assert await answer(settings, "list_dir", f'{{"dir_path":"{folder}"}}') == (f"{head}.hidden\nlink@\nsub/\n  deep/")
    cut = await answer(settings, "list_dir", f'{{"dir_path":"{folder}","offset":2,"limit":1,"depth":1}}')
    assert cut == f"{head}link@\nMore than 1 entries found"
    late = await answer(settings, "list_dir", f'{{"dir_path":"{folder}","offset":9}}')
    assert late == "offset exceeds directory entry count"


async def test_grep_without_ripgrep(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    made = await answer(settings, "grep_files", '{"pattern":"x","path":"nope"}')
    assert made == f"unable to access `{settings.cwd}/nope`: No such file or directory (os error 2)"


async def test_an_image_and_what_is_none(tmp_path: Path) -> None:
    old, new = settings_in(tmp_path, upstream="0.115.0"), settings_in(tmp_path, upstream="0.169.0")
    (old.cwd / "p.png").write_bytes(PNG)
    (old.cwd / "t.txt").write_text("hello")
    (image,) = await answer(old, "view_image", '{"path":"p.png"}')
    assert image == {"type": "input_image", "image_url": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"}
    assert (await answer(new, "view_image", '{"path":"p.png"}'))[0]["detail"] == "original"
    assert "unsupported MIME type `text/plain`" in await answer(old, "view_image", '{"path":"t.txt"}')
    assert await answer(new, "view_image", '["x"]') == "unknown turn environment id `x`"


async def test_an_image_that_is_shown_is_told_and_no_other(tmp_path: Path) -> None:
    settings, events = settings_in(tmp_path), list[Event]()
    (settings.cwd / "p.png").write_bytes(PNG)
    await answer(settings, "view_image", '{"path":"./p.png"}', events)
    await answer(settings, "view_image", '{"path":"nope.png"}', events)
    (viewed,) = events
    assert isinstance(viewed, ImageViewed)
    assert (viewed.call_id, viewed.path) == ("c", f"{settings.cwd}/p.png")


async def test_a_model_that_takes_no_images(tmp_path: Path) -> None:
    settings = with_row(tmp_path, "0.169.0", {"input_modalities": ["text"]})
    assert "do not support image inputs" in await answer(settings, "view_image", "nonsense")


async def test_a_broken_image_is_refused(tmp_path: Path) -> None:
    settings = with_row(tmp_path, "0.115.0", {})
    # The header was changed and its check sum not.
    (settings.cwd / "p.png").write_bytes(PNG[:16] + (2100).to_bytes(4, "big") + PNG[20:])
    assert "Format error decoding Png: CRC error" in await answer(settings, "view_image", '{"path":"p.png"}')


async def test_questions_and_permissions_without_a_person(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert await answer(settings, "request_user_input", "nonsense") == (
        "request_user_input is unavailable in Default mode"
    )
    allowed = settings_in(tmp_path, config="features.default_mode_request_user_input = true\n")
    assert await answer(allowed, "request_user_input", '{"questions":[]}') == '{"answers":{}}'
    given = await answer(settings, "request_permissions", '{"permissions":{"network":{"enabled":true}}}')
    assert given == '{"permissions":{"network":null,"file_system":null},"scope":"turn"}'


async def test_calls_that_wait_for_each_other(tmp_path: Path) -> None:
    import asyncio

    settings = settings_in(tmp_path)
    both = '{"barrier":{"id":"a","participants":2,"timeout_ms":5000}}'
    assert await asyncio.gather(*(answer(settings, "test_sync_tool", both) for _ in range(2))) == ["ok", "ok"]
    alone = '{"barrier":{"id":"b","participants":2,"timeout_ms":10}}'
    assert await answer(settings, "test_sync_tool", alone) == "test_sync_tool barrier wait timed out"
