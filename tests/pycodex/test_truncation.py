"""Cuts as measured on both binaries: `exec_command` with these outputs and `max_output_tokens`."""

from __future__ import annotations

import pytest

from pycodex.truncation import (
    Output,
    TruncateStyle,
    TruncationPolicy,
    approx_tokens,
    format_output,
    history_cap,
    truncate_middle,
)

OLD = TruncateStyle(warning_line=False, policy_caps_output=False, history_in_tokens=False, fits_history=False)
NEW = TruncateStyle(warning_line=True, policy_caps_output=True, history_in_tokens=True, fits_history=True)
TOKENS = TruncationPolicy(kind="tokens", limit=10_000)
BYTES = TruncationPolicy(kind="bytes", limit=10_000)
SEQ = "".join(f"{n}\n" for n in range(1, 101))


def shown(text: str, max_output_tokens: int | None, style: TruncateStyle, policy: TruncationPolicy = TOKENS) -> str:
    output = Output(text=text, total=len(text.encode()))
    return format_output(output, max_output_tokens=max_output_tokens, policy=policy, style=style)


@pytest.mark.parametrize(("n", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (292, 73)])
def test_a_token_is_four_bytes(n: int, tokens: int) -> None:
    assert approx_tokens(n) == tokens


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        (SEQ, 0, "…73 tokens truncated…"),
        (SEQ, 1, "1\n…72 tokens truncated…0\n"),
        (SEQ, 3, "1\n2\n3\n…70 tokens truncated…9\n100\n"),
        (SEQ, 10, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10…63 tokens truncated…\n95\n96\n97\n98\n99\n100\n"),
        (SEQ, 73, SEQ),
        ("x" * 401, 100, "x" * 200 + "…1 tokens truncated…" + "x" * 200),
        ("é" * 100, 5, "ééééé…45 tokens truncated…ééééé"),
        ("a" + "é" * 100, 5, "aéééé…46 tokens truncated…ééééé"),
        ("ab" + "é" * 100, 5, "abéééé…46 tokens truncated…ééééé"),
        ("a" * 12 + "😀" + "b" * 16, 4, "aaaaaaaa…4 tokens truncated…bbbbbbbb"),
        ("", 0, ""),
        ("x", 0, "…1 tokens truncated…"),
    ],
)
def test_cut_by_tokens(text: str, limit: int, cut: str) -> None:
    assert truncate_middle(text, TruncationPolicy(kind="tokens", limit=limit)) == cut


@pytest.mark.parametrize(
    ("text", "head", "marker", "tail"),
    [
        ("x" * 10_001, 5000, "…1 chars truncated…", 5000),
        ("a" + "é" * 5000, 2500, "…1 chars truncated…", 2500),
        ("a" + "é" * 5010, 2500, "…11 chars truncated…", 2500),
    ],
)
def test_cut_by_bytes_counts_characters(text: str, head: int, marker: str, tail: int) -> None:
    assert truncate_middle(text, BYTES) == text[:head] + marker + text[-tail:]


def test_announcement_of_a_cut() -> None:
    cut = "…73 tokens truncated…"
    assert shown(SEQ, 0, OLD) == f"Total output lines: 100\n\n{cut}"
    warning = "Warning: truncated output (original token count: 73)\n"
    assert shown(SEQ, 0, NEW) == f"{warning}Total output lines: 100\n\n{cut}"
    assert shown(SEQ, 73, OLD) == shown(SEQ, 73, NEW) == SEQ


@pytest.mark.parametrize(
    ("text", "lines"), [("a\nb\n\nccccccccc", 4), ("a\n\n", 2), ("a\r\nb\r\nc\r\ndddd", 4), ("x", 1)]
)
def test_lines_are_counted_by_newlines(text: str, lines: int) -> None:
    assert shown(text, 0, OLD).startswith(f"Total output lines: {lines}\n\n")


