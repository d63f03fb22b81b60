"""The report: figures by hand, none of too few, and none from a map that knew the answer."""

import json
import random

import pytest

from idiolect.errors import InvalidInputError
from idiolect.usermodel.calibration.recalibrate import Rating, recalibration
from idiolect.usermodel.calibration.report import (
    ENOUGH,
    FOLDS,
    Figures,
    calibration_report,
    fold,
)
from tests.usermodel.calibration.sources import MISCALIBRATED, bent, drawn


def rated(outcomes: list[float], author: str = "pattern", raw: float = 0.8) -> list[Rating]:
    return [
        Rating(f"mem_{author}_{place}", author, raw, outcome)
        for place, outcome in enumerate(outcomes)
    ]


def test_raw_figures_by_hand() -> None:
    # 12 true, 4 partly and 4 false at 0.8: mean 14/20; the sum of squares is
    # 12 * 0.04 + 4 * 0.09 + 4 * 0.64 = 3.4; one bin, |0.8 - 0.7| off.
    whole = calibration_report(rated([1.0] * 12 + [0.5] * 4 + [0.0] * 4)).overall
    assert whole.ratings == 20
    assert whole.mean_rating == pytest.approx(0.7)
    assert whole.raw.brier == pytest.approx(3.4 / 20)
    assert whole.raw.calibration_error == pytest.approx(0.1)
    (held,) = whole.raw.bins
    assert held.beliefs == 20
    assert (held.confidence, held.right) == pytest.approx((0.8, 0.7))


def test_of_too_few_there_is_a_count_and_no_figure() -> None:
    nothing = Figures(None, None, None, ())
    few = calibration_report(rated([1.0] * (ENOUGH - 1))).overall
    assert (few.ratings, few.mean_rating) == (ENOUGH - 1, 1.0)
    assert few.raw == few.calibrated == nothing
    assert calibration_report(rated([1.0] * ENOUGH)).overall.calibrated.brier is not None
    none = calibration_report([])
    assert (none.overall.ratings, none.overall.mean_rating, none.authors) == (0, None, {})
    assert none.overall.raw == nothing


def test_each_author_has_its_own_figures() -> None:
    found = calibration_report([*rated([1.0] * 30), *rated([0.0] * 5, "model:a", raw=0.3)])
    assert list(found.authors) == ["model:a", "pattern"]
    assert found.authors["pattern"].raw.brier == pytest.approx(0.04)
    assert found.authors["model:a"].raw.brier is None
    assert (found.authors["model:a"].ratings, found.authors["model:a"].mean_rating) == (5, 0.0)
    # (30 * 0.04 + 5 * 0.09) / 35
    assert found.overall.raw.brier == pytest.approx(1.65 / 35)


def test_a_proposition_is_judged_by_a_map_that_did_not_see_it() -> None:
    # All ratings but those of one fold are false; that fold's are true. The map that judges them
    # knows only false ones, and the map of all ratings would have told.
    ids = [f"mem_{n}" for n in range(200)]
    given = [Rating(one, "pattern", 0.8, float(fold(one) == 3)) for one in ids]
    true_ones = [one for one in given if one.outcome]
    assert len(true_ones) >= 10
    blind = recalibration([one for one in given if not one.outcome]).confidence("pattern", 0.8)
    seen = recalibration(given).confidence("pattern", 0.8)
    assert seen > blind + 0.05
    bins = calibration_report(given).overall.calibrated.bins
    (lowest, *_) = [held for held in bins if held.low <= blind < held.high]
    assert lowest.right == 1.0
    assert lowest.confidence == pytest.approx(blind)
    assert lowest.beliefs == len(true_ones)


def test_noise_is_not_learned() -> None:
    # Outcomes that are coin flips at confidence of every height: a map fitted to them and judged
    # on them would score below the 0.25 of saying one half; held out it cannot.
    chance = random.Random(5)
    given = [
        Rating(f"mem_{n}", "pattern", chance.uniform(0.3, 0.7), float(chance.random() < 0.5))
        for n in range(60)
    ]
    maps = recalibration(given, strength=0.01)
    fitted = sum((maps.confidence("pattern", r.raw) - r.outcome) ** 2 for r in given) / len(given)
    held_out = calibration_report(given, strength=0.01).overall.calibrated.brier
    assert fitted < 0.245
    assert held_out is not None
    assert held_out > 0.25


def test_what_is_too_sure_of_itself_is_mended() -> None:
    found = calibration_report(drawn(MISCALIBRATED["too sure"], 300, seed=1)).overall
    assert found.raw.brier is not None
    assert found.calibrated.brier is not None
    assert found.calibrated.brier < found.raw.brier - 0.02
    assert found.raw.calibration_error is not None
    assert found.calibrated.calibration_error is not None
    assert found.calibrated.calibration_error < found.raw.calibration_error / 2


def test_what_is_right_about_itself_errs_as_chance_has_it() -> None:
    errors, chances = [], []
    for seed in range(60):
        raw = calibration_report(drawn(bent(0, 1), 60, seed)).overall.raw
        assert raw.calibration_error is not None
        assert raw.error_by_chance is not None
        errors.append(raw.calibration_error)
        chances.append(raw.error_by_chance)
    assert sum(errors) / sum(chances) == pytest.approx(1, abs=0.12)


def test_folds_are_even_and_stay() -> None:
    counts = [0] * FOLDS
    for n in range(1000):
        counts[fold(f"mem_{n}")] += 1
    assert min(counts) > 70
    assert max(counts) < 130
    assert [fold(f"mem_{n}") for n in range(5)] == [9, 8, 9, 0, 3]


def test_the_order_of_ratings_makes_no_difference_and_all_of_it_is_json() -> None:
    given = drawn(MISCALIBRATED["a step"], 80, seed=2) + drawn(bent(0, 1), 40, 3, "pattern")
    found = calibration_report(given).as_dict()
    assert calibration_report(given[::-1]).as_dict() == found
    assert json.loads(json.dumps(found))["authors"]["pattern"]["ratings"] == 40


def test_a_prior_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="ratings is none"):
        calibration_report(rated([1.0] * 30), strength=0)
