"""The HTML report in a browser: what the filter shows, what the hash says, what unfolds.

Needs a Chromium on PATH that opens files; where there is none, the tests are skipped and say so, or fail if
NEED_CHROMIUM is set, as .ci/run does.

A page is driven by a script of the test that is put into a copy of it; what it finds out it writes into the title of
the document, and Chromium prints the document. So no browser driver is needed, and the pages are opened as files.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from compare.check import check
from compare.declared import Declared
from compare.html.site import write_html
from compare.merge import merge
from tests.compare.folders import commit, lay
from tests.compare.samples import changed, tree_115

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=5000",
    "--dump-dom",
)
LANE, LATER = "0.115.0/direct", "0.169.0/direct"
CELLS = [f"{lane}/{scenario}" for lane in (LANE, LATER) for scenario in ("exec/hello", "exec/resume", "tools/shell")]
LONG = changed(tree_115(), "requests", 0, "body", "instructions", to="You are Codex." + " Be brief." * 200)
WRONG = changed(changed(LONG, "runs", 0, "exit", to=1), "requests", 0, "body", "model", to="other")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    if not opens_files(folder):
        message = "no Chromium on PATH that opens files: the report was not looked at in a browser"
        pytest.fail(message) if os.environ.get("NEED_CHROMIUM") else pytest.skip(message)
    upstream = commit(folder / "upstream", {cell: LONG for cell in CELLS})
    runs = lay(folder / "me", {cell: WRONG if cell == f"{LATER}/exec/hello" else LONG for cell in CELLS})
    merged = merge([check(runs, upstream, agent="me", declared=Declared())])
    write_html(folder / "out", merged, upstream=upstream, runs={key: runs for key in merged.origin})
    return folder / "out"


def opens_files(folder: Path) -> bool:
    """Some wrappers of a browser start, and see no file outside a home folder."""
    (folder / "try.html").write_text("<h1>seen</h1>")
    return CHROMIUM is not None and "<h1>seen</h1>" in browse(folder / "try.html", folder).stdout


def browse(page: Path, folder: Path, fragment: str = "", *flags: str) -> subprocess.CompletedProcess[str]:
    """What Chromium prints of the page; its profile lies in the folder."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}", page.as_uri() + fragment]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def ask(page: Path, script: str, fragment: str = "") -> Any:
    """Opens the page with a script at its end; what the script returns, as JSON."""
    copy = page.with_name(f"asked-{page.name}")
    probe = (
        "<script>addEventListener('load', () => setTimeout(() => {"
        f"document.title = 'ANSWER' + JSON.stringify((() => {{ {script} }})()) + 'END'; }}, 50))</script></body>"
    )
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", probe), encoding="utf-8")
    done = browse(copy, page.parent.parent, fragment)
    copy.unlink()
    title = done.stdout.partition("<title>ANSWER")[2].partition("END</title>")[0]
    assert title, done.stderr[-2000:]
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        title = title.replace(code, sign)
    return json.loads(title)


SHOWN = """
    const shown = () => [...document.querySelectorAll('#matrix tbody:not([hidden]) tr:not(.area):not([hidden]) th')]
        .map((cell) => cell.textContent);
    const form = document.getElementById('filter');
    const set = (name, value) => {
        form.elements[name].value = value;
        form.elements[name].dispatchEvent(new Event('input', {bubbles: true}));
    };
"""


def test_all_is_shown_until_something_is_asked_for(report: Path) -> None:
    said = ask(report / "index.html", SHOWN + "return [shown(), document.getElementById('shown').textContent]")
    assert said == [["exec/hello", "exec/resume", "tools/shell"], "3 of 3 scenarios"]


def test_each_filter_narrows_and_stands_in_the_hash(report: Path) -> None:
    script = """
        const out = [];
        const say = (name, value) => { set(name, value); out.push([shown(), location.hash]); form.reset(); };
        say('q', 'resume'); say('area', 'tools'); say('verdict', 'different'); say('surface', 'body');
        say('lane', 'me 0.169.0/direct'); say('q', 'nothing of that name');
        out.push(document.getElementById('nothing').hidden);
        return out;
    """
    every = ["exec/hello", "exec/resume", "tools/shell"]
    assert ask(report / "index.html", SHOWN + script) == [
        [["exec/resume"], "#q=resume"],
        [["tools/shell"], "#area=tools"],
        [["exec/hello"], "#verdict=different"],
        [["exec/hello"], "#surface=body"],
        [every, "#lane=me+0.169.0%2Fdirect"],
        [[], "#q=nothing+of+that+name"],
        False,
    ]


def test_the_state_is_taken_from_the_hash(report: Path) -> None:
    fragment = "#surface=exit&verdict=different&lane=me+0.169.0%2Fdirect"
    script = SHOWN + "return [shown(), form.elements.lane.value, document.querySelectorAll('a.off').length]"
    assert ask(report / "index.html", script, fragment) == [["exec/hello"], "me 0.169.0/direct", 5]
    assert ask(report / "index.html", SHOWN + "return shown()", "#surface=exit&verdict=identical&area=exec") == [
        "exec/hello",
        "exec/resume",
    ]


def test_the_keys_search_move_and_clear(report: Path) -> None:
    script = """
        const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
        const at = () => document.activeElement.getAttribute('href') || document.activeElement.name;
        const out = [];
        press('/'); out.push(at());
        set('q', 'exec'); form.requestSubmit(); out.push(at());
        press('ArrowRight'); out.push(at());
        press('ArrowDown'); out.push(at());
        press('ArrowDown'); out.push(at());
        press('ArrowLeft'); out.push(at());
        press('ArrowUp'); out.push(at());
        press('Escape'); out.push(form.elements.q.value);
        return out;
    """
    first, second = (f"cells/me/{LANE}", f"cells/me/{LATER}")
    assert ask(report / "index.html", SHOWN + script) == [
        "q",
        f"{first}/exec/hello.html",
        f"{second}/exec/hello.html",
        f"{second}/exec/resume.html",
        f"{second}/exec/resume.html",
        f"{first}/exec/resume.html",
        f"{first}/exec/hello.html",
        "",
    ]


def test_a_cell_opens_at_what_differs(report: Path) -> None:
    page = report / "cells" / "me" / LATER / "exec" / "hello.html"
    script = """
        const open = [...document.querySelectorAll('details.part[open] > summary')].map((one) => one.textContent);
        const marked = [...document.querySelectorAll('mark')].map((one) => one.textContent);
        return [open.length, marked, document.querySelector(':target')?.className ?? null];
    """
    count, marked, target = ask(page, script, "#d1")
    assert (count, target) == (2, "different")
    assert "other" in marked


def test_a_long_text_is_folded_and_unfolds_in_its_place(report: Path) -> None:
    page = report / "cells" / "me" / LANE / "exec" / "hello.html"
    script = """
        const frames = [...document.querySelectorAll('iframe')];
        const visible = () => frames.map((one) => one.checkVisibility() && one.offsetHeight > 100);
        const before = visible();
        for (const one of document.querySelectorAll('details')) one.open = true;
        return [before, visible(), frames.map((one) => one.getAttribute('src'))];
    """
    before, after, sources = ask(page, script)
    assert (before, after) == ([False], [True])
    assert "Be brief." in (page.parent / sources[0]).read_text()


def test_no_page_reports_an_error(report: Path) -> None:
    for page in (report / "index.html", report / "cells" / "me" / LANE / "exec" / "hello.html"):
        done = browse(page, report.parent, "", "--enable-logging=stderr")
        assert "<h1>" in done.stdout
        assert "CONSOLE" not in done.stderr
