"""Offers for the tests of suggestions."""

from datetime import UTC, datetime, timedelta

from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.utility import Stakes

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAKES = Stakes(p=0.8, benefit=0.6, cost_fp=0.5, cost_fn=0.4)
"""p* is 0.5 / (0.6 + 0.5 + 0.4) = 1/3."""


def offer(
    text: str = "Shall we plan the trip to Porto?",
    *,
    p: float = STAKES.p,
    kind: str = "event",
    hours: float = 10.0,
) -> Candidate:
    """An offer with the stakes above but for p."""
    return Candidate(
        text=text,
        kind=kind,
        evidence=("mem_1",),
        stakes=Stakes(p, STAKES.benefit, STAKES.cost_fp, STAKES.cost_fn),
        valid_until=MONDAY + timedelta(hours=hours),
    )
