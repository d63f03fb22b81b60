"""What is learned from: two samples, each under its context, of which the first is better."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json

Messages = tuple[Mapping[str, str], ...]
"""A conversation before the reply: ``role`` and ``content`` of each message."""

TokenIds = tuple[int, ...]

Context = Messages | TokenIds


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
        source: where the preference comes from; noise is estimated per source.
        id: names the pair in messages; the hash of its content unless given.

    Raises:
        InvalidInputError: an empty sample or context, two identical sides, or a weight or
            margin that is not a finite number.
    """

    sample_w: str
    context_w: Context
    sample_l: str
    context_l: Context
    weight: float = 1.0
    margin: float = 0.0
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
        context: Sequence[Mapping[str, str]],
        chosen: str,
        rejected: str,
        *,
        weight: float = 1.0,
        margin: float = 0.0,
        source: str = "",
        id: str = "",
    ) -> "Pair":
        """A pair of two replies to the same conversation."""
        messages = tuple(context)
        return cls(
            sample_w=chosen,
            context_w=messages,
            sample_l=rejected,
            context_l=messages,
            weight=weight,
            margin=margin,
            source=source,
            id=id,
        )

    @property
    def content_hash(self) -> str:
        """Hex SHA-256 of everything that training sees of this pair."""
        return sha256_json(
            [
                [self.sample_w, list(self.context_w)],
                [self.sample_l, list(self.context_l)],
                self.weight,
                self.margin,
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
        }
        return next((fault for fault, present in faults.items() if present), "")
