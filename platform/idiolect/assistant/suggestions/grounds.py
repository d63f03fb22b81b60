"""What offers may rest on: propositions that are held, surely enough, and may act.

What the user rated private is left out: an offer quotes what it rests on, and on a click that goes
to whichever model answers. What they contest, or the charter holds back, does not act here either.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from idiolect.assistant.suggestions.propose.protocols import LEAST_CONFIDENCE, Known
from idiolect.store.models import Memory
from idiolect.store.repositories.memory_queries import MemoryQueries
from idiolect.usermodel.calibration.reading import Belief, read_beliefs
from idiolect.usermodel.charter.precedence import decide
from idiolect.usermodel.charter.preferences import is_contested, preferences_of
from idiolect.usermodel.charter.stored import charter_at

MOST_CONSIDERED = 1000
"""Of the propositions, those that were seen or changed last."""


def known(session: Session, user_id: str, now: datetime) -> list[Known]:
    """The propositions of high confidence that are in force, the latest first.

    Confidence is the calibrated one, so a proposer whom the user's ratings found too sure of
    itself makes fewer offers.
    """
    rows = MemoryQueries(session, user_id).page("proposition", limit=MOST_CONSIDERED).items
    beliefs = read_beliefs(session, user_id, rows)
    acting = _acting(session, user_id, rows, beliefs, now)
    return [
        Known(
            id=row.lineage_id,
            text=row.text or "",
            confidence=beliefs[row.id].confidence,
            valid_from=row.valid_from or row.supported_at or row.recorded_at,
        )
        for row in rows
        if beliefs[row.id].confidence >= LEAST_CONFIDENCE
        and row.id in acting
        and (row.valid_to is None or row.valid_to > now)
    ]


def still_held(
    session: Session, user_id: str, lineage_ids: Collection[str], now: datetime
) -> set[str]:
    """Those of the lineages that an offer may still rest on.

    What was forgotten, rejected, contested, rated private, closed by the charter or found to be no
    longer so since is not among them.
    """
    current = MemoryQueries(session, user_id).by_lineage(lineage_ids)
    beliefs = read_beliefs(session, user_id, list(current.values()))
    acting = _acting(session, user_id, current.values(), beliefs, now)
    return {
        lineage_id
        for lineage_id, memory in current.items()
        if memory.state == "activated" and memory.id in acting
    }


def _acting(
    session: Session,
    user_id: str,
    rows: Iterable[Memory],
    beliefs: Mapping[str, Belief],
    now: datetime,
) -> set[str]:
    """The ids of those that are not private and that the charter lets act."""
    shown = [row for row in rows if not beliefs[row.id].private]
    preferences = (
        preference
        for row in shown
        for preference in preferences_of(
            row.id,
            row.text or "",
            beliefs[row.id].confidence,
            is_contested=is_contested(row.payload),
        )
    )
    withheld = decide(charter_at(session, user_id, now), "assistant", preferences).withheld
    return {row.id for row in shown} - withheld
