from pathlib import Path

import pytest

from pycodex.config_layers import ConfigError, Layer, file_layer, override_layer
from pycodex.config_strict import check_strictly, locate_key


@pytest.mark.parametrize(
    ("text", "path", "place"),
    [
        ("colour = 1\n", ("colour",), (1, 1, 6)),
        ("[tui]\n\n  sparkle = 1\n", ("tui", "sparkle"), (3, 3, 7)),
        ("[tui.sparkle]\nx = 1\n", ("tui", "sparkle"), (1, 6, 7)),
        ('tui = {theme = "x", sparkle = 1}\n', ("tui", "sparkle"), (1, 21, 7)),
        ("tui.sparkle = 1\n", ("tui", "sparkle"), (1, 5, 7)),
        ("[[things]]\na = 1\n", ("things",), (1, 3, 6)),
        ("[[skills.config]]\n[[skills.config]]\nz = 1\n", ("skills", "config", "1", "z"), (3, 1, 1)),
        ('"a b" = 1\n', ("a b",), (1, 1, 5)),
        ("model = 1\n", ("other",), None),
    ],
)
def test_a_key_is_found_where_it_stands(text: str, path: tuple[str, ...], place: tuple[int, int, int] | None) -> None:
    assert locate_key(text, path) == place


def _layer(folder: Path, text: str) -> Layer:
    (folder / "config.toml").write_text(text)
    return file_layer("user", folder / "config.toml", end_counts_newline=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tui]\nz = 1\n[history]\nq = 1\n", "4:1: unknown configuration field `history.q`"),
        ("[features]\nnone = true\n[tui]\nz = 1\n", "4:1: unknown configuration field `tui.z`"),
        ("[features]\nnone = true\n", "2:1: unknown configuration field `features.none`"),
        ("colour = 1\nmodel = 5\n", "2:9: invalid type: integer `5`, expected a string"),
    ],
)
def test_what_is_told_first(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        check_strictly([_layer(tmp_path, text)], ("apps",), {})
    assert told in str(error.value)


def test_flags_come_before_files_but_not_a_part_of_a_provider(tmp_path: Path) -> None:
    file = _layer(tmp_path, 'model = "x"\n')
    check_strictly([file, override_layer(["model_providers.a.shiny=1", "colour=1"])], None, {})
    with pytest.raises(ConfigError, match=r"`colour` in -c/--config override"):
        check_strictly([file, override_layer(["colour=1"])], None, {})
