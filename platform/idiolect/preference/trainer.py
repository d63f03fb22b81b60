"""One trainer for every objective and policy: steps, metrics, checkpoints, resume, cancel."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Generic

import structlog
import torch
from torch import Tensor

from idiolect.errors import InvalidInputError, JobCancelledError, TrainingDivergedError
from idiolect.preference.checkpoints import Checkpoint, CheckpointFolder
from idiolect.preference.loops.offline import OfflineLoop
from idiolect.preference.objective import Objective, Outcome, Rows
from idiolect.preference.pairs import Pair
from idiolect.preference.policies import Encoded, Policy

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimization:
    """AdamW and what surrounds it.

    Attributes:
        learning_rate: the highest one, reached at the end of the warm-up.
        warmup_share: share of all steps in which the rate rises from zero; it then falls
            linearly to zero.
        weight_decay: AdamW's decoupled decay.
        max_gradient_norm: gradients with a larger Euclidean norm are scaled down to it.
        pairs_at_once: pairs in one forward and backward pass; a step adds up as many passes as it
            takes. Memory grows with it; the result changes by rounding only.
        checkpoint_every_steps: steps between checkpoints.
        seed: of everything random during the steps, such as dropout.
    """

    learning_rate: float
    warmup_share: float = 0.1
    weight_decay: float = 0.0
    max_gradient_norm: float = 1.0
    pairs_at_once: int = 4
    checkpoint_every_steps: int = 10
    seed: int = 0

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of a step, which counts from 0."""
        warmup = math.ceil(self.warmup_share * steps)
        if step < warmup:
            return self.learning_rate * (step + 1) / warmup
        return self.learning_rate * (steps - step) / (steps - warmup)


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """What one step saw, averaged over its pairs.

    Attributes:
        step: counts from 1.
        steps: of the whole run.
        loss: the objective's.
        accuracy: share of pairs whose logit is above 0.
        margin: the logit.
        chosen_reward: beta times the score of the chosen sample.
        rejected_reward: the same of the rejected one.
        grad_norm: before clipping.
        learning_rate: of this step.
        tokens_per_s: tokens read, contexts included, by the wall clock.
    """

    step: int
    steps: int
    loss: float
    accuracy: float
    margin: float
    chosen_reward: float
    rejected_reward: float
    grad_norm: float
    learning_rate: float
    tokens_per_s: float


