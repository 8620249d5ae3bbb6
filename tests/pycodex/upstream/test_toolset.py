"""Which tools a run declares."""

import json
from pathlib import Path
from typing import Any

import pytest

from pycodex.settings import Settings
from pycodex.upstream import VERSIONS
from pycodex.upstream.toolset import agents_version, answered_names, declared_names, declared_tools, facts, fits
from tests.pycodex.sessions import settings_in
from tests.pycodex.test_catalog import ROW


def with_row(root: Path, version: str, row: dict[str, Any], config: str = "") -> Settings:
    (root / "home").mkdir(exist_ok=True)
    rows = [{**ROW, "slug": "m", **row}]
    (root / "home" / "c.json").write_text(json.dumps({"models": rows}))
    return settings_in(root, upstream=version, config=f'model_catalog_json = "c.json"\n{config}')


@pytest.mark.parametrize(
    ("needs", "met"),
    [((), True), (("a",), True), (("!a",), False), (("b|a", "!c"), True), (("b|!a",), False), (("a", "b"), False)],
)
def test_needs_are_words_their_absence_and_alternatives(needs: tuple[str, ...], met: bool) -> None:
    assert fits(needs, {"a"}) is met


@pytest.mark.parametrize("version", VERSIONS)
def test_every_entry_is_in_the_data(version: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, upstream=version)
    names = {entry.name for entry in settings.dialect.toolset.entries}
    assert names - {"mcp"} <= set(settings.data.tools), "`mcp` stands for what servers offer"


def test_rows_and_features_are_facts(tmp_path: Path) -> None:
    row = {"experimental_supported_tools": ["clock"], "shell_type": "disabled", "apply_patch_tool_type": "freeform"}
    words = facts(with_row(tmp_path, "0.169.0", row))
    assert {"tool:clock", "clock", "shell:disabled", "patch:freeform", "feature:goals", "agents:v1"} <= words


@pytest.mark.parametrize(
    ("row", "config", "version"),
    [
        (None, "", "v1"),
        ("v2", "features.multi_agent = false\n", "v2"),
        ("disabled", "", "disabled"),
        ("disabled", "features.multi_agent_v2 = true\n", "v2"),
        (None, "features.multi_agent = false\n", "disabled"),
        ("v2", "agents.enabled = false\n", "disabled"),
        (None, "agents.enabled = false\nfeatures.multi_agent_v2 = true\n", "v2"),
        ("v9", "", "v1"),
    ],
)
def test_which_agents_there_are(row: str | None, config: str, version: str, tmp_path: Path) -> None:
    assert agents_version(with_row(tmp_path, "0.169.0", {"multi_agent_version": row}, config)) == version


def test_tools_of_lite_models_stand_in_one_namespace(tmp_path: Path) -> None:
    tools = declared_tools(with_row(tmp_path, "0.169.0", {"use_responses_lite": True}))
    assert [tool["name"] for tool in tools] == ["functions", "multi_agent_v1"]
    assert {"exec_command", "functions", "get_goal"} <= declared_names(tools)


def test_in_code_mode_the_tools_that_code_uses_are_answered(tmp_path: Path) -> None:
    settings = with_row(tmp_path, "0.169.0", {"tool_mode": "code_mode_only"})
    tools = declared_tools(settings)
    names = answered_names(settings, tools)
    assert "view_image" in names - declared_names(tools)
    assert not {"update_plan", "clock", "shell"} & names
    plain = with_row(tmp_path, "0.169.0", {})
    tools = declared_tools(plain)
    assert answered_names(plain, tools) <= declared_names(tools)


@pytest.mark.parametrize(
    ("version", "line"),
    [
        (
            "0.115.0",
            "- M (`m`): D. Default reasoning effort: low. Supported reasoning efforts: low (Fast), high (Slow).",
        ),
        ("0.169.0", "- `m`: D. Reasoning efforts: low (default), high."),
    ],
)
def test_models_of_a_given_catalog_are_listed(version: str, line: str, tmp_path: Path) -> None:
    efforts = [{"effort": "low", "description": "Fast"}, {"effort": "high", "description": "Slow"}]
    row = {"description": "D.", "default_reasoning_level": "low", "supported_reasoning_levels": efforts}
    text = json.dumps(declared_tools(with_row(tmp_path, version, row)))
    assert json.dumps(line)[1:-1] in text
    hidden = json.dumps(declared_tools(with_row(tmp_path, version, {**row, "visibility": "hide"})))
    assert json.dumps(line)[1:-1] not in hidden
    assert "are currently loaded." in hidden
