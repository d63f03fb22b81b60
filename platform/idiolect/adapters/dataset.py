"""From a user's stored preferences to the pairs of one training."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from idiolect.preference.pairs import Pair
from idiolect.store.models import Preference


@dataclass(frozen=True, slots=True)
class Dataset:
    """What one training learns from and is measured on.

    Attributes:
        train: pairs to learn from, oldest first.
        held_out: pairs of the same user that no training sees.
        ties: preferences without a winner; they are in neither.
        first_at: when the first of all pairs was made, None without pairs.
        last_at: when the last was made.
    """

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    ties: int
    first_at: datetime | None
    last_at: datetime | None

    @classmethod
    def of(cls, preferences: Iterable[Preference]) -> "Dataset":
        """Sorts one user's preferences, given in any order, by their stored split."""
        rows = sorted(preferences, key=lambda row: (row.created_at, row.id))
        decided = [row for row in rows if not row.is_tie]
        return cls(
            train=_pairs(row for row in decided if row.split == "train"),
            held_out=_pairs(row for row in decided if row.split == "held_out"),
            ties=len(rows) - len(decided),
            first_at=_moment(decided[:1]),
            last_at=_moment(decided[-1:]),
        )


def _pairs(rows: Iterable[Preference]) -> tuple[Pair, ...]:
    return tuple(
        Pair.under(
            row.context, row.chosen, row.rejected, weight=row.weight, source=row.source, id=row.id
        )
        for row in rows
    )


def _moment(rows: Sequence[Preference]) -> datetime | None:
    return rows[0].created_at if rows else None
