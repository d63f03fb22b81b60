"""What the measurement of the gate counts, and that a trace left out is left out."""

from typing import Any

import numpy as np
import pytest

from benchmarks.suggestion_gating import (
    EQUAL_COSTS,
    costs_of,
    crossed,
    figures,
    should_speak,
    speaks,
    with_intervals,
)
from benchmarks.suggestion_gating_model import Features, fitted, probabilities


def row(category: str, begins: str = "a", need: bool | None = None) -> dict[str, Any]:
    """A row of this category; its events are its trace's name and its own."""
    has_task, valid = category in ("CD", "FA"), category in ("CD", "CR")
    return {
        "obs": [{"time": "1", "event": begins}, {"time": "2", "event": category}],
        "pred_task": "Search for it" if has_task else None,
        "valid": valid,
        "help_needed": valid == has_task if need is None else need,
        "category": f"Long name ({category})",
    }


ROWS = [row("MN", "a"), row("CR", "b"), row("CD", "a"), row("FA", "b")]


def test_what_people_accept_says_when_to_speak() -> None:
    assert [should_speak(each) for each in ROWS] == [True, False, True, False]


def test_figures_of_one_hit_one_miss_and_one_false_alarm() -> None:
    # Spoken to MN and FA: one right of two, one found of two, one alarm of two quiet moments.
    # Accepted are the task of FA and the silence of CR; CD and CR would have been right.
    found = figures(np.array([True, False, False, True]), ROWS)
    assert found == pytest.approx(
        {
            "precision": 1 / 2,
            "recall": 1 / 2,
            "f1": 2 * 1 / (2 + 2),
            "false_alarms": 1 / 2,
            "judgement_accuracy": 2 / 4,
            "judgement_f1": 2 * 1 / (2 + 2),
        }
    )


def test_accepting_everything_has_the_published_figure_of_no_skill() -> None:
    report = with_intervals(np.tile([False, False, True, True], 30), ROWS * 30)
    assert report["judgement_f1"][0] == pytest.approx(2 / 3)
    assert [report[each] for each in ("MN", "CR", "CD", "FA")] == ["0/30", "30/30", "30/30", "0/30"]


def test_costs_have_the_threshold_they_are_made_for() -> None:
    assert list(speaks(np.array([0.32, 0.34]), EQUAL_COSTS)) == [False, True]
    assert list(speaks(np.array([0.59, 0.61]), costs_of(0.6))) == [False, True]


def test_a_trace_that_is_kept_apart_teaches_nothing_about_itself() -> None:
    # The one feature tells the trace: in "a" help is needed, in "b" it is not.
    train = [
        row("MN", "a"),
        row("MN", "a", need=True),
        row("CR", "b"),
        row("CR", "c"),
        row("MN", "d"),
    ]
    features = Features(
        "trace",
        need=lambda rows: np.array([[float(each["obs"][0]["event"] == "a")] for each in rows]),
        wanted=lambda rows: np.zeros((len(rows), 1)),
    )
    test = [row("MN", "a")]
    known = crossed(features, train, test, 0.1, apart=False)
    apart = crossed(features, train, test, 0.1, apart=True)
    assert known[0] > 0.8
    assert apart[0] == pytest.approx(0.5, abs=0.01)


def test_the_regression_finds_the_odds_of_each_group() -> None:
    # 3 of 4 with the feature, 1 of 4 without: odds of 3 and 1/3.
    features = np.array([[1.0]] * 4 + [[0.0]] * 4)
    labels = np.array([1, 1, 1, 0, 1, 0, 0, 0], dtype=np.float64)
    coefficients = fitted(features, labels, np.ones(8), 1e-9)
    assert probabilities(coefficients, np.array([[1.0], [0.0]])) == pytest.approx(
        np.array([0.75, 0.25]), abs=1e-3
    )
