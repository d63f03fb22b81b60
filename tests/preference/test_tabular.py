"""The tabular policy is a softmax, keeps its anchors, and is trained by the real trainer."""

import math
from pathlib import Path

import pytest
import torch

from idiolect.errors import InvalidInputError, JobCancelledError
from idiolect.preference.checkpoints import CheckpointFolder
from idiolect.preference.loops.offline import OfflineLoop
from idiolect.preference.objective import Needs
from idiolect.preference.optimization import Optimization
from idiolect.preference.pairs import Pair
from idiolect.preference.policies.tabular import Arm, TabularPolicy
from idiolect.preference.presets import objective
from idiolect.preference.trainer import StepMetrics, Trainer

torch.set_num_threads(1)

REFERENCE = torch.tensor([[0.0, 1.0, -1.0], [0.5, 0.0, 0.0]])


def pair(probability: float = 1.0) -> Pair:
    return Pair.under((0,), "0", "1", probability=probability)


def trainer(policy: TabularPolicy, folder: Path, pairs: list[Pair], epochs: int = 300) -> Trainer:
    return Trainer(
        policy,
        objective("inpo" if len(pairs) > 1 else "dpo"),
        pairs,
        OfflineLoop(pairs=len(pairs), batch_size=2, epochs=epochs, seed=0),
        Optimization(learning_rate=0.2, warmup_share=0.0, checkpoint_every_steps=10**6),
        CheckpointFolder(folder),
        fingerprint="run",
    )


def test_it_starts_as_its_reference() -> None:
    policy = TabularPolicy(REFERENCE)
    torch.testing.assert_close(policy.log_probs().detach(), policy.log_probs("reference"))
    assert policy.probabilities().sum(1).tolist() == pytest.approx([1.0, 1.0])


def test_dpo_settles_at_the_log_odds_over_beta(tmp_path: Path) -> None:
    policy = TabularPolicy(REFERENCE)
    trainer(policy, tmp_path, [pair(probability=0.7)]).run()
    ratio = policy.log_probs().detach() - policy.log_probs("reference")
    # beta h = logit(0.7), with beta 0.1
    assert float(ratio[0, 0] - ratio[0, 1]) == pytest.approx(10 * math.log(0.7 / 0.3), abs=1e-3)


def test_features_carry_what_is_learned_over_to_similar_arms(tmp_path: Path) -> None:
    features = torch.tensor([[[1.0], [0.0], [0.0]], [[0.0], [0.9], [0.0]]])
    policy = TabularPolicy(REFERENCE, features)
    trainer(policy, tmp_path, [pair(probability=0.7)]).run()
    assert float(policy.probabilities()[1, 1]) > float(torch.softmax(REFERENCE, 1)[1, 1])


def test_columns_are_spread_over_the_tokens_of_each_arm() -> None:
    policy = TabularPolicy(REFERENCE, tokens=torch.tensor([[1, 2, 4], [1, 1, 1]]))
    needs = Needs(anchors=frozenset({"reference"}), collision=True)
    side = policy.side([Arm(0, 2), Arm(0, 1)], [1.0, 0.0], needs, train=False)
    log_probs = torch.log_softmax(REFERENCE.double(), 1)[0]
    assert side.policy.shape == (2, 4)
    assert side.policy[1].tolist() == pytest.approx([float(log_probs[1]) / 2] * 2 + [0, 0])
    assert side.policy.sum(1).tolist() == pytest.approx([float(log_probs[2]), float(log_probs[1])])
    assert side.collision is not None
    assert float(side.collision[0].sum()) == pytest.approx(
        math.log(float(log_probs.exp().square().sum()))
    )
    assert not side.policy.requires_grad


def test_a_frozen_policy_stays_and_a_resumed_run_ends_alike(tmp_path: Path) -> None:
    pairs = [pair(), Pair.under((1,), "2", "0")]
    whole = TabularPolicy(REFERENCE)
    trainer(whole, tmp_path / "whole", pairs, epochs=20).run()
    assert torch.equal(whole.log_probs("previous"), whole.log_probs("reference"))

    steps: list[StepMetrics] = []
    with pytest.raises(JobCancelledError):
        trainer(TabularPolicy(REFERENCE), tmp_path / "cut", pairs, epochs=20).run(
            on_metrics=steps.append, should_stop=lambda: len(steps) == 7
        )
    resumed = TabularPolicy(REFERENCE)
    trainer(resumed, tmp_path / "cut", pairs, epochs=20).run()
    torch.testing.assert_close(resumed.weights, whole.weights, rtol=0, atol=0)


@pytest.mark.parametrize(("context", "sample"), [((2,), "0"), ((0,), "3"), ((0,), "x")])
def test_an_arm_that_is_not_there_is_refused(context: tuple[int], sample: str) -> None:
    with pytest.raises(InvalidInputError, match="there is no arm"):
        TabularPolicy(REFERENCE).encode(context, sample)


def test_an_unknown_anchor_is_an_error() -> None:
    with pytest.raises(KeyError):
        TabularPolicy(REFERENCE).log_probs("previous")
