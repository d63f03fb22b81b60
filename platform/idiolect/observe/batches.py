"""Batches: which observations are looked at together, as one propose job.

A batch is full when the next observation would be one too many or would make it longer than a
language model should read at once. What is left over waits for more, or for the user's silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from sqlalchemy.orm import Session

from idiolect.store.models import Job
from idiolect.store.repositories.job import enqueue
from idiolect.store.repositories.observation import ObservationRepository

CHARACTERS_A_TOKEN = 4
"""Of ordinary text, for an estimate without a tokenizer."""

SHOWN_CHARACTERS = 2000
"""Of one observation's text that a language model is shown at most; more of it costs nothing."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What closes a batch: a number of observations, or of tokens that a model would read."""

    observations: int
    tokens: int

    @property
    def characters(self) -> int:
        """About how many the tokens have."""
        return self.tokens * CHARACTERS_A_TOKEN


def close_batches(
    session: Session, user_id: str, limits: BatchLimits, *, now: datetime, partial: bool
) -> list[Job]:
    """Puts a user's unbatched observations, earliest first, into one propose job for each batch.

    Args:
        partial: whether what is left over closes a smaller batch or waits for more.
    """
    observations = ObservationRepository(session, user_id)
    jobs = []
    while lengths := observations.unbatched_characters(limits.observations + 1, SHOWN_CHARACTERS):
        size = _fitting(lengths, limits)
        is_full = (
            size < len(lengths) or size == limits.observations or sum(lengths) >= limits.characters
        )
        if not is_full and not partial:
            break
        job = enqueue(session, user_id, "propose", {}, now=now)
        observations.claim_batch(job.id, size)
        jobs.append(job)
    return jobs


def _fitting(lengths: Sequence[int], limits: BatchLimits) -> int:
    """How many of the first observations make a batch: at least one, however long it is."""
    totals = accumulate(lengths[: limits.observations])
    return max(1, sum(total <= limits.characters for total in totals))
