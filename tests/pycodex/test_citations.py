"""A text in pieces shows what the whole shows: what citations are is in the recordings of answers/citations."""

import pytest

from pycodex.citations import Hider, shown_text

TEXTS = (
    "plain",
    "a <oai-mem-citation>b</oai-mem-citation> c <oai-mem-citation>d</oai-mem-citation> e",
    "open <oai-mem-citation>never closed",
    "ends <oai-mem-cit",
    "</oai-mem-citation> alone",
    "<<oai-mem-citation>x</oai-mem-citation></>",
    "<oai-mem-citation><oai-mem-citation>in</oai-mem-citation>out</oai-mem-citation>z",
    "<oai-mem-<oai-mem-citation></oai-mem-citation>tail<",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_show_what_the_whole_shows(text: str, size: int) -> None:
    hider = Hider()
    shown = "".join(hider.feed(text[at : at + size]) for at in range(0, len(text), size)) + hider.rest()
    assert shown == shown_text({"type": "message", "content": [{"type": "output_text", "text": text}]})


def test_what_cannot_be_a_tag_is_shown_at_once() -> None:
    hider = Hider()
    assert hider.feed("one <two") == "one <two"
    assert hider.feed("three <oai") == "three "
    assert hider.feed("-x") == "<oai-x"
