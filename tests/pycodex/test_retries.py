import pytest

from pycodex.protocol import StreamRetry, WarningRaised
from pycodex.retries import Retries, backoff
from pycodex.sampling import Failure
from pycodex.upstream import load_dialect
from pycodex.upstream.retries import RetryStyle

OLD, NEW = load_dialect("0.115.0").retry, load_dialect("0.169.0").retry
GONE = Failure(kind="unreachable", detail="error sending request")
BROKEN = Failure(kind="closed", detail="stream closed before response.completed")


def retries_of(style: RetryStyle, limit: int) -> Retries:
    return Retries(style=style, given_up="given up. {message}", limit=limit)


def told(retries: Retries, *failures: Failure) -> list[str | None]:
    found: list[str | None] = []
    for failure in failures:
        retry = retries.after(failure)
        event = None if retry is None else retry.event
        if retry is None:
            found.append(None)
        elif isinstance(event, StreamRetry):
            found.append(f"{event.progress} ({event.message})")
        else:
            found.append(event.message if isinstance(event, WarningRaised) else "")
    return found


def test_a_stream_is_asked_for_again_as_often_as_the_provider_allows() -> None:
    text = "stream disconnected before completion: stream closed before response.completed"
    assert told(retries_of(OLD, 2), BROKEN, BROKEN, BROKEN) == [f"1/2 ({text})", f"2/2 ({text})", None]


def test_what_is_final_is_not_tried_again() -> None:
    assert retries_of(NEW, 5).after(Failure(kind="status", status=400, body="no")) is None


def test_a_provider_out_of_reach_is_waited_for_ever_longer_and_not_counted() -> None:
    retries = retries_of(NEW, 1)
    found = [retries.after(GONE) for _ in range(7)]
    assert [retry.delay for retry in found if retry is not None] == [5, 10, 20, 40, 60, 60, 60]
    assert told(retries, GONE) == ["waiting for network (Connection failed: error sending request)"]
    assert told(retries, BROKEN, BROKEN)[0] is not None


def test_a_provider_out_of_reach_is_a_broken_stream_for_the_older_version() -> None:
    assert told(retries_of(OLD, 1), GONE, GONE)[1] is None


def test_a_websocket_is_given_up_for_post_and_that_is_counted_anew() -> None:
    text = "stream disconnected before completion: gone"
    socket = Failure(kind="closed", detail="gone", websocket=True)
    retries = retries_of(NEW, 2)
    assert told(retries, socket, socket, socket) == ["", f"2/2 ({text})", f"given up. {text}"]
    post = Failure(kind="closed", detail="gone")
    assert told(retries, post, post, post) == [f"1/2 ({text})", f"2/2 ({text})", None]
    assert retries_of(NEW, 0).after(Failure(kind="status", status=400, websocket=True)) is None


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 0.2), (2, 0.4), (4, 1.6)])
def test_delays_double(attempt: int, seconds: float) -> None:
    assert backoff(attempt, BROKEN, NEW, noise=lambda: 0.5) == pytest.approx(seconds)


def test_retry_after_in_whole_seconds_is_obeyed_by_the_newer_version() -> None:
    busy = Failure(kind="status", status=503, headers=(("retry-after", "3"),))
    assert backoff(1, busy, NEW) == 3
    assert backoff(1, busy, OLD) < 1
