from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from pycodex.repl.composing import Words, file_word, find_files, image_place, pasted_image

ASKED = CompleteEvent(completion_requested=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("src/main.py", "src/domain.txt", "pic one.png", ".git/main"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(("before", "word"), [("look @mai", "mai"), ("@a/b", "a/b"), ("me@home", None), ("@", None)])
def test_a_file_is_begun_by_an_at_sign_of_its_own(before: str, word: str | None) -> None:
    assert file_word(before) == word


def test_files_are_found_by_their_letters_in_order(folder: Path) -> None:
    assert find_files(folder, "main") == ["src/main.py", "src/domain.txt"]
    assert find_files(folder, "smp") == ["src/main.py"]
    assert find_files(folder, "none") == []


def test_what_is_completed_takes_the_place_of_what_was_entered(folder: Path) -> None:
    (first, *_) = Words(folder).get_completions(Document("look @main"), ASKED)
    assert (first.text, first.start_position) == ("src/main.py", -5)
    assert [each.text for each in Words(folder).get_completions(Document("/per"), ASKED)] == ["/permissions"]


@pytest.mark.parametrize("pasted", ["pic one.png", "'pic one.png'", "pic\\ one.png", "file://{folder}/pic%20one.png"])
def test_the_path_of_an_image_is_taken_for_one(folder: Path, pasted: str) -> None:
    path = pasted_image(pasted.replace("{folder}", str(folder)), folder)
    assert path is not None and (folder / path) == folder / "pic one.png"


def test_other_texts_are_texts(folder: Path) -> None:
    assert pasted_image("src/main.py", folder) is None
    assert pasted_image("missing.png", folder) is None
    assert pasted_image("", folder) is None
    assert image_place(2) == "[Image #2]"
