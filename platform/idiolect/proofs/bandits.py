"""Synthetic worlds whose true preferences are known: contexts, arms, features and rewards."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from idiolect.preference.pairs import UNJUDGED, Pair
from idiolect.preference.policies.tabular import TabularPolicy


def generator(seed: int, purpose: int = 0) -> torch.Generator:
    """Random numbers of their own for each seed and purpose."""
    return torch.Generator().manual_seed(seed * 1_000_003 + purpose)


@dataclass(frozen=True, slots=True)
class World:
    """Arms with features whose true reward is linear in them.

    Attributes:
        features: ``[contexts, arms, features]``.
        reward: the true one, ``[contexts, arms]``.
    """

    features: Tensor
    reward: Tensor

    @classmethod
    def linear(
        cls, seed: int, *, contexts: int, arms: int, features: int, spread: float = 1.0
    ) -> "World":
        """Features and taste are drawn from a normal distribution.

        Args:
            spread: standard deviation of the rewards.
        """
        random = generator(seed)
        values = torch.randn(contexts, arms, features, generator=random, dtype=torch.float64)
        taste = torch.randn(features, generator=random, dtype=torch.float64)
        return cls(values, spread * values @ taste / taste.norm())

    def policy(self) -> TabularPolicy:
        """An untrained log-linear policy whose reference is uniform."""
        return TabularPolicy(torch.zeros_like(self.reward), self.features)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """n comparisons of two different arms.

    Attributes:
        context: ``[n]``.
        better: the arm that is truly better, ``[n]``.
        worse: the other, ``[n]``.
    """

    context: Tensor
    better: Tensor
    worse: Tensor

    def __len__(self) -> int:
        return len(self.context)

    def gap(self, values: Tensor) -> Tensor:
        """The better arm's value less the other's, ``[contexts, arms]`` to ``[n]``."""
        return values[self.context, self.better] - values[self.context, self.worse]

    def pairs(
        self,
        flipped: Tensor,
        *,
        source: Sequence[str] | None = None,
        rewards: Tensor | None = None,
    ) -> list[Pair]:
        """Pairs as annotators gave them.

        Args:
            flipped: where they chose the worse arm, ``[n]``.
            source: the annotator of each.
            rewards: of a reward model, ``[contexts, arms]``.
        """
        made = []
        rows = zip(self.context.tolist(), self.better.tolist(), self.worse.tolist(), strict=True)
        for place, (context, better, worse) in enumerate(rows):
            chosen, rejected = (worse, better) if flipped[place] else (better, worse)
            judged = (UNJUDGED, UNJUDGED)
            if rewards is not None:
                judged = (float(rewards[context, chosen]), float(rewards[context, rejected]))
            made.append(
                Pair.under(
                    (context,),
                    str(chosen),
                    str(rejected),
                    rewards=judged,
                    source=source[place] if source else "",
                    id=str(place),
                )
            )
        return made


def compare(reward: Tensor, random: torch.Generator, *, number: int) -> Comparisons:
    """Draws pairs of different arms, with contexts and arms evenly, in their true order.

    Args:
        reward: ``[contexts, arms]``.
    """
    contexts, arms = reward.shape
    context = torch.randint(contexts, (number,), generator=random)
    one = torch.randint(arms, (number,), generator=random)
    other = (one + torch.randint(1, arms, (number,), generator=random)) % arms
    first = reward[context, one] >= reward[context, other]
    return Comparisons(context, torch.where(first, one, other), torch.where(first, other, one))


def merged(pairs: Sequence[Pair]) -> list[Pair]:
    """Equal pairs as one that weighs as much as they are many; the weights' mean is 1.

    The loss is the same and a step much quicker, where few arms are drawn often.
    """
    counts = Counter(replace(pair, id="-") for pair in pairs)
    mean = len(pairs) / len(counts)
    return [
        replace(pair, weight=pair.weight * count / mean, id=str(place))
        for place, (pair, count) in enumerate(counts.items())
    ]


def accuracy(policy: TabularPolicy, held_out: Comparisons) -> float:
    """Share of comparisons in which the policy's log-ratio has the true order; a tie is half."""
    ratio = policy.log_probs().detach() - policy.log_probs("reference")
    gap = held_out.gap(ratio)
    return float((gap > 0).double().mean() + 0.5 * (gap == 0).double().mean())


def scaled(number: int, scale: float, least: int = 1) -> int:
    """A number of anything at this scale, but at least so many."""
    return max(least, round(scale * number))


def scaled_steps(steps: int, scale: float) -> int:
    """Training steps at this scale: they shrink with its root, since half-trained shows nothing."""
    return max(1, round(math.sqrt(scale) * steps))
