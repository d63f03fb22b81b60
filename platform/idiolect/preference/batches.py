"""Examples as batches: how pairs and groups are encoded, laid out flat and put together again."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from idiolect.errors import InvalidInputError
from idiolect.preference.columns import Rows, Samples, Side
from idiolect.preference.judged import Group
from idiolect.preference.objective import Comparison, Kind, Objective
from idiolect.preference.pairs import Pair
from idiolect.preference.policies import Encoded, Policy

Example = Pair | Group

Encoded_co = TypeVar("Encoded_co", covariant=True)


class Batches(Protocol[Encoded_co]):
    """Encoded examples, given out in batches."""

    @property
    def ids(self) -> Sequence[str]:
        """The examples' names."""
        ...

    def samples(self, index: int) -> Sequence[Encoded_co]:
        """What the policy has to score for an example."""
        ...

    def rewards(self, index: int) -> Sequence[float]:
        """The rewards of those, NaN for none."""
        ...

    def batch(
        self, indices: Sequence[int], side: Side, mismatched: Tensor | None
    ) -> Rows | Samples:
        """The batch of some examples, from the columns of their samples one after the other."""
        ...


class PairBatches(Generic[Encoded]):
    """Two samples an example."""

    def __init__(
        self, policy: Policy[Encoded], pairs: Sequence[Pair], sources: Mapping[str, int]
    ) -> None:
        self.ids = [pair.id for pair in pairs]
        self._pairs = pairs
        self._samples = [
            (
                policy.encode(pair.context_w, pair.sample_w),
                policy.encode(pair.context_l, pair.sample_l),
            )
            for pair in pairs
        ]
        self.sources = sources

    def samples(self, index: int) -> Sequence[Encoded]:
        return self._samples[index]

    def rewards(self, index: int) -> Sequence[float]:
        return (self._pairs[index].reward_w, self._pairs[index].reward_l)

    def batch(self, indices: Sequence[int], side: Side, mismatched: Tensor | None) -> Rows:
        pairs = [self._pairs[index] for index in indices]
        first = torch.arange(0, 2 * len(pairs), 2, device=side.policy.device)
        new = side.policy.new_tensor
        return Rows(
            chosen=side.take(first),
            rejected=side.take(first + 1),
            weight=new([pair.weight for pair in pairs]),
            margin=new([pair.margin for pair in pairs]),
            probability=new([pair.probability for pair in pairs]),
            source=first.new_tensor([self.sources[pair.source] for pair in pairs]),
            mismatched=mismatched,
        )


class GroupBatches(Generic[Encoded]):
    """As many samples an example as it has."""

    def __init__(self, policy: Policy[Encoded], groups: Sequence[Group]) -> None:
        self.ids = [group.id for group in groups]
        self.sources: Mapping[str, int] = {}
        self._groups = groups
        self._samples = [
            tuple(policy.encode(group.context, sample) for sample in group.samples)
            for group in groups
        ]

    def samples(self, index: int) -> Sequence[Encoded]:
        return self._samples[index]

    def rewards(self, index: int) -> Sequence[float]:
        return self._groups[index].rewards

    def batch(self, indices: Sequence[int], side: Side, mismatched: Tensor | None) -> Samples:
        groups = [self._groups[index] for index in indices]
        sizes = torch.tensor([len(group.samples) for group in groups], device=side.policy.device)
        return Samples(
            side=side,
            group=torch.repeat_interleave(sizes),
            weight=side.policy.new_tensor([group.weight for group in groups]),
            mismatched=mismatched,
        )


def numbered(examples: Sequence[Example]) -> dict[str, int]:
    """The examples' sources with their numbers, in the order in which they first come."""
    sources = dict.fromkeys(one.source for one in examples)
    return {source: number for number, source in enumerate(sources)}


