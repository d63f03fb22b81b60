"""Recalibration: the prior's arithmetic, what is learned and from whom, and what is refused."""

import json
import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.errors import InvalidInputError
from idiolect.usermodel.calibration.recalibrate import (
    IDENTITY,
    STRENGTH,
    Curve,
    Mark,
    Rating,
    Recalibration,
    fit,
    recalibration,
)
from idiolect.usermodel.confidence import HIGHEST, LOWEST
from tests.usermodel.calibration.sources import (
    MISCALIBRATED,
    Truth,
    calibrated,
    drawn,
    excess,
    mean_excess,
    relatives,
)

ratings = st.lists(
    st.builds(
        Rating,
        proposition=st.just("mem_1"),
        author=st.sampled_from(["pattern", "model:a", "model:b"]),
        raw=st.floats(LOWEST, HIGHEST),
        outcome=st.sampled_from([0.0, 0.5, 1.0]),
    ),
    max_size=12,
)


def rated(raw: float, outcome: float, times: int = 1, author: str = "pattern") -> list[Rating]:
    return [Rating("mem_1", author, raw, outcome)] * times


@pytest.mark.parametrize(("mark", "outcome"), [("true", 1.0), ("partly", 0.5), ("false", 0.0)])
def test_a_mark_is_an_outcome(mark: Mark, outcome: float) -> None:
    assert Rating.of("mem_1", "pattern", 0.8, mark) == Rating("mem_1", "pattern", 0.8, outcome)


def test_private_says_nothing_of_the_truth() -> None:
    assert Rating.of("mem_1", "pattern", 0.8, "private") is None


def test_a_mark_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="rated 'maybe'") as caught:
        Rating.of("mem_1", "pattern", 0.8, "maybe")  # type: ignore[arg-type]  # the fault
    assert "true, partly, false, private" in caught.value.hint


@pytest.mark.parametrize(("raw", "outcome"), [(0.0, 1), (1.0, 1), (float("nan"), 1), (0.5, 1.1)])
def test_what_is_no_confidence_or_no_outcome_is_refused(raw: float, outcome: float) -> None:
    with pytest.raises(InvalidInputError, match="says nothing"):
        Rating("mem_1", "pattern", raw, outcome)


def test_without_ratings_raw_confidence_stands() -> None:
    none = recalibration([])
    assert [none.confidence("pattern", raw) for raw in (0.05, 0.3, 0.8)] == [0.05, 0.3, 0.8]
    assert fit([], IDENTITY) is IDENTITY


def test_one_rating_against_the_prior_by_hand() -> None:
    # The prior has a rating at each of 0, 0.05 ... 1 here. A false one at 0.8 makes the mean
    # there 0.8 / 2 = 0.4, below what comes before, so it pools: with 0.75, 1.55 / 3 = 0.517;
    # with 0.7, 2.25 / 4 = 0.5625; with 0.65, 2.9 / 5 = 0.58; with 0.6, 3.5 / 6 = 0.583; and 0.55
    # lies below that. What lies above 0.8 stays.
    curve = fit(rated(0.8, 0.0), IDENTITY, strength=21)
    assert curve(0.8) == curve(0.6) == pytest.approx(3.5 / 6)
    assert curve(0.55) == pytest.approx(0.55)
    assert curve(0.85) == pytest.approx(0.85)
    # Halfway between the knots 0.8 and 0.85.
    assert curve(0.825) == pytest.approx((3.5 / 6 + 0.85) / 2)


def test_a_rating_between_the_prior_places_counts_where_it_lies() -> None:
    # 1 at 0.62 pools with 0.65, 0.7, 0.75, 0.8: 3.9 / 5 = 0.78 is the first mean below the next.
    # Until then: 1.65 / 2 = 0.825 > 0.7, 2.35 / 3 = 0.783 > 0.75, 3.1 / 4 = 0.775 < 0.8.
    curve = fit(rated(0.62, 1.0), IDENTITY, strength=21)
    assert curve(0.62) == curve(0.75) == pytest.approx(3.1 / 4)
    assert (curve(0.6), curve(0.8)) == pytest.approx((0.6, 0.8))


def test_many_ratings_overrule_the_prior() -> None:
    half = rated(0.9, 1.0, 500) + rated(0.9, 0.0, 500)
    assert recalibration(half).confidence("pattern", 0.9) == pytest.approx(0.5, abs=0.01)


def test_a_few_ratings_move_little_and_a_stronger_prior_less() -> None:
    once = fit(rated(0.8, 0.0), IDENTITY)(0.8)
    assert once == pytest.approx(0.67, abs=0.005)  # as STRENGTH says
    assert once < fit(rated(0.8, 0.0), IDENTITY, strength=4 * STRENGTH)(0.8) < 0.8


@given(ratings, st.randoms(use_true_random=False))
def test_it_never_turns_an_order_round_and_no_claim_is_settled(
    given_ratings: list[Rating], chance: random.Random
) -> None:
    maps = recalibration(given_ratings)
    for author in ("pattern", "model:a", "unheard"):
        raws = sorted(chance.random() for _ in range(20))
        found = [maps.confidence(author, raw) for raw in raws]
        assert all(low <= high + 1e-12 for low, high in pairwise(found))
        assert all(LOWEST <= one <= HIGHEST for one in found)


