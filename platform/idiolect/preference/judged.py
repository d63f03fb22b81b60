"""What is learned from besides pairs: verdicts, judged groups, rankings, and trees of steps."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.pairs import Context, Pair


@dataclass(frozen=True, kw_only=True)
class Group:
    """Several samples under one context, each with its reward; higher is better.

    A group of one is a verdict on a sample by itself: above 0 is good, 0 or less bad, and NaN a
    sample that was given as an example.

    Attributes:
        samples: the texts.
        context: what they answer.
        rewards: one for each sample.
        weight: how much the group counts, at least 0.
        source: where the judgement comes from.
        id: names the group in messages; the hash of its content unless given.

    Raises:
        InvalidInputError: no samples, an empty one or an empty context, rewards that are infinite
            or not as many, or a weight that is not a finite number of at least 0.
    """

    samples: tuple[str, ...]
    context: Context
    rewards: tuple[float, ...]
    weight: float = 1.0
    source: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.content_hash)
        fault = self._fault()
        if fault:
            raise InvalidInputError(f"group {self.id}: {fault}", code="INVALID_GROUP")

    @classmethod
    def verdict(
        cls,
        context: Context,
        sample: str,
        *,
        good: bool,
        weight: float = 1.0,
        source: str = "",
        id: str = "",
    ) -> "Group":
        """A thumb up or down on one sample."""
        rewards = (1.0 if good else -1.0,)
        return cls(
            samples=(sample,),
            context=context,
            rewards=rewards,
            weight=weight,
            source=source,
            id=id,
        )

    @classmethod
    def ranking(
        cls,
        context: Context,
        best_first: Sequence[str],
        *,
        weight: float = 1.0,
        source: str = "",
        id: str = "",
    ) -> "Group":
        """Samples in the order of preference; the rewards count down to 0."""
        rewards = tuple(float(place) for place in reversed(range(len(best_first))))
        return cls(
            samples=tuple(best_first),
            context=context,
            rewards=rewards,
            weight=weight,
            source=source,
            id=id,
        )

    @property
    def content_hash(self) -> str:
        """Hex SHA-256 of everything that training sees of this group."""
        rewards = [None if math.isnan(reward) else reward for reward in self.rewards]
        return sha256_json(
            [list(self.samples), list(self.context), rewards, self.weight, self.source]
        )

    def pairs(self, rule: str = "all", *, least_difference: float = 0.0) -> list[Pair]:
        """The pairs of samples whose rewards differ by more than ``least_difference``.

        Two samples of the same text, as a policy draws them now and then, make no pair, however
        they were judged.

        Args:
            rule: ``all``; ``adjacent``, each sample with the next worse one; or ``extremes``, the
                best with the worst.
            least_difference: in units of the reward.

        Raises:
            InvalidInputError: there is no such rule.
        """
        choose = PAIR_RULES.get(rule)
        if choose is None:
            raise InvalidInputError(
                f"there is no rule {rule!r} for pairs", hint=f"Use one of: {', '.join(PAIR_RULES)}."
            )
        order = sorted(range(len(self.samples)), key=lambda place: -self.rewards[place])
        return [
            Pair(
                sample_w=self.samples[better],
                context_w=self.context,
                sample_l=self.samples[worse],
                context_l=self.context,
                weight=self.weight,
                reward_w=self.rewards[better],
                reward_l=self.rewards[worse],
                source=self.source,
                id=f"{self.id}/{better}-{worse}",
            )
            for better, worse in choose(order)
            if self.rewards[better] - self.rewards[worse] > least_difference
            and self.samples[better] != self.samples[worse]
        ]

    def _fault(self) -> str:
        faults = {
            "it has no samples": not self.samples,
            "a sample is empty": any(not sample.strip() for sample in self.samples),
            "the context is empty": not self.context,
            f"it has {len(self.samples)} samples and {len(self.rewards)} rewards": len(self.samples)
            != len(self.rewards),
            "a reward is infinite": any(math.isinf(reward) for reward in self.rewards),
            "a reward is missing": len(self.rewards) > 1
            and any(math.isnan(reward) for reward in self.rewards),
            "the weight is not a finite number of at least 0": not (
                math.isfinite(self.weight) and self.weight >= 0
            ),
        }
        return next((fault for fault, present in faults.items() if present), "")


def _adjacent(order: Sequence[int]) -> Iterator[tuple[int, int]]:
    return pairwise(order)


def _extremes(order: Sequence[int]) -> Iterator[tuple[int, int]]:
    return iter([(order[0], order[-1])] if len(order) > 1 else [])


PAIR_RULES: Mapping[str, Callable[[Sequence[int]], Iterator[tuple[int, int]]]] = {
    "all": lambda order: combinations(order, 2),
    "adjacent": _adjacent,
    "extremes": _extremes,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A node of a preference tree: one step of an answer, and what it leads to.

    Attributes:
        text: the step; the root's is empty.
        value: how good the state after it is, from 0 to 1, as a search or a critic estimates it.
        children: the alternative next steps.
    """

    text: str
    value: float
    children: tuple["Step", ...] = ()


def step_pairs(
    root: Step, context: Sequence[Mapping[str, str]], *, least_difference: float = 0.0, id: str = ""
) -> list[Pair]:
    """The pairs of alternative steps of a tree, each with its values' difference as margin.

    CPL 2024, Step-APO: L = -log sigmoid(beta (D_w - D_l) - (V_w - V_l)), where D is over the step
    alone, given the steps before it; from beta D = r + V(after) - V(before), whose V(before) is
    shared and cancels. The steps before are an assistant's message that the sample goes on with.

    Args:
        root: of the tree.
        context: the conversation that the tree answers.
        least_difference: of the values; alternatives that are closer make no pair.
        id: names the tree in the pairs' ids.
    """
    pairs: list[Pair] = []
    _collect(root, "", tuple(context), least_difference, id or "tree", pairs)
    return pairs


def _collect(
    node: Step,
    prefix: str,
    context: tuple[Mapping[str, str], ...],
    least_difference: float,
    name: str,
    into: list[Pair],
) -> None:
    before = (*context, {"role": "assistant", "content": prefix})
    ranked = sorted(range(len(node.children)), key=lambda place: -node.children[place].value)
    for better, worse in combinations(ranked, 2):
        one, other = node.children[better], node.children[worse]
        difference = one.value - other.value
        if difference > least_difference and one.text != other.text:
            into.append(
                Pair(
                    sample_w=one.text,
                    context_w=before,
                    sample_l=other.text,
                    context_l=before,
                    margin=difference,
                    reward_w=one.value,
                    reward_l=other.value,
                    id=f"{name}/{better}-{worse}",
                )
            )
    for place, child in enumerate(node.children):
        if child.children:
            _collect(child, prefix + child.text, context, least_difference, f"{name}/{place}", into)
