"""The trainer learns, reports, stops, and goes on where it stood."""

from pathlib import Path

import pytest
import torch

from idiolect.engine.activations import activation_bytes
from idiolect.engine.planning import packed_tokens
from idiolect.errors import InvalidInputError, JobCancelledError, TrainingDivergedError
from idiolect.preference.metrics import StepMetrics
from idiolect.preference.optimization import Optimization
from tests.preference.training import SMALL_PASS, capital_pairs, tiny_policy, tiny_trainer
from tests.tiny_model import tiny_llama

torch.set_num_threads(1)


def test_it_learns_the_preference(tmp_path: Path) -> None:
    history = tiny_trainer(tiny_policy(), tmp_path).run().steps
    assert history[0].loss == pytest.approx(0.693147, abs=1e-5)  # log 2: policy equals reference
    assert history[0].margin == pytest.approx(0.0, abs=1e-6)
    assert history[0].accuracy == 0.5
    assert history[-1].loss < 0.67
    assert history[-1].accuracy == 1.0
    assert history[-1].margin == pytest.approx(
        history[-1].chosen_reward - history[-1].rejected_reward, abs=1e-5
    )


def test_a_step_in_several_passes_is_the_same_step(tmp_path: Path) -> None:
    small = tiny_policy(pass_bytes=SMALL_PASS)
    whole = tiny_trainer(tiny_policy(), tmp_path / "whole", batch_size=8).run().steps
    parts = tiny_trainer(small, tmp_path / "parts", batch_size=8).run().steps
    encoded = [[small.encode(one.context_w, one.sample_w)] for one in capital_pairs()]
    assert 1 < len(small.passes(encoded)) < 8
    for one, other in zip(whole, parts, strict=True):
        assert one.loss == pytest.approx(other.loss, abs=1e-5)
        assert one.grad_norm == pytest.approx(other.grad_norm, rel=1e-3)