class Trainer(Generic[Encoded]):
    """Optimizes a policy on fixed pairs.

    A run depends on its arguments and the checkpoint alone: killed at any moment and started
    again with the same arguments, it ends (on a CPU, with as many threads) with the same bytes.

    Args:
        policy: what is trained; keeps the result.
        objective: the loss.
        pairs: what is learned from.
        loop: which pairs each step sees.
        optimization: the optimizer's settings.
        checkpoints: where the run's state is kept.
        fingerprint: names the data, base and recipe; a checkpoint of another is not continued.
        timer: seconds, for the speed that is reported.

    Raises:
        InvalidInputError: there are no pairs, or one that the policy cannot take.
    """

    def __init__(
        self,
        policy: Policy[Encoded],
        objective: Objective,
        pairs: Sequence[Pair],
        loop: OfflineLoop,
        optimization: Optimization,
        checkpoints: CheckpointFolder,
        *,
        fingerprint: str,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        if not pairs:
            raise InvalidInputError("there are no pairs to train on")
        self._policy = policy
        self._objective = objective
        self._pairs = pairs
        self._chosen = [policy.encode(pair.context_w, pair.sample_w) for pair in pairs]
        self._rejected = [policy.encode(pair.context_l, pair.sample_l) for pair in pairs]
        self._loop = loop
        self._optimization = optimization
        self._checkpoints = checkpoints
        self._fingerprint = fingerprint
        self._timer = timer
        self._parameters = policy.parameters()
        self._optimizer = torch.optim.AdamW(
            self._parameters,
            lr=optimization.learning_rate,
            weight_decay=optimization.weight_decay,
        )
        self._history: list[StepMetrics] = []

    def run(
        self,
        *,
        on_metrics: Callable[[StepMetrics], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> list[StepMetrics]:
        """Trains to the end, from the newest checkpoint if there is one.

        Args:
            on_metrics: called after every step.
            should_stop: asked before every step.

        Returns:
            The metrics of all steps, those before a resume included.

        Raises:
            JobCancelledError: ``should_stop`` said so; a checkpoint of this moment is kept.
            TrainingDivergedError: a loss or gradient was not finite; the newest checkpoint is
                from before that.
        """
        with torch.random.fork_rng():
            torch.manual_seed(self._optimization.seed)
            start = self._resume()
            self._policy.anchor([*self._chosen, *self._rejected])
            for step in range(start, self._loop.steps):
                if should_stop():
                    self._save(step)
                    raise JobCancelledError(
                        f"training was stopped after {step} of {self._loop.steps} steps"
                    )
                self._history.append(self._step(step))
                done = step + 1
                if done % self._optimization.checkpoint_every_steps == 0:
                    self._save(done)
                on_metrics(self._history[-1])
            self._save(self._loop.steps)
        return list(self._history)

    def _step(self, step: int) -> StepMetrics:
        started = self._timer()
        batch = self._loop.batch(step)
        self._optimizer.zero_grad(set_to_none=True)
        outcome = self._accumulate(batch)
        loss = outcome.loss.mean()
        norm = torch.nn.utils.clip_grad_norm_(
            self._parameters, self._optimization.max_gradient_norm
        )
        if not bool(torch.isfinite(loss) & torch.isfinite(norm)):
            named = ", ".join(self._pairs[index].id for index in batch)
            raise TrainingDivergedError(
                f"the loss of step {step + 1} is {loss.item()} and its gradient's norm"
                f" {norm.item()}; its pairs: {named}"
            )
        rate = self._optimization.rate(step, self._loop.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        return self._metrics(step, outcome, norm, rate, self._timer() - started)

    def _accumulate(self, batch: Sequence[int]) -> Outcome:
        """Adds the gradient of the batch's mean loss up; the outcome carries none any more."""
        at_once = self._optimization.pairs_at_once
        parts = []
        for start in range(0, len(batch), at_once):
            outcome = self._objective(self._rows(batch[start : start + at_once]))
            torch.autograd.backward([outcome.loss.sum() / len(batch)])
            parts.append(outcome)
        return Outcome(
            *(
                torch.cat([getattr(part, column.name).detach() for part in parts])
                for column in fields(Outcome)
            )
        )

    def _rows(self, batch: Sequence[int]) -> Rows:
        chosen, rejected = self._policy.sides(
            [self._chosen[index] for index in batch], [self._rejected[index] for index in batch]
        )
        return Rows(
            chosen=chosen,
            rejected=rejected,
            weight=chosen.policy.new_tensor([self._pairs[index].weight for index in batch]),
            margin=chosen.policy.new_tensor([self._pairs[index].margin for index in batch]),
        )

    def _metrics(
        self, step: int, outcome: Outcome, norm: Tensor, rate: float, seconds: float
    ) -> StepMetrics:
        batch = self._loop.batch(step)
        tokens = sum(
            self._policy.size(side[index])
            for side in (self._chosen, self._rejected)
            for index in batch
        )
        beta = self._objective.logit.beta
        return StepMetrics(
            step=step + 1,
            steps=self._loop.steps,
            loss=outcome.loss.mean().item(),
            accuracy=(outcome.logit > 0).float().mean().item(),
            margin=outcome.logit.mean().item(),
            chosen_reward=beta * outcome.score_w.mean().item(),
            rejected_reward=beta * outcome.score_l.mean().item(),
            grad_norm=norm.item(),
            learning_rate=rate,
            tokens_per_s=tokens / seconds if seconds > 0 else 0.0,
        )

    def _save(self, step: int) -> None:
        self._checkpoints.save(
            Checkpoint(
                fingerprint=self._fingerprint,
                step=step,
                policy=self._policy.state_dict(),
                optimizer=self._optimizer.state_dict(),
                random={"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all()},
                anchors=self._policy.anchor_state(),
                history=[asdict(metrics) for metrics in self._history],
            )
        )

    def _resume(self) -> int:
        checkpoint = self._checkpoints.load()
        if checkpoint is None:
            return 0
        if checkpoint.fingerprint != self._fingerprint:
            log.warning("checkpoint_of_another_run_removed", step=checkpoint.step)
            self._checkpoints.clear()
            return 0
        self._policy.load_state_dict(checkpoint.policy)
        self._policy.load_anchor_state(checkpoint.anchors)
        self._optimizer.load_state_dict(dict(checkpoint.optimizer))
        torch.set_rng_state(checkpoint.random["cpu"])
        torch.cuda.set_rng_state_all(checkpoint.random["cuda"])
        self._history = [StepMetrics(**entry) for entry in checkpoint.history]
        log.info("training_resumed", step=checkpoint.step, steps=self._loop.steps)
        return checkpoint.step
