"""Verdicts in both orders."""

import random

import pytest

from idiolect.errors import InvalidInputError
from idiolect.preference.diagnostics import position_flips
from idiolect.preference.diagnostics.intervals import wilson_interval
from idiolect.preference.diagnostics.position import Verdict


def test_flips_by_hand() -> None:
    found = position_flips(
        ["first", "second", "tie", "first", "first", "second", "tie", "first"],
        ["second", "first", "tie", "second", "first", "second", "first", "tie"],
    )
    assert (found.pairs, found.share) == (8, 0.5)
    assert (found.always_first, found.always_second) == (1 / 8, 1 / 8)
    assert found.interval == wilson_interval(4, 8)
    assert found.warning == "The judge's verdict changed with the order on 50% of 8 pairs."


def test_a_judge_of_samples_never_flips_and_one_of_places_always_does() -> None:
    fair = position_flips(["first", "second"], ["second", "first"])
    assert (fair.share, fair.warning) == (0.0, "")
    blind = position_flips(["first"] * 3, ["first"] * 3)
    assert (blind.share, blind.always_first) == (1.0, 1.0)
    assert blind.warning == (
        "The judge's verdict changed with the order on 100% of 3 pairs,"
        " more often for the first one."
    )
    assert "for the second one" in position_flips(["second"], ["second"]).warning


def test_a_coin_flips_half_and_favors_no_place() -> None:
    coin = random.Random(0)
    sides: list[Verdict] = ["first", "second"]
    found = position_flips(coin.choices(sides, k=4000), coin.choices(sides, k=4000))
    assert found.interval[0] < 0.5 < found.interval[1]
    assert found.always_first == pytest.approx(0.25, abs=0.03)
    assert found.always_second == pytest.approx(0.25, abs=0.03)


def test_the_threshold_itself_is_allowed() -> None:
    one_way: list[Verdict] = ["first", "first", "first", "first"]
    other_way: list[Verdict] = ["first", "second", "second", "second"]
    assert position_flips(one_way, other_way).warning == ""
    assert position_flips(one_way, other_way, threshold=0.2).warning != ""


def test_what_are_no_verdicts_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="make no pairs"):
        position_flips([], [])
    with pytest.raises(InvalidInputError, match="1 verdicts one way and 2 the other"):
        position_flips(["tie"], ["tie", "tie"])
    with pytest.raises(InvalidInputError, match="not 'A'"):
        position_flips(["A"], ["first"])  # type: ignore[list-item]  # on purpose