@pytest.mark.parametrize(
    ("max_output_tokens", "marker"),
    [
        (None, "…2000 chars truncated…"),
        (10, "…2990 tokens truncated…"),
        (2499, "…501 tokens truncated…"),
        (2500, "…2000 chars truncated…"),
        (100_000, "…2000 chars truncated…"),
    ],
)
def test_policy_bounds_the_call(max_output_tokens: int | None, marker: str) -> None:
    assert marker in shown("x" * 12_000, max_output_tokens, NEW, BYTES)


def test_policy_does_not_bound_the_call() -> None:
    assert shown("x" * 48_001, 20_000, OLD) == "x" * 48_001
    assert "…1 tokens truncated…" in shown("x" * 40_001, None, OLD, BYTES)


def test_history_has_a_cap_of_its_own() -> None:
    text = "h" * 187 + "x" * 48_001
    assert history_cap(text, TOKENS, OLD) == text[:24_000] + "…47 tokens truncated…" + text[-24_000:]
    assert history_cap(text, TOKENS, NEW) == history_cap(text, TOKENS, OLD)
    assert "…1 tokens truncated…" in history_cap("x" * 12_001, BYTES, NEW)
    assert "…1 chars truncated…" in history_cap("x" * 12_001, BYTES, OLD)


def test_omitted_bytes_take_the_place_of_the_line_count() -> None:
    text = "x" * 524_288 + "\n... 1 bytes omitted ...\n" + "x" * 524_288
    output = Output(text=text, total=1_048_577, omitted=1)
    expected = (
        "Warning: truncated output (original token count: 262145)\n... 1 bytes omitted ...\n\n"
        "xxxxxxxxxxxxxxxxxxxx…262141 tokens truncated…xxxxxxxxxxxxxxxxxxxx"
    )
    assert format_output(output, max_output_tokens=10, policy=TOKENS, style=NEW) == expected


@pytest.mark.parametrize(
    ("last", "before", "kept"),
    [(200, 104, 268), (200, 106, 268), (20_000, 108, 260), (150, 104, 272), (150, 105, 268)],
)
def test_an_output_is_cut_so_far_that_the_history_need_not(last: int, before: int, kept: int) -> None:
    # As measured with tool_output_token_limit=100: 480 bytes in all, words around the output included.
    text = "".join(f"{n}\n" for n in range(1, last + 1))
    policy = TruncationPolicy(kind="tokens", limit=100)
    output = Output(text=text, total=len(text))
    told = format_output(output, max_output_tokens=None, policy=policy, style=NEW, before=before)
    cut = told.partition("\n\n")[2]
    head, _, rest = cut.partition("…")
    assert len(head) + len(rest.partition("…")[2]) == kept
    whole = "h" * before + told
    assert history_cap(whole, policy, NEW) == whole


def test_bytes_are_cut_byte_by_byte_until_the_history_need_not() -> None:
    # As measured with tool_output_token_limit=50 for a model whose policy counts bytes: 240 in all.
    text = "".join(f"{n}\n" for n in range(1, 301))
    policy = TruncationPolicy(kind="bytes", limit=200)
    told = format_output(
        Output(text=text, total=len(text)), max_output_tokens=None, policy=policy, style=NEW, before=100
    )
    assert len(told.encode()) == 140
    assert told.partition("\n\n")[2].startswith("1\n2\n") and " chars truncated…" in told
    assert history_cap("h" * 100 + told, policy, NEW) == "h" * 100 + told


def test_where_there_is_no_room_only_the_marker_is_left() -> None:
    policy = TruncationPolicy(kind="tokens", limit=40)
    output = Output(text=SEQ, total=len(SEQ))
    told = format_output(output, max_output_tokens=None, policy=policy, style=NEW, before=105)
    assert told.endswith("\n\n…73 tokens truncated…")
    whole = "h" * 105 + told
    assert history_cap(whole, policy, NEW) != whole
