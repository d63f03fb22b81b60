"""The gate promotes what wins on held-out choices, and nothing else."""

from pathlib import Path

import pytest

from idiolect.adapters.gate import GateVerdict, evaluate, judge
from idiolect.adapters.recipe import Recipe
from idiolect.adapters.train import train_adapter
from idiolect.preference.diagnostics.intervals import wilson_interval
from tests.preference.training import capital_pairs


def test_a_clear_win_is_promoted() -> None:
    verdict = judge([True] * 10 + [False] * 10, [True] * 18 + [False] * 2, seed=0)
    assert (verdict.base.share, verdict.adapter.share) == (0.5, 0.9)
    assert verdict.difference == pytest.approx(0.4)
    assert verdict.interval[0] > 0
    assert verdict.promoted


@pytest.mark.parametrize(
    ("base", "adapter", "reason"),
    [
        ([True] * 5 + [False] * 5, [True] * 6 + [False] * 4, "not shown"),  # one pair is luck
        ([True] * 5 + [False] * 5, [True] * 5 + [False] * 5, "not shown"),
        ([True] * 9 + [False], [False] * 9 + [True], "not shown"),
        ([False] * 7, [True] * 7, "fewer than the 8"),  # a perfect score, on too few
        ([], [], "fewer than the 8"),
    ],
)
def test_anything_less_is_not(base: list[bool], adapter: list[bool], reason: str) -> None:
    verdict = judge(base, adapter, seed=0)
    assert not verdict.promoted
    assert reason in verdict.reason


def test_the_difference_is_paired() -> None:
    # The same two shares, 0.5 and 0.7, of 20 choices: once the adapter only adds to what the
    # base knew, once it also loses half of that. The second is less certain.
    base = [True] * 10 + [False] * 10
    adds = judge(base, [True] * 14 + [False] * 6, seed=0)
    trades = judge(base, [False] * 5 + [True] * 5 + [True] * 9 + [False], seed=0)
    assert adds.difference == pytest.approx(trades.difference) == pytest.approx(0.2)
    assert adds.promoted
    assert not trades.promoted


def test_a_verdict_is_plain_json_to_others() -> None:
    verdict = judge([False] * 8, [True] * 8, seed=0)
    as_dict = verdict.as_dict()
    assert as_dict["base"] == 0.0
    assert as_dict["adapter"] == 1.0
    assert as_dict["interval"] == [1.0, 1.0]
    assert as_dict["promoted"] is True
    assert as_dict["base_interval"] == list(wilson_interval(0, 8))


def gate(tiny_base: Path, recipe: Recipe, folder: Path, *, learning_rate: float) -> GateVerdict:
    pairs = capital_pairs(24)
    trained = train_adapter(
        pairs[:8],
        base=tiny_base,
        recipe=recipe.model_copy(update={"learning_rate": learning_rate, "epochs": 6}),
        work_dir=folder,
    )
    return evaluate(tiny_base, trained.path, pairs[8:], max_length_tokens=64, threads=1)


def test_a_trained_adapter_wins_on_choices_it_has_not_seen(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    verdict = gate(tiny_base, quick_recipe, tmp_path, learning_rate=1e-2)
    assert verdict.pairs == 16
    assert verdict.adapter.share > verdict.base.share
    assert verdict.promoted


def test_an_adapter_that_learned_nothing_changes_nothing(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    verdict = gate(tiny_base, quick_recipe, tmp_path, learning_rate=1e-12)
    assert verdict.difference == 0.0
    assert verdict.interval == (0.0, 0.0)
    assert not verdict.promoted
