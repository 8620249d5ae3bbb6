"""Rate-limit headers: windows, credits, families, and what stays from one answer to the next."""

import pytest

from pycodex.rate_limits import limits_of, merged, reached_limit, read_limits

NONE = {"limit_name": None, "primary": None, "secondary": None, "credits": None}


def test_no_headers_are_an_empty_limit() -> None:
    assert read_limits({}) == [{"limit_id": "codex", **NONE}]


def test_each_family_that_says_anything_is_a_limit() -> None:
    headers = {
        "x-codex-primary-used-percent": "7",
        "x-codex-other-primary-used-percent": "33",
        "x-codex-other-limit-name": " other ",
        "x-empty-primary-used-percent": "0",
    }
    own, other = read_limits(headers)
    assert own["primary"] == {"used_percent": 7.0, "window_minutes": None, "resets_at": None}
    assert (other["limit_id"], other["limit_name"]) == ("codex_other", "other")


@pytest.mark.parametrize(
    ("used", "window"),
    [
        ("12.5", 12.5), ("1e2", 100.0), ("+5.", 5.0), (".5", 0.5), ("0", None), ("many", None),
        ("inf", None), ("1_0", None),
    ],
)  # fmt: skip
def test_a_share_is_a_number_as_upstream_reads_it(used: str, window: float | None) -> None:
    primary = limits_of({"x-codex-primary-used-percent": used})["primary"]
    assert (primary and primary["used_percent"]) == window


def test_a_window_of_zero_that_ends_is_one() -> None:
    headers = {"x-codex-secondary-used-percent": "0", "x-codex-secondary-reset-at": "5"}
    assert limits_of(headers)["secondary"] == {"used_percent": 0.0, "window_minutes": None, "resets_at": 5}


def test_credits_need_both_truths_and_stay() -> None:
    told = {"x-codex-credits-has-credits": "1", "x-codex-credits-unlimited": "FALSE", "x-codex-credits-balance": " 5 "}
    first = merged(None, limits_of(told))
    assert first["credits"] == {"has_credits": True, "unlimited": False, "balance": "5"}
    assert limits_of({**told, "x-codex-credits-unlimited": "maybe"})["credits"] is None
    later = merged(first, limits_of({"x-codex-primary-used-percent": "1"}))
    assert later["credits"] == first["credits"]


def test_a_refusal_names_its_limit_and_kind() -> None:
    headers = {"x-codex-active-limit": "codex_other", "x-codex-rate-limit-reached-type": "rate_limit_reached"}
    assert reached_limit(headers) == {
        "limit_id": "codex_other", **NONE, "rate_limit_reached_type": "rate_limit_reached",
    }  # fmt: skip
    assert reached_limit({"x-codex-rate-limit-reached-type": "new"})["rate_limit_reached_type"] is None
