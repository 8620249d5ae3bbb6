from compare.drift.texts import size_of, text_diff


def test_words_that_went_and_came_are_marked_in_their_line() -> None:
    before = "one\ntwo\nUse the small tool for this.\nlast"
    after = "one\ntwo\nUse the large tool for this.\nlast\nand more"
    assert text_diff(before, after) == [
        "  … 2 equal lines",
        "! Use the [-small-]{+large+} tool for this.",
        "  … 1 equal line",
        "+ and more",
    ]


def test_lines_that_are_not_alike_stand_alone() -> None:
    assert text_diff("same\nfirst old line", "same\nsomething else entirely now") == [
        "  … 1 equal line",
        "- first old line",
        "+ something else entirely now",
    ]


def test_the_middle_of_what_is_equal_is_folded() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    (line,) = text_diff(f"{words} old", f"{words} new")
    assert line == f"!  … {words[-39:]} [-old-]{{+new+}}"


def test_a_text_of_which_nothing_is_left_is_not_shown() -> None:
    assert text_diff("a b c d e f g h i j k", "l m n o p q r s t u v") == ["! rewritten: hardly a word is left"]


def test_a_long_difference_is_cut_with_what_is_left() -> None:
    before, after = "same\n" * 20, "".join(f"same\nnew {number}\n" for number in range(20))
    assert text_diff(before, after, most=5)[-1].startswith("… and ")
    assert len(text_diff(before, after, most=5)) == 6


def test_only_line_breaks() -> None:
    assert text_diff("a\nb", "a\nb\n") == ["  … 2 equal lines", "! line breaks at the end or within changed"]


def test_the_size_counts_words() -> None:
    assert size_of("a b c", "a x y c") == "5 -> 7 characters, 1 words out, 2 words in"
