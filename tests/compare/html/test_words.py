from hypothesis import given
from hypothesis import strategies as st

from compare.html.words import Piece, compare_words, fold

TEXTS = st.text(alphabet="ab c\n.", max_size=60)


def test_the_words_that_differ_stand_alone() -> None:
    pieces = compare_words("one two three\nfour", "one 2 three\nfour")
    assert [(p.ours, p.theirs) for p in pieces] == [("one ", "one "), ("two", "2"), (" three\nfour", " three\nfour")]


@given(TEXTS, TEXTS)
def test_both_texts_are_whole_in_the_pieces(ours: str, theirs: str) -> None:
    for pieces in (compare_words(ours, theirs), fold(compare_words(ours, theirs))):
        assert "".join(piece.ours for piece in pieces) == ours
        assert "".join(piece.theirs for piece in pieces) == theirs


def test_what_is_equal_far_from_a_difference_is_folded() -> None:
    far = "same " * 500
    pieces = fold(compare_words(f"{far}old {far}", f"{far}new {far}"))
    assert [piece.folded for piece in pieces] == [True, False, False, False, True]
    assert [len(piece.ours) for piece in pieces if not piece.folded and piece.equal] == [120, 120]


def test_a_short_equal_stretch_is_not_folded() -> None:
    assert fold([Piece(ours="x", theirs="x")]) == [Piece(ours="x", theirs="x")]


def test_texts_too_large_to_weigh_are_shown_as_replaced() -> None:
    ours, theirs = "a " * 3000, "b " * 3000
    assert compare_words(ours, theirs) == [Piece(ours=ours[:-1], theirs=theirs[:-1]), Piece(ours=" ", theirs=" ")]
