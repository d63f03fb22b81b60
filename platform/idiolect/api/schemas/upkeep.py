"""Upkeep: what the last one did, and how sound it found what is believed."""

from datetime import datetime

from idiolect.api.schemas.base import Output


class UpkeepOut(Output):
    """What the last upkeep did and found; see ``idiolect.usermodel.upkeep.UpkeepReport``.

    ``expired``, ``archived`` and ``recovered`` are memories that it ended, put aside as decayed,
    and found woken by new evidence. Of the ``active`` propositions some are ``stale`` (old enough
    to count least), repeat or contradict an earlier one, or are ``junk``; the rates are the shares
    of these. Pairs name the earlier lineage first.
    """

    job_id: str
    finished_at: datetime
    expired: int
    archived: int
    recovered: int
    active: int
    stale: int
    duplicates: int
    contradictions: int
    junk: int
    duplicate_rate: float
    contradiction_rate: float
    junk_rate: float
    duplicate_pairs: list[tuple[str, str]]
    contradiction_pairs: list[tuple[str, str]]
