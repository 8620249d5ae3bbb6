from pathlib import Path

import pytest

from pycodex.config_edit import set_in_table, set_keys, with_keys, with_table

ECHO = ("mcp_servers", "toy", "tools", "echo")


def test_a_new_key_stands_after_the_others_before_the_first_table() -> None:
    assert with_keys('a = "1"\n\n[t]\nb = 2\n', {"m": "x"}) == 'a = "1"\nm = "x"\n\n[t]\nb = 2\n'
    assert with_keys("a = 1", {"m": "x"}) == 'a = 1\nm = "x"\n'


def test_a_key_that_is_there_changes_in_its_place_or_goes() -> None:
    text = 'm = "old" # mine\na = 1\n[t]\nm = 2\n'
    assert with_keys(text, {"m": "new"}) == 'm = "new"\na = 1\n[t]\nm = 2\n'
    assert with_keys(text, {"m": None}) == "a = 1\n[t]\nm = 2\n"
    assert with_keys("a = 1\n", {"m": None}) == "a = 1\n"


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    set_keys(tmp_path / "home" / "config.toml", {"model": "x"})
    assert (tmp_path / "home" / "config.toml").read_text() == 'model = "x"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[mcp_servers.toy.tools.echo]\nm = "x"\n'),
        (
            '[mcp_servers.toy]\ncommand = "t"\n\n[other]\na = 1\n',
            '[mcp_servers.toy]\ncommand = "t"\n\n[mcp_servers.toy.tools.echo]\nm = "x"\n\n[other]\na = 1\n',
        ),
        (
            "[mcp_servers.toy]\n[mcp_servers.toy.env]\nA = 'b'\n[mcp_servers.zoo]\n",
            "[mcp_servers.toy]\n[mcp_servers.toy.env]\nA = 'b'\n\n[mcp_servers.toy.tools.echo]\nm = \"x\"\n"
            "[mcp_servers.zoo]\n",
        ),
        (
            '[mcp_servers."toy".tools.echo] # mine\nm = "old"\nn = 1',
            '[mcp_servers."toy".tools.echo] # mine\nm = "x"\nn = 1\n',
        ),
        ("[mcp_servers.toy.tools.echo]\nn = 1\n\n[a]\n", '[mcp_servers.toy.tools.echo]\nn = 1\nm = "x"\n\n[a]\n'),
    ],
    ids=["none", "server", "nested", "there", "other key"],
)
def test_a_table_stands_behind_those_of_the_same_server(before: str, after: str) -> None:
    assert with_table(before, ECHO, "m", "x") == after


def test_names_are_quoted_where_they_have_to_be(tmp_path: Path) -> None:
    set_in_table(tmp_path / "c.toml", ("a", "b c", 'd"'), "m", "x")
    assert (tmp_path / "c.toml").read_text() == '[a."b c"."d\\""]\nm = "x"\n'


def test_what_cannot_be_written_as_a_table_is_left_as_it_is(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("mcp_servers = {toy = {command = 't'}}\n")
    set_in_table(config, ECHO, "m", "x")
    assert config.read_text() == "mcp_servers = {toy = {command = 't'}}\n"
