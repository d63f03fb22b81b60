"""A step in several passes: memory for a few examples at a time, the gradient of the whole batch.

Where the loss of a row depends on the others of its batch, the passes are gone through twice, as
in GradCache (Gao et al. 2021): first without a gradient for everybody's log-probabilities, from
which the loss gives each one's gradient, then with it to carry these back through the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from typing import Generic

import torch
from torch import Tensor

from idiolect.preference.batches import Batches
from idiolect.preference.columns import Outcome, Side
from idiolect.preference.metrics import divergence
from idiolect.preference.objective import Needs, Objective
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies import Encoded, Policy
from idiolect.preference.state import State


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch's outcome, without gradient, and what ``divergence`` says of it."""

    outcome: Outcome
    kl: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Wanted(Generic[Encoded]):
    """What an objective needs of a policy for one batch.

    Attributes:
        samples: what to score.
        rewards: of each, NaN for none.
        needs: which columns.
    """

    samples: Sequence[Encoded]
    rewards: Sequence[float]
    needs: Needs


class Passes(Generic[Encoded]):
    """Goes through batches of one run.

    Args:
        policy: what is scored; it says how much goes through at once.
        objective: the loss.
        state: its running estimates; moved on by ``judge`` and ``backward`` alone.
    """

    def __init__(self, policy: Policy[Encoded], objective: Objective, state: State) -> None:
        self._policy = policy
        self._objective = objective
        self._state = state

    def backward(self, batches: Batches[Encoded], indices: Sequence[int]) -> Seen:
        """Adds the gradient of the batch's mean loss to the policy's parameters."""
        plan = self._policy.passes([batches.samples(index) for index in indices])
        if len(plan) == 1:
            # Before the forward pass: layers that are computed again in the backward pass must
            # find the model as the forward pass left it.
            mismatched = self.mismatched(batches, indices)
            side = self._side(batches, indices, train=True)
            loss, seen = self.judge(batches, indices, side, mismatched)
            torch.autograd.backward([loss])
            return seen
        if self._objective.needs.whole_batch:
            return self._coupled(batches, indices, plan)
        parts = [[indices[place] for place in places] for places in plan]
        return _together([self._alone(batches, part, len(indices)) for part in parts])

    def wanted(self, batches: Batches[Encoded], indices: Sequence[int]) -> Wanted[Encoded]:
        """What has to be scored for a batch."""
        return Wanted(
            samples=[sample for index in indices for sample in batches.samples(index)],
            rewards=[reward for index in indices for reward in batches.rewards(index)],
            needs=self._objective.needs,
        )

    def judge(
        self,
        batches: Batches[Encoded],
        indices: Sequence[int],
        side: Side,
        mismatched: Tensor | None,
    ) -> tuple[Tensor, Seen]:
        """The mean loss of a whole batch, with its gradient, and what was seen of it."""
        batch = batches.batch(indices, side, mismatched)
        outcome = self._objective(batch, self._state.advance(batch))
        return outcome.loss.mean(), Seen(_detached(outcome), divergence(batch))

    def evaluate(self, batches: Batches[Encoded], indices: Sequence[int]) -> Seen:
        """The outcome of a batch, without dropout and without any gradient or memory of it."""
        side = self._side(batches, indices, train=False)
        batch = batches.batch(indices, side, self.mismatched(batches, indices))
        with torch.no_grad():
            estimates = self._state.peek(batch)
            return Seen(self._objective(batch, estimates), divergence(batch))

    def _alone(self, batches: Batches[Encoded], part: Sequence[int], size: int) -> Seen:
        batch = batches.batch(part, self._side(batches, part, train=True), None)
        outcome = self._objective(batch, self._state.state_dict())
        torch.autograd.backward([outcome.loss.sum() / size])
        return Seen(_detached(outcome), divergence(batch))

    def _coupled(
        self, batches: Batches[Encoded], indices: Sequence[int], plan: Sequence[Sequence[int]]
    ) -> Seen:
        parts = [[indices[place] for place in places] for places in plan]
        sides, random = [], []
        for part in parts:
            random.append(_random_state())
            with torch.no_grad():
                sides.append(self._side(batches, part, train=True))
        joined = Side.joined(sides)
        leaf = joined.policy.detach().requires_grad_()
        sizes = [len(batches.samples(index)) for index in indices]
        order = _restored(plan, sizes).to(leaf.device)
        side = joined.with_policy(leaf).take(order)
        loss, seen = self.judge(batches, indices, side, self.mismatched(batches, indices))
        (gradient,) = torch.autograd.grad(loss, leaf)
        for part, state, rows in zip(
            parts, random, torch.split(gradient, [len(side.tokens) for side in sides]), strict=True
        ):
            _set_random_state(state)  # the same dropout as in the first pass
            policy = self._side(batches, part, train=True).policy
            torch.autograd.backward([policy], [rows[:, : policy.shape[1]]])
        return seen

    def _side(self, batches: Batches[Encoded], part: Sequence[int], *, train: bool) -> Side:
        wanted = self.wanted(batches, part)
        return self._policy.side(wanted.samples, wanted.rewards, wanted.needs, train=train)

    def mismatched(self, batches: Batches[Encoded], indices: Sequence[int]) -> Tensor | None:
        """Log-ratios of each sample under the context of the one before it in the batch."""
        if not self._objective.needs.mismatched:
            return None
        samples = [sample for index in indices for sample in batches.samples(index)]
        strange = [
            self._policy.under(context, sample)
            for context, sample in zip(samples, samples[1:] + samples[:1], strict=True)
        ]
        needs = replace(self._objective.needs, anchors=frozenset({REFERENCE}))
        with torch.no_grad():
            side = self._policy.side(strange, [torch.nan] * len(strange), needs, train=False)
        return (side.policy - side.anchors[REFERENCE]).sum(1)


def _restored(plan: Sequence[Sequence[int]], sizes: Sequence[int]) -> Tensor:
    """Where each example's samples are after the examples were scored in the order of a plan."""
    planned = list(chain.from_iterable(plan))
    ends = dict(zip(planned, accumulate(sizes[place] for place in planned), strict=True))
    return torch.cat(
        [torch.arange(ends[place] - size, ends[place]) for place, size in enumerate(sizes)]
    )


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
