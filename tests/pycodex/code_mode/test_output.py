"""What is kept of a program's output, and how it is cut."""

from __future__ import annotations

from pycodex.code_mode.output import Retained, Said, cut_items, text_item
from pycodex.protocol import Item

HALF = 512 * 1024


def taken(*texts: str) -> tuple[list[str], str | None, list[str]]:
    said = Retained(512 * 1024)
    for text in texts:
        said.add(text_item(text))
    took = said.take()
    return [item["text"] for item in took.head], took.mark, [item["text"] for item in took.tail]


def test_a_mebibyte_is_kept_as_it_came() -> None:
    texts = ["a" * 300_000, "b" * 300_000, "c" * 300_000]
    assert taken(*texts) == (texts, None, [])
    assert taken("x" * 2 * HALF) == (["x" * 2 * HALF], None, [])


def test_of_more_the_middle_goes() -> None:
    head, mark, tail = taken("x" * (2 * HALF + 1))
    assert [len(text) for text in head + tail] == [HALF, HALF]
    assert mark is not None
    assert "omitted 1 text bytes; discarded 0 text segments" in mark


def test_what_was_taken_is_gone() -> None:
    said = Retained(512 * 1024)
    said.add(text_item("x" * 3 * HALF))
    said.take()
    said.add(text_item("y"))
    assert said.take() == Said(head=[text_item("y")], tail=[])


def test_characters_are_not_cut() -> None:
    head, _, tail = taken("é" * HALF * 2)
    assert set("".join(head + tail)) == {"é"}


IMAGE: Item = {"type": "input_image", "image_url": "data:x"}


def test_beside_images_each_text_is_cut_by_itself() -> None:
    cut = cut_items(Said(head=[text_item("abcdefgh"), IMAGE, text_item("ijklmnop"), text_item("q")]), 3, warns=True)
    assert cut == [
        text_item("abcdefgh"),
        IMAGE,
        text_item("ij…1 tokens truncated…op"),
        text_item("[omitted 1 text items ...]"),
    ]
