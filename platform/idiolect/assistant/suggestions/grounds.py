"""What offers may rest on: propositions that are held, surely enough, and not kept private."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from idiolect.assistant.suggestions.propose.protocols import LEAST_CONFIDENCE, Known
from idiolect.store.repositories.memory_queries import MemoryQueries
from idiolect.usermodel.calibration.reading import read_beliefs
from idiolect.usermodel.charter.preferences import is_contested

MOST_CONSIDERED = 1000
"""Of the propositions, those that were seen or changed last."""


def known(session: Session, user_id: str, now: datetime) -> list[Known]:
    """The propositions of high confidence that are in force, the latest first.

    Confidence is the calibrated one, so a proposer whom the user's ratings found too sure of
    itself makes fewer offers. What they rated private is left out: an offer quotes what it rests
    on, and on a click that goes to whichever model answers. What they contest does not act.
    """
    rows = MemoryQueries(session, user_id).page("proposition", limit=MOST_CONSIDERED).items
    beliefs = read_beliefs(session, user_id, rows)
    return [
        Known(
            id=row.lineage_id,
            text=row.text or "",
            confidence=beliefs[row.id].confidence,
            valid_from=row.valid_from or row.supported_at or row.recorded_at,
        )
        for row in rows
        if beliefs[row.id].confidence >= LEAST_CONFIDENCE
        and not beliefs[row.id].private
        and not is_contested(row.payload)
        and (row.valid_to is None or row.valid_to > now)
    ]


def still_held(session: Session, user_id: str, lineage_ids: Collection[str]) -> set[str]:
    """Those of the lineages that an offer may still rest on.

    What was forgotten, rejected, contested, rated private or found to be no longer so since is not
    among them.
    """
    current = MemoryQueries(session, user_id).by_lineage(lineage_ids)
    beliefs = read_beliefs(session, user_id, list(current.values()))
    return {
        lineage_id
        for lineage_id, memory in current.items()
        if memory.state == "activated"
        and not beliefs[memory.id].private
        and not is_contested(memory.payload)
    }
