"""Usage limits: what only a moving date shows; the sentences are recorded (failures/usage_limit_*)."""

import json
import time

import pytest

from pycodex.sampling import Failure
from pycodex.upstream import VERSIONS, load_dialect


def text(version: str, **error: object) -> str:
    body = json.dumps({"error": {"type": "usage_limit_reached", **error}})
    failure = Failure(kind="status", status=429, body=body)
    return next(rule for rule in load_dialect(version).retry.rules if rule.when(failure)).text(failure)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_end_today_is_told_by_the_clock_alone(version: str) -> None:
    noon = time.mktime((*time.localtime()[:3], 12, 0, 0, 0, 0, -1))
    assert text(version, resets_at=int(noon)).endswith(" Try again at 12:00 PM.")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("moment", [10**16, -(10**16)])
def test_an_end_beyond_all_calendars_is_later(version: str, moment: int) -> None:
    assert text(version, resets_at=moment).endswith(" Try again later.")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_part_of_another_type_makes_it_a_plain_429(version: str) -> None:
    for wrong in ({"resets_at": True}, {"resets_at": 1.5}, {"plan_type": 5}):
        assert text(version, **wrong).startswith("exceeded retry limit")