@settings(max_examples=20)
@given(ratings, st.randoms(use_true_random=False))
def test_the_order_of_ratings_makes_no_difference(
    given_ratings: list[Rating], chance: random.Random
) -> None:
    shuffled = chance.sample(given_ratings, len(given_ratings))
    assert recalibration(shuffled) == recalibration(given_ratings)


@pytest.mark.parametrize("count", [0, 3, 300])
def test_it_comes_back_from_json_as_it_was(count: int) -> None:
    source = MISCALIBRATED["a step"]
    maps = recalibration(drawn(source, count, 1, "pattern") + drawn(source, count, 2, "model:a"))
    assert Recalibration.from_dict(json.loads(json.dumps(maps.as_dict()))) == maps


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"shared": [[0, 0], [1, 1]]},
        {"shared": [[0, 0], [1, 1]], "authors": []},
        {"shared": 3, "authors": {}},
        {"shared": [], "authors": {}},
        {"shared": [[0, 0, 0]], "authors": {}},
        {"shared": [[0, 0.5], [1, 0.4]], "authors": {}},
        {"shared": [[0.5, 0], [0.5, 1]], "authors": {}},
        {"shared": [[0, 0], [1, 1.5]], "authors": {}},
        {"shared": [[0, 0], [1, "high"]], "authors": {}},
    ],
)
def test_what_is_no_recalibration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Recalibration.from_dict(values)
    assert "from the ratings" in caught.value.hint


@pytest.mark.parametrize("strength", [0.0, -1.0, float("nan"), float("inf")])
def test_a_map_has_a_prior(strength: float) -> None:
    with pytest.raises(InvalidInputError, match="ratings is none"):
        fit(rated(0.8, 1.0), IDENTITY, strength)
    with pytest.raises(InvalidInputError, match="ratings is none"):
        recalibration([], strength)


def test_a_curve_is_level_beyond_its_knots() -> None:
    curve = Curve(((0.2, 0.3), (0.6, 0.5)))
    assert [curve(raw) for raw in (0.1, 0.2, 0.6, 0.9)] == [0.3, 0.3, 0.5, 0.5]
    assert curve(0.3) == pytest.approx(0.35)


def test_knots_within_a_level_stretch_are_left_out() -> None:
    curve = fit(rated(0.5, 1.0, 10_000) + rated(0.9, 0.0, 10_000), IDENTITY)
    level = [raw for raw, value in curve.knots if value == curve(0.7)]
    assert level == [0.5, 0.9]


def test_an_author_starts_from_the_ratings_of_the_others() -> None:
    others = rated(0.8, 0.0, 50, "model:a") + rated(0.8, 1.0, 50, "model:b")
    maps = recalibration([*others, *rated(0.3, 0.0, 1)])
    # Where the author has no rating of its own, the map is near that of the others alone.
    assert maps.confidence("pattern", 0.8) == pytest.approx(fit(others, IDENTITY)(0.8), abs=0.02)
    # What was never rated has the map over all.
    assert maps.confidence("unheard", 0.8) == maps.shared(0.8)
    # The two are told apart, and each is drawn to the other by its prior.
    low, high = (maps.confidence(name, 0.8) for name in ("model:a", "model:b"))
    assert low < 0.35 < 0.75 < high


def test_no_rating_counts_twice() -> None:
    alone = rated(0.8, 0.0, 7)
    maps = recalibration(alone)
    assert maps.authors["pattern"] == fit(alone, IDENTITY) == maps.shared


@pytest.mark.parametrize("source", MISCALIBRATED)
def test_a_miscalibrated_source_gains(source: str) -> None:
    truth = MISCALIBRATED[source]
    raw, few, many = (mean_excess(fit_to_identity, truth, n, draws=12) for n in (0, 20, 200))
    assert many < raw / 2
    # Twenty ratings do no harm, also where there is little to gain.
    assert few < max(raw, 0.02)


def test_a_calibrated_source_loses_little_and_far_less_than_without_a_prior() -> None:
    for count, bound in ((5, 0.005), (20, 0.008), (100, 0.008)):
        with_prior = mean_excess(fit_to_identity, calibrated, count, draws=20)
        without = mean_excess(fit_alone, calibrated, count, draws=20)
        assert with_prior < bound
        assert with_prior < 0.75 * without


def test_learning_from_others_gains_more_than_it_costs() -> None:
    def mean_gain(alike: bool) -> float:
        gains = []
        for seed in range(20):
            own, *others = relatives(alike, seed)
            mine = drawn(own, 5, seed)
            theirs = [
                one for n, truth in enumerate(others) for one in drawn(truth, 100, seed, f"{n}")
            ]
            gains.append(worse_by(mine, own) - worse_by([*mine, *theirs], own))
        return sum(gains) / len(gains)

    gain, cost = mean_gain(alike=True), -mean_gain(alike=False)
    assert gain > 0.01
    assert gain > cost


def worse_by(given_ratings: Sequence[Rating], truth: Truth) -> float:
    """What the confidence in the model's propositions lacks with the map of these ratings."""
    maps = recalibration(given_ratings)
    return excess(lambda raw: maps.confidence("model", raw), truth)


def fit_to_identity(given_ratings: Sequence[Rating]) -> Curve:
    return fit(given_ratings, IDENTITY)


def fit_alone(given_ratings: Sequence[Rating]) -> Curve:
    return fit(given_ratings, IDENTITY, strength=1e-6)
