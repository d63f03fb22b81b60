"""Fits a policy, a table or a language model, with the real trainer, as adapters are fitted."""

import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from idiolect.preference.batches import Example
from idiolect.preference.checkpoints import CheckpointFolder
from idiolect.preference.language import Spec, compose
from idiolect.preference.loops.offline import OfflineLoop
from idiolect.preference.objective import Objective
from idiolect.preference.optimization import Optimization, ScheduleName
from idiolect.preference.policies import Encoded, Policy
from idiolect.preference.trainer import Trainer

_NEVER = 1_000_000_000


def fit(
    policy: Policy[Encoded],
    objective: Objective | Spec,
    examples: Sequence[Example],
    *,
    steps: int,
    learning_rate: float,
    batch_size: int = 0,
    schedule: ScheduleName = "linear",
    warmup_share: float = 0.0,
    max_gradient_norm: float = math.inf,
    seed: int = 0,
) -> Mapping[str, Tensor]:
    """Trains a policy in place, with Adam.

    Whoever asks for the anchor ``previous`` gets the policy as it is when this is called, so
    calling it again is a next round.

    Args:
        policy: what is trained.
        objective: one, or its description.
        examples: pairs or groups.
        steps: about how many; rounded up to whole epochs.
        learning_rate: the highest, of Adam: about how far a parameter moves in a step.
        batch_size: examples a step; all of them by default.
        schedule: how the rate falls; to zero by default.
        warmup_share: share of the steps in which the rate rises from zero.
        max_gradient_norm: longer gradients are scaled down to it.
        seed: of the batches.

    Returns:
        The objective's running estimates at the end.
    """
    size = min(batch_size or len(examples), len(examples))
    steps_per_epoch = -(-len(examples) // size)
    loop = OfflineLoop(
        pairs=len(examples), batch_size=size, epochs=-(-steps // steps_per_epoch), seed=seed
    )
    optimization = Optimization(
        learning_rate=learning_rate,
        schedule=schedule,
        warmup_share=warmup_share,
        max_gradient_norm=max_gradient_norm,
        checkpoint_every_steps=_NEVER,
        seed=seed,
    )
    whole = compose(objective) if isinstance(objective, str | Mapping) else objective
    with tempfile.TemporaryDirectory() as folder:
        checkpoints = CheckpointFolder(Path(folder))
        trainer = Trainer(
            policy, whole, examples, loop, optimization, checkpoints, fingerprint="proof"
        )
        trainer.run()
        end = checkpoints.load()
    return {} if end is None else end.estimates
