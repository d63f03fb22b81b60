"""What a proposer of offers is given and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.utility import Stakes

LEAST_CONFIDENCE = 0.7
"""Nothing is offered from a proposition that is less sure; also, what untrusted sources alone
support never reaches it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A proposition that is held at present, as offers are made from it."""

    id: str
    text: str
    confidence: float
    valid_from: datetime


USUAL: dict[str, Stakes] = {
    "event": Stakes(p=0.5, benefit=0.6, cost_fp=0.4, cost_fn=0.4),
    "habit": Stakes(p=0.4, benefit=0.4, cost_fp=0.4, cost_fn=0.2),
    "deadline": Stakes(p=0.6, benefit=0.8, cost_fp=0.4, cost_fn=0.7),
    "question": Stakes(p=0.5, benefit=0.6, cost_fp=0.4, cost_fn=0.4),
    "other": Stakes(p=0.4, benefit=0.4, cost_fp=0.4, cost_fn=0.2),
}
"""The kinds of offers, and what hangs on one of each where nobody says otherwise; p is how often
such an offer is wanted when the proposition holds. Assumed: a user's answers correct it."""


class SuggestionProposer(Protocol):
    """Makes offers from what is known of the user."""

    @property
    def name(self) -> str:
        """What a suggestion records as its author."""
        ...

    def propose(
        self, propositions: Sequence[Known], *, user_name: str, now: datetime
    ) -> list[Candidate]:
        """Offers that rest on propositions of at least ``LEAST_CONFIDENCE``.

        Only propositions that may be used for offers are given: the audit comes before.

        Raises:
            ModelError: the proposer asks a language model and it failed.
        """
        ...


def sure(propositions: Sequence[Known]) -> list[Known]:
    """Those that offers may be made from, in their order."""
    return [each for each in propositions if each.confidence >= LEAST_CONFIDENCE]
