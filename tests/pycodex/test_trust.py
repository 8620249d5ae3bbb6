import tomllib
from pathlib import Path

from pycodex.trust import trusted, write_trust

_ROW = '[projects."/repo"]\ntrust_level = "trusted"\n'


def test_an_empty_file_gets_the_row() -> None:
    assert trusted("", "/repo") == _ROW


def test_the_row_stands_behind_other_projects_and_the_rest_stays() -> None:
    text = '# mine\nmodel = "x"\n\n[projects."/a"]\ntrust_level = "trusted"\n\n[tui]\ntheme = "x"\n'
    written = trusted(text, "/repo")
    assert written == text.replace("\n[tui]", f"\n{_ROW}\n[tui]")


def test_a_file_without_a_last_line_break_stays_whole() -> None:
    assert tomllib.loads(trusted('model = "x"', "/repo")) == {
        "model": "x",
        "projects": {"/repo": {"trust_level": "trusted"}},
    }


def test_a_level_that_is_there_is_replaced() -> None:
    assert trusted('[projects."/repo"]\ntrust_level = "untrusted"\n', "/repo") == _ROW


def test_projects_in_one_line_become_tables() -> None:
    written = trusted('projects = {"/a" = {trust_level = "untrusted"}}\n[tui]\n', "/repo")
    assert tomllib.loads(written) == {
        "projects": {"/a": {"trust_level": "untrusted"}, "/repo": {"trust_level": "trusted"}},
        "tui": {},
    }


def test_the_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    write_trust(tmp_path / "home" / "config.toml", Path("/repo"))
    assert (tmp_path / "home" / "config.toml").read_text() == _ROW
