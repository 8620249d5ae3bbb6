from pathlib import Path

from pycodex.config_edit import set_keys, with_keys


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