def batches_for(
    policy: Policy[Encoded],
    objective: Objective,
    examples: Sequence[Example],
    sources: Mapping[str, int] | None = None,
) -> PairBatches[Encoded] | GroupBatches[Encoded]:
    """Encodes examples for an objective.

    Args:
        policy: encodes them.
        objective: what they are for.
        examples: all pairs, or all groups.
        sources: their sources' numbers; by default those of ``numbered``.

    Raises:
        InvalidInputError: they do not fit the objective, or one is too long for the policy.
    """
    if objective.needs.log_probs and not policy.gives_log_probs:
        raise InvalidInputError(
            "this objective takes odds of probabilities, and this policy gives scores of another"
            " kind",
            hint="Choose an objective of scores, such as mapo or dpo.",
            code="SENSELESS_OBJECTIVE",
        )
    require_fit(objective, examples)
    pairs = [example for example in examples if isinstance(example, Pair)]
    if pairs:
        return PairBatches(policy, pairs, sources or numbered(pairs))
    return GroupBatches(policy, [one for one in examples if isinstance(one, Group)])


def kind_of(examples: Sequence[Example]) -> Kind:
    """What examples are; a single sample among groups is one of them."""
    sizes = {0 if isinstance(one, Pair) else len(one.samples) for one in examples}
    return "pairs" if sizes == {0} else "verdicts" if sizes == {1} else "groups"


def require_fit(objective: Objective, examples: Sequence[Example]) -> None:
    """Refuses examples that an objective cannot learn from.

    Raises:
        InvalidInputError: there are none, they are of two kinds or of one that it does not take,
            rewards that it needs are missing, they come from more sources than it keeps estimates
            of, or they do not compare what it compares.
    """
    if not examples:
        raise InvalidInputError("there are no pairs to train on", hint="Give some examples.")
    pairs = [example for example in examples if isinstance(example, Pair)]
    if pairs and len(pairs) < len(examples):
        raise InvalidInputError(
            f"{len(pairs)} pairs and {len(examples) - len(pairs)} groups cannot be trained on"
            " together",
            hint="Turn the groups into pairs, or train on one kind.",
        )
    kind = kind_of(examples)
    # A group may have a single sample left; to an objective of groups that is no other kind.
    if kind not in objective.takes and not (kind == "verdicts" and "groups" in objective.takes):
        raise InvalidInputError(
            f"this objective learns from {' or '.join(sorted(objective.takes))}, not from {kind}",
            hint=_WAYS_OUT[kind],
        )
    if objective.needs.rewards:
        _require_rewards(pairs)
    require_known(objective, numbered(examples))
    _require_comparison(objective.needs.compares, pairs)


_WAYS_OUT: Mapping[Kind, str] = {
    "pairs": "Choose a pairwise objective, such as dpo.",
    "verdicts": "Choose an objective of single samples, such as kto.",
    "groups": "Choose an objective of groups, such as info_nca, or turn groups into pairs.",
}


def _require_rewards(pairs: Sequence[Pair]) -> None:
    missing = [pair.id for pair in pairs if math.isnan(pair.reward_w) or math.isnan(pair.reward_l)]
    if missing:
        raise InvalidInputError(
            f"this objective needs rewards and {len(missing)} of {len(pairs)} pairs have none, the"
            f" first is {missing[0]}",
            hint="Give the rewards of both samples of every pair, or choose another objective.",
        )


def require_known(objective: Objective, sources: Collection[str]) -> None:
    """Refuses more sources than an objective keeps estimates of.

    Raises:
        InvalidInputError: there are more.
    """
    known = objective.needs.sources
    if known is not None and len(sources) > known:
        raise InvalidInputError(
            f"the examples come from {len(sources)} sources and the objective keeps the"
            f" reliability of {known}",
            hint=f"Set the objective's sources to {len(sources)}.",
        )


def _require_comparison(compares: Comparison, pairs: Sequence[Pair]) -> None:
    of_contexts = [pair for pair in pairs if pair.sample_w == pair.sample_l]
    if compares == "contexts" and len(of_contexts) < len(pairs):
        other = next(pair for pair in pairs if pair.sample_w != pair.sample_l)
        raise InvalidInputError(
            f"pair {other.id} has two samples, and this objective compares contexts of one",
            hint="Give pairs with sample_w = sample_l under a fitting and another context.",
        )
    if compares == "samples and contexts" and not of_contexts:
        raise InvalidInputError(
            "no pair compares the contexts of one sample, as half of this objective does",
            hint="Add them with pairs.with_context_contrast.",
        )
