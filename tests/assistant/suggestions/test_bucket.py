"""So many interruptions in a while, and no more."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.assistant.suggestions.bucket import Bucket, Level, full, refilled, taken, wait_s
from idiolect.errors import InvalidInputError
from tests.assistant.suggestions.offers import MONDAY

BUCKET = Bucket(capacity=2, refill_s=600.0)


def test_tokens_are_spent_and_come_back_one_at_a_time() -> None:
    level: Level | None = full(BUCKET, MONDAY)
    for left in (1.0, 0.0):
        assert level is not None
        level = taken(BUCKET, level, MONDAY)
        assert level == Level(left, MONDAY)
    assert level is not None
    assert taken(BUCKET, level, MONDAY) is None
    later = MONDAY + timedelta(seconds=450)  # three quarters of a token
    assert wait_s(BUCKET, level, later) == pytest.approx(150)
    assert taken(BUCKET, level, later) is None
    assert taken(BUCKET, level, MONDAY + timedelta(seconds=600)) is not None
    assert refilled(BUCKET, level, MONDAY + timedelta(days=1)).tokens == 2


def test_a_clock_that_is_set_back_changes_nothing() -> None:
    assert refilled(BUCKET, Level(0.5, MONDAY), MONDAY - timedelta(hours=1)).tokens == 0.5


@given(st.lists(st.floats(0, 2000), max_size=60))
def test_no_stretch_of_time_has_more_than_capacity_and_refill(gaps: list[float]) -> None:
    level, now, shown = full(BUCKET, MONDAY), MONDAY, 0
    for gap in gaps:
        now += timedelta(seconds=gap)
        rest = taken(BUCKET, level, now)
        if rest is not None:
            level, shown = rest, shown + 1
    assert shown <= BUCKET.capacity + (now - MONDAY).total_seconds() / BUCKET.refill_s + 1e-6


@pytest.mark.parametrize(("capacity", "refill_s"), [(0, 60.0), (1, 0.0), (1, float("nan"))])
def test_a_bucket_that_cannot_be_is_refused(capacity: int, refill_s: float) -> None:
    with pytest.raises(InvalidInputError):
        Bucket(capacity, refill_s)
