"""One header of pycodex broken on purpose: the report must show it in the right cells, on the right surface, in the
right words, and nowhere else."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from captures.agents import load_agent
from captures.manifest import UPSTREAM
from captures.recording import read_recording
from captures.scenario import Lane
from compare.__main__ import main
from compare.demo import RENAMED as DEMO_RENAMED
from compare.demo import SHOWN, broken_on_the_wire
from compare.surfaces import SURFACES
from tests.compare.broken_agent import RENAMED
from tests.compare.html.pages import Page

# -P: the folder of the script has packages with names of the standard library's.
AGENT = shlex.join([sys.executable, "-P", str(Path(__file__).with_name("broken_agent.py")), "--upstream", "{version}"])
OLD, NEW = RENAMED
ONLY = (
    "*/exec/hello",
    "*/tools/exec_command",
    "*/request/hello_code_mode",
    "0.169.0/direct/request/websocket_provider",
    "*/cli/version",
    "*/exec/hello_fallback",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both reports, of the broken pycodex in these cells."""
    folder = tmp_path_factory.mktemp("broken")
    words = [
        "--json",
        str(folder / "v.json"),
        "--html",
        str(folder / "out"),
        "--har",
        str(folder / "t.har"),
        "--jobs",
        "2",
    ]
    assert main(["report", "--agent", AGENT, *(word for glob in ONLY for word in ("--only", glob)), *words]) == 1
    return folder


@pytest.fixture(scope="module")
def cells(report: Path) -> dict[str, dict[str, Any]]:
    return {f"{c['lane']}/{c['scenario']}": c for c in json.loads((report / "v.json").read_text())["cells"]}


def places(cell: str) -> list[str]:
    """Where codex-cli's recording of the cell has that header, as a prompt is posted; a WebSocket's upgrade has a head
    of its own, which is not broken."""
    requests = read_recording(UPSTREAM / cell).tree["requests"]
    return [
        f"request {number}, header {place}"
        for number, request in enumerate(requests, 1)
        for place, header in enumerate(request["head"], 1)
        if header[0] == OLD and request["method"] == "POST"
    ]


def test_the_cells_are_of_both_kinds(cells: dict[str, dict[str, Any]]) -> None:
    red = [name for name in cells if places(name)]
    assert {name.partition("/")[0] for name in red} == {"0.169.0"}
    assert {name.split("/")[1] for name in red} == {"direct", "code_mode", "fallback"}
    assert len(red) >= 4 and len(cells) - len(red) >= 5


def test_exactly_the_cells_that_send_it_are_red_and_on_no_other_surface(cells: dict[str, dict[str, Any]]) -> None:
    for name, cell in cells.items():
        verdicts = {surface: row["verdict"] for surface, row in cell["surfaces"].items()}
        head = "different" if places(name) else "identical"
        assert verdicts == {**dict.fromkeys(SURFACES, "identical"), "head": head}, name


def test_it_is_said_once_for_each_request_in_the_right_place(cells: dict[str, dict[str, Any]]) -> None:
    for name, cell in cells.items():
        said = [one["text"] for one in cell["surfaces"]["head"]["differences"]]
        assert said == [f"{place}: upstream {OLD}, got {NEW}" for place in places(name)], name


def test_the_page_marks_the_name_and_nothing_else(report: Path, cells: dict[str, dict[str, Any]]) -> None:
    (folder,) = (report / "out" / "cells").iterdir()
    for name in cells:
        source = (folder / f"{name}.html").read_text()
        marks = [part.partition("</mark>")[0] for part in source.split("<mark>")[1:]]
        assert len(Page(folder / f"{name}.html").all("tr", **{"class": "different"})) == len(places(name)), name
        assert len(marks) == 2 * len(places(name)) and set(marks) <= {"-", "_", OLD, NEW}, name


def test_the_traffic_of_a_report_is_left_on_request(report: Path, cells: dict[str, dict[str, Any]]) -> None:
    log = json.loads((report / "t.har").read_text())["log"]
    sending = {name for name in cells if read_recording(UPSTREAM / name).tree["requests"]}
    assert {page["id"].partition(" run ")[0] for page in log["pages"]} == sending
    renamed = [one for one in log["entries"] if any(header["name"] == NEW for header in one["request"]["headers"])]
    assert len(renamed) >= len([name for name in cells if places(name)])


async def test_the_demo_turns_red_where_it_says(tmp_path: Path) -> None:
    verdicts = await broken_on_the_wire(load_agent("pycodex"), Lane("0.169.0", "direct"), tmp_path)
    (cell,) = verdicts.cells
    assert (cell.name, cell.bad_surfaces) == (f"0.169.0/direct/{SHOWN}", ("head",))
    (head,) = (surface for surface in cell.surfaces if surface.surface == "head")
    old, new = (name.decode() for name in DEMO_RENAMED)
    assert [one.text.partition(": ")[2] for one in head.findings] == [f"upstream {old}, got {new}"] * 2
