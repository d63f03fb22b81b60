"""What is learned from: two samples, each under its context, of which the first is better."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json

Messages = tuple[Mapping[str, str], ...]
"""A conversation before the reply: ``role`` and ``content`` of each message."""

TokenIds = tuple[int, ...]

Context = Messages | TokenIds

UNJUDGED = math.nan
"""The reward of a sample that nobody judged."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One preference: ``sample_w`` under ``context_w`` beats ``sample_l`` under ``context_l``.

    Usually the contexts are equal; where they differ, the samples may be the same.

    Attributes:
        sample_w: the chosen text.
        context_w: what it answers: chat messages, or token ids.
        sample_l: the rejected text.
        context_l: what that answers.
        weight: how much the pair counts, at least 0.
        margin: by how much the chosen one must win, in units of the logit.
        probability: how sure it is that the first is better; 0.5 is a tie.
        reward_w: what a judge gave the chosen sample, NaN if none did.
        reward_l: the same of the rejected one.
        source: where the preference comes from; noise is estimated per source.
        id: names the pair in messages; the hash of its content unless given.

    Raises:
        InvalidInputError: an empty sample or context, two identical sides, or a number that is
            not finite or out of its range.
    """

    sample_w: str
    context_w: Context
    sample_l: str
    context_l: Context
    weight: float = 1.0
    margin: float = 0.0
    probability: float = 1.0
    reward_w: float = UNJUDGED
    reward_l: float = UNJUDGED
    source: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.content_hash)
        fault = self._fault()
        if fault:
            raise InvalidInputError(f"pair {self.id}: {fault}", code="INVALID_PAIR")

    @classmethod
    def under(
        cls,
        context: Sequence[Mapping[str, str]] | TokenIds,
        chosen: str,
        rejected: str,
        *,
        weight: float = 1.0,
        margin: float = 0.0,
        probability: float = 1.0,
        rewards: tuple[float, float] = (UNJUDGED, UNJUDGED),
        source: str = "",
        id: str = "",
    ) -> "Pair":
        """A pair of two replies to the same conversation."""
        given = cast(Context, tuple(context))
        return cls(
            sample_w=chosen,
            context_w=given,
            sample_l=rejected,
            context_l=given,
            weight=weight,
            margin=margin,
            probability=probability,
            reward_w=rewards[0],
            reward_l=rewards[1],
            source=source,
            id=id,
        )

    @classmethod
    def tie(
        cls,
        context: Sequence[Mapping[str, str]] | TokenIds,
        one: str,
        other: str,
        *,
        weight: float = 1.0,
        source: str = "",
        id: str = "",
    ) -> "Pair":
        """Two replies of which neither is better: a pair that is as sure either way."""
        return cls.under(context, one, other, weight=weight, probability=0.5, source=source, id=id)

    @property
    def is_tie(self) -> bool:
        """Neither side is the better one."""
        return self.probability == 0.5

    @property
    def content_hash(self) -> str:
        """Hex SHA-256 of everything that training sees of this pair."""
        return sha256_json(
            [
                [self.sample_w, list(self.context_w), _number(self.reward_w)],
                [self.sample_l, list(self.context_l), _number(self.reward_l)],
                self.weight,
                self.margin,
                self.probability,
                self.source,
            ]
        )

    def _fault(self) -> str:
        faults = {
            "the chosen sample is empty": not self.sample_w.strip(),
            "the rejected sample is empty": not self.sample_l.strip(),
            "a context is empty": not (self.context_w and self.context_l),
            "both sides are the same": (self.sample_w, self.context_w)
            == (self.sample_l, self.context_l),
            "the weight is not a finite number of at least 0": not (
                math.isfinite(self.weight) and self.weight >= 0
            ),
            "the margin is not a finite number": not math.isfinite(self.margin),
            "the probability is not between 0 and 1": not 0 <= self.probability <= 1,
            "a reward is infinite": math.isinf(self.reward_w) or math.isinf(self.reward_l),
        }
        return next((fault for fault, present in faults.items() if present), "")


def with_context_contrast(pairs: Sequence[Pair], other_contexts: Sequence[Context]) -> list[Pair]:
    """Puts beside each pair one that sets its chosen sample's context against another context.

    The data of Re-Align's dual preference: the same sample is better under the context it was
    written for. The other context may be another person's memory, or a retrieved look-alike.

    Args:
        pairs: with equal contexts on both sides.
        other_contexts: one for each pair.

    Returns:
        Each pair followed by its contrast.

    Raises:
        InvalidInputError: a context is not another one, or their number differs.
    """
    if len(pairs) != len(other_contexts):
        raise InvalidInputError(
            f"{len(pairs)} pairs need as many other contexts, not {len(other_contexts)}"
        )
    both: list[Pair] = []
    for pair, other in zip(pairs, other_contexts, strict=True):
        contrast = Pair(
            sample_w=pair.sample_w,
            context_w=pair.context_w,
            sample_l=pair.sample_w,
            context_l=other,
            weight=pair.weight,
            source=pair.source,
            id=f"{pair.id}/context",
        )
        both += [pair, contrast]
    return both


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
