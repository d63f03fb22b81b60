"""A run's checkpoints as one: the last, the best, their mean, or metrics-weighted (MWA)."""

from collections.abc import Sequence

from idiolect.errors import InvalidInputError
from idiolect.preference.checkpoints import CheckpointFolder
from idiolect.preference.merging import Lora, Merged, WeightRule, average_checkpoints
from idiolect.preference.trainer import History


def average_run(
    checkpoints: CheckpointFolder,
    history: History,
    rule: WeightRule,
    *,
    scale: float,
    by_step: bool = False,
    first: float = 0.5,
) -> Merged:
    """The weighted mean of what a run's checkpoints add to each layer, at the run's own rank.

    A checkpoint's metric is the held-out loss at its step if the run looked at held-out examples
    there, otherwise the mean training loss of the steps since the checkpoint before.

    Args:
        checkpoints: of a run that kept snapshots.
        history: what that run reported.
        rule: weights from the metrics.
        scale: alpha / rank of the adapter.
        by_step: the metric is the step itself, of which later is better.
        first: the share of the run before which checkpoints are left out, so that early noise is
            not averaged in.

    Raises:
        InvalidInputError: there are no checkpoints, or a metric that the rule does not take.
    """
    last = history.steps[-1].step if history.steps else 0
    kept = {
        step: weights
        for step, weights in checkpoints.snapshots().items()
        if step >= first * last and step > 0
    }
    if not kept:
        raise InvalidInputError(
            "the run kept no checkpoints to average",
            hint="Keep snapshots, and write checkpoints more often than the run has steps.",
        )
    steps = list(kept)
    metrics = [float(step) for step in steps] if by_step else _losses(steps, history)
    adapters = [Lora.read(weights, scale) for weights in kept.values()]
    weights = rule(metrics)
    # One checkpoint alone stays as it is; cutting it to its rank would turn its factors.
    rank = adapters[0].rank if sum(weight > 0 for weight in weights) > 1 else None
    return average_checkpoints(adapters, weights, rank=rank)


def _losses(steps: Sequence[int], history: History) -> list[float]:
    looked = {look.step: look.loss for look in history.evaluations}
    if all(step in looked for step in steps):
        return [looked[step] for step in steps]
    before = [0, *steps[:-1]]
    return [
        _mean([one.loss for one in history.steps if start < one.step <= step])
        for start, step in zip(before, steps, strict=True)
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
