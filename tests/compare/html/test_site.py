import json
import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from captures.wire import WireRow, write_wire
from compare.check import check
from compare.declared import parse_declared
from compare.faults.table import load_table
from compare.html.names import cell_page, slug
from compare.html.site import HtmlError, write_html
from compare.merge import merge
from compare.verdicts import Verdict, VerdictFile, uniform
from tests.compare.folders import commit, lay
from tests.compare.html.pages import Page, read_pages
from tests.compare.samples import changed, tree_115

LANE = "0.115.0/direct"
SAME, OTHER, GONE = (f"{LANE}/exec/{name}" for name in ("same", "other", "gone"))
HOSTILE = "</td></table><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;"
LEDGER = """
[[difference]]
id = "exit-is-1"
cells = "*"
surface = "exit"
path = "*"
reason = "because it <i>must</i>"
evidence = "seen twice"
"""


def hostile_tree() -> dict[str, Any]:
    """Differs in a long text, in a header, in an exit code that is declared, and with markup everywhere."""
    tree = changed(tree_115(), "runs", 0, "exit", to=1)
    for request in tree["requests"]:
        request["head"][2] = ["authorization", HOSTILE]
        request["body"]["instructions"] = "You are Codex." + " word" * 400 + " changed"
        request["body"]["input"][2]["content"][0]["text"] = HOSTILE
    tree["runs"][0]["stdout"][0] = HOSTILE
    tree["files"][HOSTILE] = HOSTILE
    return tree


def long_tree() -> dict[str, Any]:
    tree = tree_115()
    for request in tree["requests"]:
        request["body"]["instructions"] = "You are Codex." + " word" * 400
    return tree


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    return commit(tmp_path / "upstream", {SAME: tree_115(), OTHER: long_tree(), GONE: tree_115()})


@pytest.fixture
def verdicts(upstream: Path, tmp_path: Path) -> VerdictFile:
    runs = lay(tmp_path / "me", {SAME: tree_115(), OTHER: hostile_tree()})
    write_wire([WireRow(connection="1/c1", at=12, took=345, events=((6, "response.created"),))], runs / SAME)
    return check(runs, upstream, agent="me", declared=parse_declared(LEDGER), command="my-agent --flag")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.toml"
    path.write_text(LEDGER)
    return path


@pytest.fixture
def out(verdicts: VerdictFile, upstream: Path, ledger: Path, tmp_path: Path) -> Path:
    write(tmp_path / "out", verdicts, upstream, ledger)
    return tmp_path / "out"


def write(out: Path, verdicts: VerdictFile, upstream: Path, ledger: Path) -> int:
    merged = merge([verdicts])
    runs = {key: upstream.parent / "me" for key in merged.origin}
    return write_html(out, merged, upstream=upstream, runs=runs, declared=ledger)


def page(out: Path, cell: str) -> Page:
    return Page(out / "cells" / "me" / f"{cell}.html")


def test_there_is_a_page_for_each_cell_and_all_links_lead_somewhere(out: Path) -> None:
    pages = read_pages(out)
    cells = [name for name in pages if name.startswith("cells/")]
    assert cells == [f"cells/me/{cell}.html" for cell in (GONE, OTHER, SAME)]
    for name, one in pages.items():
        for link in one.values("href", "src"):
            if link.startswith("data:,"):
                continue
            target, _, anchor = unquote(link).partition("#")
            file = (one.path.parent / target).resolve() if target else one.path
            assert file.is_relative_to(out.resolve()), f"{name}: {link}"
            assert file.is_file(), f"{name}: {link}"
            if anchor and "=" not in anchor:
                assert anchor in Page(file).values("id"), f"{name}: {link}"


def test_the_fault_table_has_what_the_recordings_show(out: Path) -> None:
    text = (out / "faults.html").read_text()
    assert text.count("<section>") == len(load_table()) and "0.115.0" in text and "cannot be recorded" in text


def test_no_page_needs_a_network(out: Path) -> None:
    for path in out.rglob("*"):
        if path.is_file() and "texts" not in path.parts:
            assert not re.search(r"""(src|href|url|import|fetch)\W{0,3}(https?:)?//""", path.read_text())


def test_what_others_wrote_is_text_and_nothing_else(out: Path) -> None:
    for name, one in read_pages(out).items():
        assert not one.all("img"), name
        scripts = 0 if name.startswith("texts/") else 2 if name.startswith("cells/") else 1
        assert len(one.all("script")) == scripts, name
        assert not [key for _, attrs in one.tags for key in attrs if key.startswith("on")], name
    assert HOSTILE in page(out, OTHER).text
    assert all("sandbox" in attrs for attrs in page(out, OTHER).all("iframe"))


def test_a_name_in_a_verdict_file_cannot_lead_out_of_the_folder() -> None:
    for name in ("../../x", "/etc/x", "a/../b", "a//b", "a b<c>", ".hidden", "..", "c:\\x"):
        cell = uniform("1/../..", name, Verdict.NOT_RUN, "")
        parts = cell_page("../me", cell).split("/")
        assert not {"", ".", ".."} & set(parts), name
        assert all(re.fullmatch(r"[A-Za-z0-9._+-]+", part) for part in parts)
    assert len({slug(name) for name in ("a b", "a+20+b", "a/b", "a+b", "a..b", "..")}) == 6


