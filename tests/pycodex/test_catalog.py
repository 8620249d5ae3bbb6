"""A catalog of models from a file, and how a model is found in one."""

import json
from pathlib import Path
from typing import Any

import pytest

from pycodex.catalog import default_model, find_row, read_catalog, template
from pycodex.config import ConfigError
from pycodex.upstream import VERSIONS, load_dialect
from tests.pycodex.sessions import settings_in

ROW: dict[str, Any] = {
    "slug": "m",
    "display_name": "M",
    "supported_reasoning_levels": [],
    "shell_type": "default",
    "visibility": "list",
    "supported_in_api": True,
    "priority": 1,
    "base_instructions": "Be brief.",
    "supports_reasoning_summaries": False,
    "support_verbosity": False,
    "truncation_policy": {"mode": "tokens", "limit": 10000},
    "supports_parallel_tool_calls": False,
    "experimental_supported_tools": [],
}


def catalog(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"models": [{**ROW, **row} for row in rows]}))
    return path


@pytest.mark.parametrize("version", VERSIONS)
def test_absent_fields_get_their_defaults(version: str, tmp_path: Path) -> None:
    dialect = load_dialect(version)
    (row,) = read_catalog(catalog(tmp_path / "c.json", {}), dialect.models.catalog, dialect.arguments)
    assert (row["slug"], row["default_reasoning_summary"], row["input_modalities"]) == ("m", "auto", ["text", "image"])
    assert (row["web_search_tool_type"], row["apply_patch_tool_type"]) == ("text", None)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_that_cannot_be_used_says_why(version: str, tmp_path: Path) -> None:
    dialect, path = load_dialect(version), tmp_path / "c.json"

    def problem() -> str:
        with pytest.raises(ConfigError) as caught:
            read_catalog(path, dialect.models.catalog, dialect.arguments)
        return str(caught.value)

    assert problem() == "Error: No such file or directory (os error 2)"
    path.write_text('{"models":[]}')
    assert problem() == f"Error: model_catalog_json path `{path}` must contain at least one model"
    path.write_text('{"models":[{}]}')
    assert problem().endswith("as JSON: missing field `slug` at line 1 column 13")


def test_errors_of_a_row_that_is_read_as_a_whole_stand_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text('{"models":[{"slug":5}]}')
    ends = {}
    for version in VERSIONS:
        dialect = load_dialect(version)
        with pytest.raises(ConfigError) as caught:
            read_catalog(path, dialect.models.catalog, dialect.arguments)
        ends[version] = str(caught.value).rpartition(" at ")[2]
    assert ends == {"0.115.0": "line 1 column 20", "0.169.0": "line 1 column 21"}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("m", "m"),
        ("m-fast", "m-f"),
        ("mx", "m"),
        ("org_1/m-fast", "m-f"),
        ("a/b/m", None),
        ("M", None),
        ("a-b/m", None),
        ("x", None),
    ],
)
def test_the_longest_slug_that_a_name_begins_with(name: str, slug: str | None) -> None:
    found = find_row([{"slug": "m"}, {"slug": "m-f"}], name)
    assert (found["slug"] if found else None) == slug


def test_the_model_that_a_catalog_is_taken_for() -> None:
    def chosen(*rows: dict[str, Any]) -> str:
        return default_model([{**ROW, **row} for row in rows])

    first, second = {"slug": "a", "priority": 5}, {"slug": "b", "priority": 2}
    assert chosen(first, second) == "b"
    assert chosen(first, {**second, "visibility": "hide"}) == "a"
    assert chosen(first, {**second, "supported_in_api": False}) == "a"
    assert chosen({**first, "visibility": "hide"}, {**second, "visibility": "none"}) == "b"
    assert chosen({**second, "slug": "c"}, second) == "c"


def test_a_template_counts_when_it_is_a_text() -> None:
    assert template({"model_messages": {"instructions_template": "T"}}) == "T"
    assert template({"model_messages": {"instructions_template": None}}) is None
    assert template({}) is None


def test_settings_take_model_and_prompt_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    catalog(tmp_path / "home" / "c.json", {"slug": "z", "priority": 9}, {"slug": "y", "base_instructions": "Why?"})
    settings = settings_in(tmp_path, config='model_catalog_json = "c.json"\n')
    assert (settings.model.slug, settings.model_listed, settings.base_instructions) == ("y", True, "Why?")
    named = settings_in(tmp_path, config='model_catalog_json = "c.json"\n', model="z-large")
    assert (named.model.slug, named.model_listed, named.model.get("slug")) == ("z-large", True, "z")
    assert not settings_in(tmp_path, config='model_catalog_json = "c.json"\n', model="gpt-5.5").model_listed


@pytest.mark.parametrize(
    ("config", "prompt"),
    [
        ("", "T P"),
        ('personality = "friendly"\n', "T F"),
        ('personality = "none"\n', "T "),
        ("features.personality = false\n", "Be brief."),
    ],
)
def test_a_template_is_filled_with_a_personality(config: str, prompt: str, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    passages = {"personality_friendly": "F", "personality_pragmatic": "P"}
    messages = {"instructions_template": "T {{ personality }}", "instructions_variables": passages}
    catalog(tmp_path / "home" / "c.json", {"model_messages": messages})
    text = f'model_catalog_json = "c.json"\n{config}'
    assert settings_in(tmp_path, upstream="0.115.0", config=text).base_instructions == prompt
