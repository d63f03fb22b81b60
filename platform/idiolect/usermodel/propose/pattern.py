"""The proposer that needs no model: it counts, and it listens to what the user says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo

from idiolect.usermodel.propose.calendar import propose_calendar
from idiolect.usermodel.propose.phrases import propose_phrases
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.propose.seen import Seen
from idiolect.usermodel.propose.statements import propose_statements
from idiolect.usermodel.propose.titles import propose_titles
from idiolect.usermodel.propose.usage import propose_usage

PATTERNS: dict[str, Callable[[Seen], Iterator[Draft]]] = {
    "statements": propose_statements,
    "calendar": propose_calendar,
    "usage": propose_usage,
    "titles": propose_titles,
    "phrases": propose_phrases,
}

MOST_DAYS_KEPT = 20_000
"""Moments of which it is kept, from one batch to the next, on which day they were."""


class PatternProposer:
    """A ``Proposer`` that runs every pattern over a batch and its history.

    Args:
        timezone: the user's, in which mornings and weekdays are told.
    """

    name = "pattern"

    def __init__(self, timezone: tzinfo = UTC) -> None:
        self._timezone = timezone
        self._days: dict[datetime, date] = {}

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """See ``Proposer.propose``; drafts in the order of ``PATTERNS``."""
        if len(self._days) > MOST_DAYS_KEPT:
            self._days = {}
        seen = Seen(
            tuple(observations),
            tuple(earlier),
            user_name.split()[0],
            now,
            self._timezone,
            self._days,
        )
        fresh = {view.id for view in observations}
        drafts: dict[str, Draft] = {}
        for pattern in PATTERNS.values():
            for draft in pattern(seen):
                if fresh.isdisjoint(item.observation_id for item in draft.evidence):
                    continue
                key = draft.text.casefold()
                drafts[key] = _joined(drafts[key], draft) if key in drafts else draft
        return list(drafts.values())


def _joined(first: Draft, second: Draft) -> Draft:
    """One draft for a statement that was had twice; the surer one's figures, all its evidence."""
    surer = max(first, second, key=lambda draft: draft.confidence)
    evidence = tuple(dict.fromkeys((*first.evidence, *second.evidence)))
    return replace(surer, evidence=evidence)
