"""The arithmetic of showing, waiting and keeping quiet, written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.assistant.suggestions.utility import (
    DIGEST_ATTENTION,
    DIGEST_SHARE,
    Moment,
    Stakes,
    best,
    expected,
    gain,
    threshold,
)
from idiolect.errors import InvalidInputError
from tests.assistant.suggestions.offers import STAKES

HOUR_S = 3600.0
ORDINARY = Moment(multiplier=1.0, wait_s=0.0, digest_in_s=5 * HOUR_S, lasts_s=10 * HOUR_S)
shares = st.floats(0, 1)
stakes = st.builds(Stakes, shares, shares, shares, shares)


def test_the_threshold_is_where_the_lines_of_both_acts_cross() -> None:
    assert threshold(STAKES) == pytest.approx(0.5 / 1.5)
    # There, 1/3 * 0.6 - 2/3 * 0.5 = -2/15 to interrupt and -1/3 * 0.4 = -2/15 to keep quiet.
    there = Stakes(1 / 3, 0.6, 0.5, 0.4)
    assert gain(there) == pytest.approx(0)
    assert expected(there, ORDINARY)["now"] == pytest.approx(-2 / 15)
    assert expected(there, ORDINARY)["drop"] == pytest.approx(-2 / 15)


@given(stakes)
def test_an_ordinary_interruption_beats_silence_exactly_above_the_threshold(given: Stakes) -> None:
    worth = expected(given, ORDINARY)
    p, b, fp, fn = given.p, given.benefit, given.cost_fp, given.cost_fn
    assert worth["now"] == pytest.approx(p * b - (1 - p) * fp)
    assert worth["drop"] == pytest.approx(-p * fn)
    assert worth["now"] - worth["drop"] == pytest.approx(gain(given), abs=1e-12)
    if abs(p - threshold(given)) > 1e-9 and b + fp + fn > 1e-9:
        assert (gain(given) > 0) == (p > threshold(given))


@given(
    stakes,
    st.builds(
        Moment,
        multiplier=st.one_of(st.none(), st.floats(1, 5)),
        wait_s=st.floats(0, 1e5),
        digest_in_s=st.floats(0, 1e5),
        lasts_s=st.floats(0, 1e5),
    ),
)
def test_nothing_is_shown_that_the_rule_of_gumbo_forbids(given: Stakes, moment: Moment) -> None:
    if best(expected(given, moment)) in ("now", "later"):
        assert gain(given) > 0


def test_the_four_acts_in_a_meeting() -> None:
    # k = 1 - 1/10 after the meeting, 0.5 * (1 - 5/10) = 0.25 in the digest.
    meeting = Moment(multiplier=3.0, wait_s=HOUR_S, digest_in_s=5 * HOUR_S, lasts_s=10 * HOUR_S)
    worth = expected(STAKES, meeting)
    assert worth["now"] == pytest.approx(0.8 * 0.6 - 0.5 * (0.2 * 3 + 0.8 * 2))
    assert worth["later"] == pytest.approx(0.8 * (0.9 * 0.6 - 0.1 * 0.4) - 0.5 * 0.2)
    assert worth["digest"] == pytest.approx(0.8 * (0.25 * 0.6 - 0.75 * 0.4) - 0.02)
    assert worth["drop"] == pytest.approx(-0.8 * 0.4)
    assert best(worth) == "later"


@pytest.mark.parametrize(("wait_share", "act"), [(0.4, "later"), (0.6, "now")])
def test_what_is_urgent_breaks_into_focused_work(wait_share: float, act: str) -> None:
    # now beats later when p * share * (B + C_FN) > (m - 1) * C_FP, with certainty and m = 2:
    # share * 1.0 > 0.5.
    sure = Stakes(1.0, 0.6, 0.5, 0.4)
    moment = Moment(multiplier=2.0, wait_s=wait_share, digest_in_s=9.0, lasts_s=1.0)
    assert best(expected(sure, moment)) == act


def test_an_idle_moment_lowers_what_a_wrong_offer_costs() -> None:
    # p* = 0.5 C_FP / (B + 0.5 C_FP + C_FN) = 0.25 / 1.25 = 0.2 instead of 1/3.
    idle = Moment(multiplier=0.5, wait_s=0.0, digest_in_s=1e9, lasts_s=1.0)
    assert best(expected(Stakes(0.21, 0.6, 0.5, 0.4), idle)) == "now"
    assert best(expected(Stakes(0.19, 0.6, 0.5, 0.4), idle)) == "drop"


def test_the_digest_takes_what_is_too_unsure_for_an_interruption() -> None:
    # k = 0.5 * (1 - 5/10) = 0.25, so from d / (k (B + C_FN)) = 0.02 / 0.25 = 0.08 on.
    assert DIGEST_SHARE == 0.5
    assert DIGEST_ATTENTION == 0.02
    assert best(expected(Stakes(0.09, 0.6, 0.5, 0.4), ORDINARY)) == "digest"
    assert best(expected(Stakes(0.07, 0.6, 0.5, 0.4), ORDINARY)) == "drop"
    # Above it now wins from p (B + C_FN)(1 - k) - (1 - p) C_FP + d = 0 on: p = 0.48 / 1.25.
    assert best(expected(Stakes(0.37, 0.6, 0.5, 0.4), ORDINARY)) == "digest"
    assert best(expected(Stakes(0.40, 0.6, 0.5, 0.4), ORDINARY)) == "now"


def test_who_must_not_be_disturbed_is_not() -> None:
    quiet = Moment(multiplier=None, wait_s=HOUR_S, digest_in_s=HOUR_S, lasts_s=0.0)
    worth = expected(Stakes(1.0, 1.0, 0.0, 1.0), quiet)
    assert "now" not in worth
    assert best(worth) == "drop"  # nothing is left of it by then


def test_where_nothing_is_at_stake_nothing_is_said() -> None:
    nothing = Stakes(1.0, 0.0, 0.0, 0.0)
    assert threshold(nothing) == 1.0
    assert best(expected(nothing, ORDINARY)) == "drop"


@pytest.mark.parametrize("figures", [(1.1, 1, 1, 1), (0.5, -0.1, 1, 1), (0.5, 1, float("nan"), 1)])
def test_figures_out_of_range_are_refused(figures: tuple[float, float, float, float]) -> None:
    with pytest.raises(InvalidInputError):
        Stakes(*figures)
