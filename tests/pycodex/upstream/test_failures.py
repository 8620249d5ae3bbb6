"""Failures: waits that no recording shows (measured against both binaries), and texts at their edges."""

import pytest

from pycodex.retries import backoff
from pycodex.sampling import Failure
from pycodex.upstream import VERSIONS, failures, load_dialect


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Rate limit reached. Please try again in 900ms.", 0.9),
        ("try again in 1.5s", 1.5),
        ("TRY AGAIN IN 1 SECONDS", 1.0),
        ("try again in 900.9 ms", 0.9),
        ("try again in 2 secs", 2.0),
        ("try again in\n1.2s", 1.2),
        ("try again in 1 minute", None),
        ("try again in 6m0s", None),
        ("try again in 1.2.5s", None),
        ("try again in .5s", None),
        ("wait 2s", None),
    ],
)
def test_a_message_may_say_how_long_to_wait(words: str, seconds: float | None) -> None:
    assert failures.delay_in_words(Failure(kind="failed", detail=words)) == seconds


@pytest.mark.parametrize("version", VERSIONS)
def test_only_a_rate_limit_waits_as_its_message_says(version: str) -> None:
    style = load_dialect(version).retry
    limit = Failure(kind="failed", code="rate_limit_exceeded", detail="try again in 7s")
    assert backoff(1, limit, style, lambda: 0.5) == 7.0
    other = Failure(kind="failed", code="server_error", detail="try again in 7s")
    assert backoff(1, other, style, lambda: 0.5) == style.first_delay


def test_a_body_is_cut_between_letters() -> None:
    failure = Failure(kind="status", status=404, body="x" * 999 + "ü" + "y" * 9, url="U")
    assert failures.unexpected_status(failure) == f"unexpected status 404 Not Found: {'x' * 999}..., url: U"


@pytest.mark.parametrize("value", ["", "!", "e30=", "eyJlcnJvciI6eyJjb2RlIjo1fX0="])
def test_a_header_without_a_code_adds_nothing(value: str) -> None:
    failure = Failure(kind="status", status=404, body="b", url="U", headers=(("x-error-json", value),))
    assert failures.unexpected_status(failure) == "unexpected status 404 Not Found: b, url: U"