def test_layers_are_computed_again_only_where_memory_is_short(tmp_path: Path) -> None:
    plain = tiny_policy(dropout=0.2)
    largest = max(
        packed_tokens([plain.encode(pair.context_w, one) for one in (pair.sample_w, pair.sample_l)])
        for pair in capital_pairs()
    )
    needed = activation_bytes(tiny_llama(), largest, checkpointing=True)
    short = tiny_policy(dropout=0.2, pass_bytes=needed)
    whole = tiny_trainer(plain, tmp_path / "whole", batch_size=1).run().steps
    again = tiny_trainer(short, tmp_path / "again", batch_size=1).run().steps
    assert short.lm.base.is_activation_checkpointing
    assert not plain.lm.base.is_activation_checkpointing
    assert [one.loss for one in again] == pytest.approx([one.loss for one in whole], abs=1e-5)
    with pytest.raises(InvalidInputError, match=r"an example of \d+ tokens needs") as raised:
        tiny_trainer(tiny_policy(pass_bytes=needed // 2), tmp_path / "none")
    assert "pass_memory_gb" in raised.value.hint


def test_layers_are_computed_again_as_they_were_where_strange_samples_are_scored(
    tmp_path: Path,
) -> None:
    """KTO also scores samples without dropout; the backward pass must not then go without it."""
    norms = []
    for again in (False, True):
        policy = tiny_policy(dropout=0.5)
        trainer = tiny_trainer(policy, tmp_path / str(again), spec="kto", batch_size=4)
        if again:
            policy.lm.base.activation_checkpointing_enable()
        norms.append([one.grad_norm for one in trainer.run().steps])
    assert norms[1] == pytest.approx(norms[0], rel=1e-3)


def test_gradients_from_before_are_not_counted(tmp_path: Path) -> None:
    fresh = tiny_trainer(tiny_policy(), tmp_path / "fresh").run().steps[0]
    policy = tiny_policy()
    for parameter in policy.parameters():
        parameter.grad = torch.ones_like(parameter)
    assert tiny_trainer(policy, tmp_path / "used").run().steps[0].grad_norm == fresh.grad_norm


def test_every_step_is_reported_in_order(tmp_path: Path) -> None:
    seen: list[StepMetrics] = []
    history = tiny_trainer(tiny_policy(), tmp_path).run(on_metrics=seen.append).steps
    assert seen == history
    assert [(one.step, one.steps) for one in seen] == [(step, 8) for step in range(1, 9)]
    assert all(one.tokens_per_s > 0 and one.grad_norm > 0 for one in seen)


def test_the_rate_rises_in_the_warm_up_and_falls_to_zero() -> None:
    settings = Optimization(learning_rate=1.0, warmup_share=0.2)
    rates = [settings.rate(step, 10) for step in range(10)]
    assert rates == pytest.approx([0.5, 1, 1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8])


@pytest.mark.parametrize("stop_after", [0, 1, 3, 7])
def test_a_cancelled_run_goes_on_to_the_same_bytes(tmp_path: Path, stop_after: int) -> None:
    whole = tiny_policy(dropout=0.2)
    unbroken = tiny_trainer(whole, tmp_path / "whole").run().steps

    steps: list[StepMetrics] = []
    with pytest.raises(JobCancelledError, match=f"after {stop_after} of 8 steps"):
        tiny_trainer(tiny_policy(dropout=0.2), tmp_path / "cut").run(
            on_metrics=steps.append, should_stop=lambda: len(steps) == stop_after
        )
    torch.rand(5)  # whatever else the process draws in between must not matter
    resumed = tiny_policy(dropout=0.2)
    rest: list[StepMetrics] = []
    history = tiny_trainer(resumed, tmp_path / "cut").run(on_metrics=rest.append).steps

    assert [one.step for one in rest] == list(range(stop_after + 1, 9))
    assert [one.loss for one in history] == [one.loss for one in unbroken]
    torch.testing.assert_close(resumed.state_dict(), whole.state_dict(), rtol=0, atol=0)


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    history = tiny_trainer(tiny_policy(), tmp_path).run()
    seen: list[StepMetrics] = []
    assert tiny_trainer(tiny_policy(), tmp_path).run(on_metrics=seen.append) == history
    assert seen == []


def test_another_runs_checkpoint_is_not_continued(tmp_path: Path) -> None:
    tiny_trainer(tiny_policy(), tmp_path, fingerprint="other").run()
    seen: list[StepMetrics] = []
    tiny_trainer(tiny_policy(), tmp_path).run(on_metrics=seen.append)
    assert [one.step for one in seen] == list(range(1, 9))


def test_only_the_newest_checkpoint_is_kept(tmp_path: Path) -> None:
    tiny_trainer(tiny_policy(), tmp_path).run()
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000008"]


def test_divergence_stops_at_the_last_good_checkpoint_and_names_the_pairs(tmp_path: Path) -> None:
    steps: list[StepMetrics] = []
    with pytest.raises(JobCancelledError):
        tiny_trainer(tiny_policy(), tmp_path).run(
            on_metrics=steps.append, should_stop=lambda: len(steps) == 2
        )
    with pytest.raises(TrainingDivergedError, match=r"loss of step 4 .* pref_\d+, pref_\d+"):
        tiny_trainer(tiny_policy(), tmp_path, learning_rate=1e38).run()
    (kept,) = tmp_path.iterdir()
    assert kept.name == "step-00000003"


def test_the_processes_own_randomness_is_left_alone(tmp_path: Path) -> None:
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    tiny_trainer(tiny_policy(dropout=0.2), tmp_path).run()
    torch.testing.assert_close(torch.rand(3), expected, rtol=0, atol=0)


def test_without_pairs_there_is_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no pairs"):
        tiny_trainer(tiny_policy(), tmp_path, pairs=[])


def test_a_pair_that_does_not_fit_is_refused_before_any_step(tmp_path: Path) -> None:
    pairs = capital_pairs(2)
    pairs.append(type(pairs[0]).under([{"role": "user", "content": "x" * 99}], "A", "a"))
    with pytest.raises(InvalidInputError, match="longer than the limit"):
        tiny_trainer(tiny_policy(), tmp_path, pairs=pairs)
