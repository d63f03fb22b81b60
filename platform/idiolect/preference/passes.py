"""A step in several passes: memory for a few examples at a time, the gradient of the whole batch.

Where the loss of a row depends on the others of its batch, the passes are gone through twice, as
in GradCache (Gao et al. 2021): first without a gradient for everybody's log-probabilities, from
which the loss gives each one's gradient, then with it to carry these back through the model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic

import torch
from torch import Tensor

from idiolect.preference.batches import Batches
from idiolect.preference.columns import Outcome, Rows, Samples, Side
from idiolect.preference.metrics import divergence
from idiolect.preference.objective import Objective
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies import Encoded, Policy
from idiolect.preference.state import State


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch's outcome, without gradient, and what ``divergence`` says of it."""

    outcome: Outcome
    kl: tuple[float, float] | None


class Passes(Generic[Encoded]):
    """Goes through batches of one run.

    Args:
        policy: what is scored.
        objective: the loss.
        state: its running estimates; moved on by ``backward`` alone.
        at_once: examples in one pass.
    """

    def __init__(
        self, policy: Policy[Encoded], objective: Objective, state: State, *, at_once: int
    ) -> None:
        self._policy = policy
        self._objective = objective
        self._state = state
        self._at_once = at_once

    def backward(self, batches: Batches[Encoded], indices: Sequence[int]) -> Seen:
        """Adds the gradient of the batch's mean loss to the policy's parameters."""
        parts = list(self._parts(indices))
        if not self._objective.needs.whole_batch:
            return _together([self._alone(batches, part, len(indices)) for part in parts])
        mismatched = self._mismatched(batches, indices)
        if len(parts) == 1:
            side = self._side(batches, indices, train=True)
            batch = batches.batch(indices, side, mismatched)
            outcome = self._outcome(batch)
            torch.autograd.backward([outcome.loss.mean()])
            return Seen(_detached(outcome), divergence(batch))
        return self._coupled(batches, indices, parts, mismatched)

    def evaluate(self, batches: Batches[Encoded], indices: Sequence[int]) -> Seen:
        """The outcome of a batch, without dropout and without any gradient or memory of it."""
        sides = [self._side(batches, part, train=False) for part in self._parts(indices)]
        mismatched = self._mismatched(batches, indices)
        batch = batches.batch(indices, Side.joined(sides), mismatched)
        with torch.no_grad():
            estimates = self._state.peek(batch)
            return Seen(self._objective(batch, estimates), divergence(batch))

    def _parts(self, indices: Sequence[int]) -> Iterator[Sequence[int]]:
        for start in range(0, len(indices), self._at_once):
            yield indices[start : start + self._at_once]

    def _alone(self, batches: Batches[Encoded], part: Sequence[int], size: int) -> Seen:
        batch = batches.batch(part, self._side(batches, part, train=True), None)
        outcome = self._objective(batch, self._state.state_dict())
        torch.autograd.backward([outcome.loss.sum() / size])
        return Seen(_detached(outcome), divergence(batch))

    def _coupled(
        self,
        batches: Batches[Encoded],
        indices: Sequence[int],
        parts: Sequence[Sequence[int]],
        mismatched: Tensor | None,
    ) -> Seen:
        sides, random = [], []
        for part in parts:
            random.append(_random_state())
            with torch.no_grad():
                sides.append(self._side(batches, part, train=True))
        joined = Side.joined(sides)
        leaf = joined.policy.detach().requires_grad_()
        batch = batches.batch(indices, joined.with_policy(leaf), mismatched)
        outcome = self._outcome(batch)
        (gradient,) = torch.autograd.grad(outcome.loss.mean(), leaf)
        for part, state, rows in zip(
            parts, random, torch.split(gradient, [len(side.tokens) for side in sides]), strict=True
        ):
            _set_random_state(state)  # the same dropout as in the first pass
            policy = self._side(batches, part, train=True).policy
            torch.autograd.backward([policy], [rows[:, : policy.shape[1]]])
        return Seen(_detached(outcome), divergence(batch))

    def _outcome(self, batch: Rows | Samples) -> Outcome:
        return self._objective(batch, self._state.advance(batch))

    def _side(self, batches: Batches[Encoded], part: Sequence[int], *, train: bool) -> Side:
        return self._policy.side(
            [sample for index in part for sample in batches.samples(index)],
            [reward for index in part for reward in batches.rewards(index)],
            self._objective.needs,
            train=train,
        )

    def _mismatched(self, batches: Batches[Encoded], indices: Sequence[int]) -> Tensor | None:
        """Log-ratios of each sample under the context of the one before it in the batch."""
        if not self._objective.needs.mismatched:
            return None
        samples = [sample for index in indices for sample in batches.samples(index)]
        strange = [
            self._policy.under(context, sample)
            for context, sample in zip(samples, samples[1:] + samples[:1], strict=True)
        ]
        ratios = []
        for start in range(0, len(strange), 2 * self._at_once):
            part = strange[start : start + 2 * self._at_once]
            needs = replace(self._objective.needs, anchors=frozenset({REFERENCE}))
            with torch.no_grad():
                side = self._policy.side(part, [torch.nan] * len(part), needs, train=False)
            ratios.append((side.policy - side.anchors[REFERENCE]).sum(1))
        return torch.cat(ratios)


def _together(parts: Sequence[Seen]) -> Seen:
    outcomes = [part.outcome for part in parts]
    kls = [part.kl for part in parts if part.kl is not None]
    return Seen(
        Outcome(
            loss=torch.cat([outcome.loss for outcome in outcomes]),
            reward_w=torch.cat([outcome.reward_w for outcome in outcomes]),
            reward_l=torch.cat([outcome.reward_l for outcome in outcomes]),
        ),
        (sum(kl[0] for kl in kls), sum(kl[1] for kl in kls)) if kls else None,
    )


def _detached(outcome: Outcome) -> Outcome:
    return replace(outcome, loss=outcome.loss.detach())


def _random_state() -> tuple[Tensor, list[Tensor]]:
    return torch.get_rng_state(), torch.cuda.get_rng_state_all()


def _set_random_state(state: tuple[Tensor, list[Tensor]]) -> None:
    torch.set_rng_state(state[0])
    torch.cuda.set_rng_state_all(state[1])
