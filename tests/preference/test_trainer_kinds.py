"""The one trainer on every kind of objective and example: it learns, and a cut run ends alike."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.errors import InvalidInputError, JobCancelledError
from idiolect.preference.batches import Example
from idiolect.preference.early_stopping import EarlyStopping
from idiolect.preference.judged import Group
from idiolect.preference.metrics import StepMetrics
from idiolect.preference.trainer import Evaluation
from tests.preference.training import SMALL_PASS, WORDS, capital_pairs, tiny_policy, tiny_trainer

torch.set_num_threads(1)


def verdicts() -> list[Example]:
    """Thumbs up for capitals, down for small letters."""
    return [
        Group.verdict(
            ({"role": "user", "content": f"{word}?"},),
            word.upper() if good else word,
            good=good,
            id=f"{word}-{good}",
        )
        for word in WORDS[:4]
        for good in (True, False)
    ]


def rankings() -> list[Example]:
    """Capitals before a capital letter before small letters."""
    return [
        Group.ranking(
            ({"role": "user", "content": f"{word}?"},),
            [word.upper(), word.title(), word],
            id=word,
        )
        for word in WORDS
    ]


KINDS: list[tuple[Any, Sequence[Example]]] = [
    ("ipo", capital_pairs()),
    ("simpo", capital_pairs()),
    ("inpo", capital_pairs()),
    ("kto", verdicts()),
    ("bco", capital_pairs()),
    ("beta_dpo", capital_pairs()),
    ({"preset": "re_po", "sources": 2}, capital_pairs()),
    ("aot", capital_pairs()),
    ("info_nca", rankings()),
    ("plackett_luce", rankings()),
    ("grpo", rankings()),
    ({"preset": "dpo", "label": {"robust": 0.1}, "weight": "on_policy"}, capital_pairs()),
]


@pytest.mark.parametrize(("spec", "examples"), KINDS, ids=lambda value: str(value)[:30])
def test_a_cut_run_ends_with_the_bytes_of_an_unbroken_one(
    spec: Any, examples: Sequence[Example], tmp_path: Path
) -> None:
    def trainer(policy: Any, folder: str) -> Any:
        return tiny_trainer(policy, tmp_path / folder, pairs=examples, spec=spec, batch_size=4)

    whole = tiny_policy(dropout=0.1, pass_bytes=SMALL_PASS)
    unbroken = trainer(whole, "whole").run()
    steps: list[StepMetrics] = []
    with pytest.raises(JobCancelledError):
        trainer(tiny_policy(dropout=0.1, pass_bytes=SMALL_PASS), "cut").run(
            on_metrics=steps.append, should_stop=lambda: len(steps) == 2
        )
    resumed = tiny_policy(dropout=0.1, pass_bytes=SMALL_PASS)
    history = trainer(resumed, "cut").run()
    assert [timeless(one) for one in history.steps] == [timeless(one) for one in unbroken.steps]
    torch.testing.assert_close(resumed.state_dict(), whole.state_dict(), rtol=0, atol=0)


def timeless(step: StepMetrics) -> dict[str, Any]:
    return {name: value for name, value in asdict(step).items() if name != "tokens_per_s"}


@pytest.mark.parametrize(
    ("spec", "examples"),
    [(spec, examples) for spec, examples in KINDS if spec in ("kto", "info_nca", "grpo", "aot")],
    ids=lambda value: str(value)[:30],
)
def test_it_learns_the_preference(spec: Any, examples: Sequence[Example], tmp_path: Path) -> None:
    history = tiny_trainer(tiny_policy(), tmp_path, pairs=examples, spec=spec, batch_size=8).run()
    assert history.steps[-1].loss < history.steps[0].loss
    assert history.steps[-1].chosen_reward > history.steps[-1].rejected_reward


def test_running_estimates_are_reported(tmp_path: Path) -> None:
    history = tiny_trainer(tiny_policy(), tmp_path, spec="bco").run()
    assert history.steps[-1].estimates["samples"] == 2 * 8 * 2  # two epochs of eight pairs


def test_an_estimate_of_each_source_is_reported_by_its_name(tmp_path: Path) -> None:
    history = tiny_trainer(tiny_policy(), tmp_path, spec={"preset": "re_po", "sources": 3}).run()
    first, last = history.steps[0].estimates, history.steps[-1].estimates
    assert list(last) == ["reliability/import", "reliability/choice"]  # nobody is the third
    assert all(0.5 <= value <= 0.99 for value in last.values())
    assert first != last


def test_the_distance_from_the_reference_grows_from_nothing(tmp_path: Path) -> None:
    history = tiny_trainer(tiny_policy(), tmp_path).run()
    first, last = history.steps[0].kl, history.steps[-1].kl
    assert first == pytest.approx(0.0, abs=1e-9)
    assert last is not None
    assert last > 1e-6


def contrary() -> list[Example]:
    """Held-out pairs that prefer the opposite: they get worse from the first step on."""
    return [
        type(pair).under(pair.context_w, pair.sample_l, pair.sample_w, id=f"held-{pair.id}")  # type: ignore[arg-type]  # messages
        for pair in capital_pairs(2)
    ]


def test_it_stops_when_held_out_pairs_get_worse_and_goes_back_to_the_best(tmp_path: Path) -> None:
    looks: list[Evaluation] = []
    policy = tiny_policy()
    history = tiny_trainer(
        policy,
        tmp_path,
        held_out=contrary(),
        early_stopping=EarlyStopping(every_steps=1, patience=2),
    ).run(on_evaluation=looks.append)
    assert history.stopped_early
    assert history.best_step == 1
    assert len(history.steps) == 3  # the best, and two that failed
    assert [look.step for look in looks] == [1, 2, 3]
    assert looks[0].loss < looks[1].loss < looks[2].loss
    again = tiny_policy()
    tiny_trainer(
        again,
        tmp_path,
        held_out=contrary(),
        early_stopping=EarlyStopping(every_steps=1, patience=2),
    ).run()
    torch.testing.assert_close(again.state_dict(), policy.state_dict(), rtol=0, atol=0)


def test_held_out_pairs_that_get_better_stop_nothing(tmp_path: Path) -> None:
    history = tiny_trainer(
        tiny_policy(), tmp_path, held_out=capital_pairs(2), early_stopping=EarlyStopping(2, 1)
    ).run()
    assert not history.stopped_early
    assert [look.step for look in history.evaluations] == [2, 4, 6, 8]
    assert history.evaluations[-1].accuracy == 1.0
    assert history.best_step == 8


def test_a_held_out_pair_has_its_own_sources_reliability(tmp_path: Path) -> None:
    """Whatever the order in which held-out pairs come, the estimates are those of their source."""
    spec = {"preset": "re_po", "sources": 2}
    held_out = capital_pairs(4)
    assert held_out[0].source == "import"
    looks = []
    for number, pairs in enumerate((held_out, held_out[::-1])):
        trainer = tiny_trainer(
            tiny_policy(),
            tmp_path / str(number),
            spec=spec,
            held_out=pairs,
            early_stopping=EarlyStopping(every_steps=4, patience=9),
        )
        looks.append([one.loss for one in trainer.run().evaluations])
    assert looks[0] == pytest.approx(looks[1], abs=1e-6)
    strange = replace(held_out[0], source="somebody else")
    with pytest.raises(InvalidInputError, match="3 sources"):
        tiny_trainer(tiny_policy(), tmp_path / "strange", spec=spec, held_out=[strange])
