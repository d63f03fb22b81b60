"""One trainer for every objective and policy: steps, metrics, checkpoints, resume, cancel."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Generic, NoReturn

import structlog
import torch
from torch import Tensor

from idiolect.errors import JobCancelledError, TrainingDivergedError
from idiolect.preference.batches import Example, batches_for, numbered, require_known
from idiolect.preference.checkpoints import Checkpoint, CheckpointFolder
from idiolect.preference.columns import Side
from idiolect.preference.early_stopping import Best, EarlyStopping
from idiolect.preference.loops.offline import OfflineLoop
from idiolect.preference.metrics import Reading, StepMetrics, by_name, reading
from idiolect.preference.objective import Objective, state_of
from idiolect.preference.optimization import Optimization
from idiolect.preference.passes import Passes, Seen, Wanted
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies import Encoded, Policy

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Evaluation(Reading):
    """What a look at the held-out examples saw after a step, which counts from 1."""

    step: int


@dataclass(frozen=True, slots=True)
class History:
    """What a run reported.

    Attributes:
        steps: the metrics of every step, those before a resume included.
        evaluations: the looks at the held-out examples.
        stopped_early: the held-out examples had stopped getting better.
        best_step: the step whose weights were kept; the last one without held-out examples.
    """

    steps: list[StepMetrics] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    stopped_early: bool = False
    best_step: int = 0


class Trainer(Generic[Encoded]):
    """Optimizes a policy on fixed examples.

    A run depends on its arguments and the checkpoint alone: killed at any moment and started
    again with the same arguments, it ends (on a CPU, with as many threads) with the same bytes.

    Args:
        policy: what is trained; keeps the result.
        objective: the loss.
        examples: what is learned from: all pairs, or all groups.
        loop: which examples each step sees.
        optimization: the optimizer's settings.
        checkpoints: where the run's state is kept.
        fingerprint: names the data, base and recipe; a checkpoint of another is not continued.
        held_out: examples to look at but not to learn from.
        early_stopping: when to look at them and when to stop; the best weights are kept.
        timer: seconds, for the speed that is reported.

    Raises:
        InvalidInputError: there are no examples, or one that the objective or the policy cannot
            take.
    """

    def __init__(
        self,
        policy: Policy[Encoded],
        objective: Objective,
        examples: Sequence[Example],
        loop: OfflineLoop,
        optimization: Optimization,
        checkpoints: CheckpointFolder,
        *,
        fingerprint: str,
        held_out: Sequence[Example] = (),
        early_stopping: EarlyStopping | None = None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._policy = policy
        self._objective = objective
        # Estimates are kept by a source's number, so it has the same in both.
        sources = numbered([*examples, *held_out])
        require_known(objective, sources)
        self._batches = batches_for(policy, objective, examples, sources)
        self._held_out = batches_for(policy, objective, held_out, sources) if held_out else None
        policy.prepare([self._batches.samples(index) for index in range(len(self._batches.ids))])
        self._loop = loop
        self._optimization = optimization
        self._checkpoints = checkpoints
        self._fingerprint = fingerprint
        self._early_stopping = early_stopping or EarlyStopping()
        self._timer = timer
        self._parameters = policy.parameters()
        self._optimizer = optimization.optimizer_of(self._parameters)
        self._state = state_of(objective)
        self._passes = Passes(policy, objective, self._state)
        self._best = Best()
        self._history = History()
        self._done = 0

    def run(
        self,
        *,
        on_metrics: Callable[[StepMetrics], None] = lambda _: None,
        on_evaluation: Callable[[Evaluation], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> History:
        """Trains to the end, from the newest checkpoint if there is one.

        Args:
            on_metrics: called after every step.
            on_evaluation: called after every look at the held-out examples.
            should_stop: asked before every step.

        Raises:
            JobCancelledError: ``should_stop`` said so; a checkpoint of this moment is kept.
            TrainingDivergedError: a loss or gradient was not finite; the newest checkpoint is
                from before that.
        """
        with torch.random.fork_rng():
            self.begin()
            while self.goes_on:
                if should_stop():
                    self.cancel()
                started = self._timer()
                seen = self._passes.backward(self._batches, self._loop.batch(self._done))
                metrics, look = self.advance(seen, started)
                if look is not None:
                    on_evaluation(look)
                on_metrics(metrics)
            return self.end()

    # The parts of ``run``, for whoever drives several runs at once (``together``).

    def begin(self) -> None:
        """Goes to where the newest checkpoint was, or to the start."""
        torch.manual_seed(self._optimization.seed)
        self._optimizer.zero_grad(set_to_none=True)  # of whatever was done with the policy before
        for name in sorted(self._objective.needs.anchors - {REFERENCE}):
            self._policy.freeze(name)  # before the first step, also of a run that is resumed
        self._done = self._resume()
        self._anchor()
        if not self._done:  # so that a run that diverges at once has a good checkpoint too
            self._save()

    @property
    def goes_on(self) -> bool:
        """There is another step."""
        return self._done < self._loop.steps and not self._has_stopped()

    def cancel(self) -> NoReturn:
        """
        Raises:
            JobCancelledError: always; a checkpoint of this moment is kept.
        """
        self._save()
        raise JobCancelledError(
            f"training was stopped after {self._done} of {self._loop.steps} steps"
        )

    def wanted(self) -> Wanted[Encoded]:
        """What has to be scored for the next step."""
        return self._passes.wanted(self._batches, self._loop.batch(self._done))

    def judge(self, side: Side) -> tuple[Tensor, Seen]:
        """The next step's loss, to be carried back by the caller, from what was ``wanted``."""
        batch = self._loop.batch(self._done)
        mismatched = self._passes.mismatched(self._batches, batch)
        return self._passes.judge(self._batches, batch, side, mismatched)

    def advance(self, seen: Seen, started: float) -> tuple[StepMetrics, Evaluation | None]:
        """Moves the weights by their gradients, looks at what is held out, and checkpoints.

        Args:
            seen: what the step saw.
            started: when it began, by the timer.

        Raises:
            TrainingDivergedError: the loss or the gradient is not finite; nothing was moved.
        """
        norm, rate = self._move(seen)
        metrics = self._metrics(reading(seen.outcome, seen.kl), norm, rate, self._timer() - started)
        self._done += 1
        self._history.steps.append(metrics)
        look = self._look()
        if self._done % self._optimization.checkpoint_every_steps == 0:
            self._save()
        return metrics, look

    def end(self) -> History:
        """Checkpoints, and puts the best weights back."""
        self._save()
        if self._best.weights:
            self._policy.load_state_dict(self._best.weights)
        return History(
            steps=list(self._history.steps),
            evaluations=list(self._history.evaluations),
            stopped_early=self._done < self._loop.steps,
            best_step=self._best.step if self._best.weights else self._done,
        )

    def _anchor(self) -> None:
        for batches in (self._batches, self._held_out):
            if batches is None:
                continue
            samples = [
                sample for index in range(len(batches.ids)) for sample in batches.samples(index)
            ]
            self._policy.anchor(samples, sorted(self._objective.needs.anchors))

    def _move(self, seen: Seen) -> tuple[Tensor, float]:
        loss = seen.outcome.loss.mean()
        norm = torch.nn.utils.clip_grad_norm_(
            self._parameters, self._optimization.max_gradient_norm
        )
        if not bool(torch.isfinite(loss) & torch.isfinite(norm)):
            named = ", ".join(self._batches.ids[index] for index in self._loop.batch(self._done))
            raise TrainingDivergedError(
                f"the loss of step {self._done + 1} is {loss.item()} and its gradient's norm"
                f" {norm.item()}; its examples: {named}"
            )
        rate = self._optimization.rate(self._done, self._loop.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return norm, rate

    def _metrics(self, seen: Reading, norm: Tensor, rate: float, seconds: float) -> StepMetrics:
        tokens = sum(
            self._policy.size(sample)
            for index in self._loop.batch(self._done)
            for sample in self._batches.samples(index)
        )
        return StepMetrics(
            **asdict(seen),
            step=self._done + 1,
            steps=self._loop.steps,
            grad_norm=norm.item(),
            learning_rate=rate,
            tokens_per_s=tokens / seconds if seconds > 0 else 0.0,
            estimates=by_name(self._state.state_dict(), self._batches.sources),
        )

    def _look(self) -> Evaluation | None:
        rule, done = self._early_stopping, self._done
        if self._held_out is None or (done % rule.every_steps and done != self._loop.steps):
            return None
        seen = self._passes.evaluate(self._held_out, range(len(self._held_out.ids)))
        evaluation = Evaluation(**asdict(reading(seen.outcome, seen.kl)), step=done)
        self._history.evaluations.append(evaluation)
        self._best.look(evaluation.loss, done, self._policy.state_dict(), rule)
        return evaluation

    def _has_stopped(self) -> bool:
        return self._held_out is not None and self._best.failures >= self._early_stopping.patience

    def _save(self) -> None:
        self._checkpoints.save(
            Checkpoint(
                fingerprint=self._fingerprint,
                step=self._done,
                policy=self._policy.state_dict(),
                optimizer=self._optimizer.state_dict(),
                random={"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all()},
                anchors=self._policy.anchor_state(),
                estimates=self._state.state_dict(),
                best=self._best.weights,
                looks=self._best.summary(),
                history=[asdict(metrics) for metrics in self._history.steps],
                evaluations=[asdict(look) for look in self._history.evaluations],
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
        self._state.load_state_dict(checkpoint.estimates)
        self._best = Best(**checkpoint.looks, weights=dict(checkpoint.best))
        torch.set_rng_state(checkpoint.random["cpu"])
        torch.cuda.set_rng_state_all(checkpoint.random["cuda"])
        self._history = History(
            steps=[StepMetrics(**entry) for entry in checkpoint.history],
            evaluations=[Evaluation(**entry) for entry in checkpoint.evaluations],
        )
        log.info("training_resumed", step=checkpoint.step, steps=self._loop.steps)
        return checkpoint.step