def test_the_index_says_each_verdict_in_a_word_and_what_the_filter_needs(out: Path) -> None:
    index = Page(out / "index.html")
    links = {attrs["title"]: attrs for attrs in index.all("a") if attrs.get("class") == "v"}
    assert [attrs["data-v"] for attrs in links.values()] == ["not run", "different", "identical"]
    different = links[next(title for title in links if title and title.startswith("different: head (2)"))]
    assert different["data-s"] is not None
    assert different["data-s"].split("|")[0] == "head:different"
    assert "exit:declared" in different["data-s"].split("|")
    for word in ("DIFF 5", "not run", "ok"):
        assert word in index.text
    assert f"not run me: {GONE}: no recording of it in" in " ".join(index.text.split())


def test_a_difference_stands_in_words_and_in_its_place(out: Path) -> None:
    one = page(out, OTHER)
    text = " ".join(one.text.split())
    assert "request 1, header 3 (authorization): upstream" in text
    assert "declared: exit-is-1. Reason: because it <i>must</i>. Evidence: seen twice." in text
    assert next(attrs["id"] for attrs in one.all("tr") if attrs.get("id")) == "d1"
    assert "--agent 'my-agent --flag' --only 0.115.0/direct/exec/other" in text
    classes = {attrs.get("class") for attrs in one.all("tr")}
    assert {"different", "declared", "added"} <= classes


def test_inside_a_long_text_only_the_words_that_differ_are_marked(out: Path) -> None:
    source = (out / "cells" / "me" / f"{OTHER}.html").read_text()
    assert "<mark> changed</mark>" in source
    assert "1,894 characters" in page(out, OTHER).text, "the equal stretch is folded and says how long it is"
    assert " word" * 100 not in source


def test_a_cell_that_is_identical_shows_what_was_sent_once(out: Path) -> None:
    one = page(out, SAME)
    assert "Both sent these" in one.text
    assert not one.all("tr", **{"class": "different"})
    assert not [attrs for attrs in one.all("details") if "open" in attrs]
    assert "the first 3 as in request 1" in one.text


def test_what_cells_have_alike_stands_once_in_the_report(out: Path) -> None:
    pages = [(out / "cells" / "me" / f"{cell}.html").read_text() for cell in (SAME, OTHER, GONE)]
    (rows,) = (out / "rows").rglob("*.js")
    said = "codex_exec/0.115.0"
    assert said not in pages[0] and "data-rows" in pages[0]
    assert sum(said in row for row in rows.read_text().splitlines()) == 1
    assert page(out, SAME).text.count(said) == 1


def test_the_wire_log_has_the_times_that_lie_beside_the_recording(out: Path) -> None:
    assert "+6 response.created" in page(out, SAME).text
    assert "345" in page(out, SAME).text
    assert "the times are me's" in page(out, SAME).text
    assert "there are no times here" in page(out, OTHER).text


def test_without_the_candidates_recording_the_page_says_so(
    verdicts: VerdictFile, upstream: Path, ledger: Path, tmp_path: Path
) -> None:
    write_html(tmp_path / "bare", merge([verdicts]), upstream=upstream, runs={}, declared=ledger)
    one = page(tmp_path / "bare", OTHER)
    assert "no recording of me is at hand" in one.text
    assert "request 1, header 3 (authorization)" in one.text


def test_a_recording_that_has_changed_since_is_said(
    verdicts: VerdictFile, upstream: Path, ledger: Path, tmp_path: Path
) -> None:
    commit(upstream, {SAME: changed(tree_115(), "runs", 0, "exit", to=7)})
    write(tmp_path / "out", verdicts, upstream, ledger)
    assert "has changed since this verdict" in page(tmp_path / "out", SAME).text
    assert "has changed since this verdict" not in page(tmp_path / "out", OTHER).text


def test_only_a_report_is_overwritten(
    verdicts: VerdictFile, upstream: Path, ledger: Path, tmp_path: Path, out: Path
) -> None:
    assert write(out, verdicts, upstream, ledger) == 5
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "index.html").write_text("my own page")
    with pytest.raises(HtmlError, match="something else in this folder"):
        write(mine, verdicts, upstream, ledger)
    assert (mine / "index.html").read_text() == "my own page"


def test_requests_that_only_one_side_sent_are_shown_on_that_side(upstream: Path, ledger: Path, tmp_path: Path) -> None:
    more = deepcopy(tree_115())
    more["requests"].append(changed(more["requests"][-1], "target", to="/v1/else"))
    more["responses"].append({"step": "main/3", "status": 404, "end": "complete"})
    fewer = changed(long_tree(), "requests", to=long_tree()["requests"][:1])
    fewer["responses"].pop()
    runs = lay(tmp_path / "me", {SAME: more, OTHER: fewer})
    found = check(runs, upstream, agent="me", declared=parse_declared(""))
    write(tmp_path / "out", found, upstream, ledger)
    assert "Request 3 of the candidate: POST /v1/else only the candidate sent it" in words(page(tmp_path / "out", SAME))
    assert "Request 2: POST /v1/responses only upstream sent it" in words(page(tmp_path / "out", OTHER))


def words(one: Page) -> str:
    return " ".join(one.text.split())


def test_several_agents_are_columns(upstream: Path, verdicts: VerdictFile, ledger: Path, tmp_path: Path) -> None:
    other: Mapping[str, Any] = {**json.loads(json.dumps(verdicts.to_json())), "agent": "it's <me>"}
    merged = merge([verdicts, VerdictFile.from_json(other)])
    write_html(tmp_path / "out", merged, upstream=upstream, runs={}, declared=ledger)
    index = Page(tmp_path / "out" / "index.html")
    lanes = [attrs["value"] for attrs in index.all("option") if attrs.get("value")]
    assert lanes == [f"it's <me> {LANE}", f"me {LANE}"]
    assert len(read_pages(tmp_path / "out")) > 6
