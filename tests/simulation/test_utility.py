"""A utility is the sum that its parts state, and a cycle is what no utility can be."""

from itertools import pairwise
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.errors import InvalidInputError
from idiolect.simulation.utility import Cycle, Interaction, Liking, Utility

UNIT = st.floats(0, 1)
POINT = st.fixed_dictionaries({"a": UNIT, "b": UNIT})


def test_more_is_better_in_a_straight_line() -> None:
    liking = Liking(2.0)
    assert [liking(value) for value in (0, 0.5, 1)] == [-2, 0, 2]


def test_worth_falls_with_the_squared_distance_from_an_ideal() -> None:
    liking = Liking(2.0, ideal=0.2)
    # The farther end is 0.8 away: at 0.6, half as far, 2 (1 - 2 / 4) = 1.
    assert [liking(value) for value in (0.2, 0.6, 1.0)] == pytest.approx([2, 1, -2])
    assert liking(0.1) == pytest.approx(liking(0.3))


def test_a_utility_adds_likings_and_interactions() -> None:
    utility = Utility(
        {"a": Liking(1.0), "b": Liking(-0.5)},
        (Interaction("a", "b", 0.25),),
        scale=2.0,
        offset=1.0,
    )
    # a = 1, b = 0: 1 + 0.5 + 0.25 * (1)(-1) = 1.25; twice that less 1.
    assert utility({"a": 1.0, "b": 0.0}) == pytest.approx(1.5)
    assert utility.names == {"a", "b"}


def test_an_interaction_makes_the_order_of_one_depend_on_the_other() -> None:
    utility = Utility({"a": Liking(0.5)}, (Interaction("a", "b", 1.0),))
    with_b = utility({"a": 1.0, "b": 1.0}) - utility({"a": 0.0, "b": 1.0})
    without_b = utility({"a": 1.0, "b": 0.0}) - utility({"a": 0.0, "b": 0.0})
    assert (with_b, without_b) == (3.0, -1.0)  # no linear utility changes the sign


@given(st.lists(POINT, min_size=2, max_size=8))
def test_standardizing_keeps_the_order(points: list[dict[str, float]]) -> None:
    utility = Utility({"a": Liking(1.0, 0.3)}, (Interaction("a", "b", 2.0),), scale=5, offset=3)
    if pstdev(map(utility, points)) < 1e-6:
        return
    standard = utility.standardized(points)
    worths = [standard(point) for point in points]
    assert fmean(worths) == pytest.approx(0, abs=1e-6)
    assert pstdev(worths) == pytest.approx(1)
    for one, other in pairwise(points):
        difference = utility(one) - utility(other)
        assert difference * (standard(one) - standard(other)) >= -1e-9


def test_texts_of_equal_worth_give_no_standard() -> None:
    with pytest.raises(InvalidInputError, match="worth the same"):
        Utility({"a": Liking(1.0)}).standardized([{"a": 0.5}, {"a": 0.5}])
    with pytest.raises(InvalidInputError, match="worth the same"):
        Utility({"a": Liking(1.0)}).standardized([])


def test_a_feature_that_was_not_measured_is_named() -> None:
    with pytest.raises(InvalidInputError, match="not measured: b"):
        Utility({"a": Liking(1.0)}, (Interaction("a", "b", 1.0),))({"a": 0.5})


@pytest.mark.parametrize(
    ("weight", "ideal"), [(float("nan"), None), (float("inf"), None), (1.0, 1.5), (1.0, -0.1)]
)
def test_impossible_likings_are_refused(weight: float, ideal: float | None) -> None:
    with pytest.raises(InvalidInputError):
        Liking(weight, ideal)


def test_three_texts_around_the_middle_beat_each_other_in_a_ring() -> None:
    cycle = Cycle("a", "b", strength=1.0)
    east, north_west, south_west = (
        {"a": 1.0, "b": 0.5},  # centered (1, 0)
        {"a": 0.25, "b": 1.0},  # (-0.5, 1)
        {"a": 0.25, "b": 0.0},  # (-0.5, -1)
    )
    assert cycle(east, north_west) == 1.0  # 1 * 1 - 0 * -0.5
    assert cycle(north_west, south_west) == 1.0  # -0.5 * -1 - 1 * -0.5
    assert cycle(south_west, east) == 1.0  # -0.5 * 0 - -1 * 1


@given(POINT, POINT)
def test_a_cycle_is_antisymmetric(one: dict[str, float], other: dict[str, float]) -> None:
    cycle = Cycle("a", "b", strength=3.0)
    assert cycle(one, other) == pytest.approx(-cycle(other, one))
    assert cycle(one, one) == pytest.approx(0)


def test_a_standardized_cycle_goes_round_the_middle_of_the_texts() -> None:
    texts = [{"a": 0.2, "b": 0.1}, {"a": 0.4, "b": 0.1}, {"a": 0.2, "b": 0.3}, {"a": 0.4, "b": 0.3}]
    cycle = Cycle("a", "b", 1.0).standardized(texts)
    assert cycle.middle == pytest.approx((0.3, 0.2))
    assert cycle.spread == pytest.approx((0.1, 0.1))
    # Corners (-1, -1) and (1, -1): -1 * -1 - -1 * 1 = 2.
    assert cycle(texts[0], texts[1]) == pytest.approx(2.0)
    with pytest.raises(InvalidInputError, match="do not differ"):
        cycle.standardized([{"a": 0.2, "b": 0.1}, {"a": 0.4, "b": 0.1}])
    with pytest.raises(InvalidInputError, match="do not differ"):
        cycle.standardized([])
