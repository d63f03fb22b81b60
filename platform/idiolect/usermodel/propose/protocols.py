"""What a proposer is given and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idiolect.usermodel.confidence import Trust


@dataclass(frozen=True, slots=True)
class ObservationView:
    """One observation as the user model reads it: plain values, no database row."""

    id: str
    kind: str
    source: str
    application: str | None
    title: str | None
    url: str | None
    text: str
    trust: Trust
    occurred_at: datetime
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact span of one observation's text, title or application that carries a draft."""

    observation_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement about the user that is not in the store yet.

    ``confidence`` is a probability in (0, 1), ``durability`` in [0, 1] (1 lasts longest).
    ``estimate_key`` names the quantity that a draft estimates from *all* observations at hand:
    a later draft with the same key replaces the estimate, where other drafts add to what is
    known. Counting the same day twice is so impossible.
    """

    text: str
    reasoning: str
    confidence: float
    durability: float
    evidence: tuple[Evidence, ...]
    valid_from: datetime
    valid_to: datetime | None = None
    estimate_key: str | None = None


class Proposer(Protocol):
    """Concludes statements about the user from observations."""

    @property
    def name(self) -> str:
        """What a proposition records as its author."""
        ...

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """Drafts that rest on at least one of ``observations``, no two the same statement.

        ``earlier`` holds what was seen in the weeks before, for habits that no single batch
        shows. Every quote occurs in its observation.

        Raises:
            ModelError: the proposer asks a language model and it failed.
        """
        ...
