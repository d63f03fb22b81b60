"""From a user's stored preferences to the pairs of one training."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from idiolect.preference.judged import Group
from idiolect.preference.pairs import Pair
from idiolect.store.models import Preference


@dataclass(frozen=True, slots=True)
class Dataset:
    """What one training learns from and is measured on.

    Attributes:
        train: examples to learn from, oldest first.
        held_out: pairs of the same user that no training sees.
        ties: preferences without a winner; to learn from if so asked, never held out.
        first_at: when the first of all pairs was made, None without pairs.
        last_at: when the last was made.
    """

    train: tuple[Pair | Group, ...]
    held_out: tuple[Pair, ...]
    ties: int
    first_at: datetime | None
    last_at: datetime | None

    @classmethod
    def of(
        cls, preferences: Iterable[Preference], *, ties: Literal["use", "leave_out"] = "leave_out"
    ) -> "Dataset":
        """Sorts one user's preferences, given in any order, by their stored split."""
        rows = sorted(preferences, key=lambda row: (row.created_at, row.id))
        decided = [row for row in rows if not row.is_tie]
        learned = rows if ties == "use" else decided
        return cls(
            train=_pairs(row for row in learned if row.split == "train"),
            held_out=_pairs(row for row in decided if row.split == "held_out"),
            ties=len(rows) - len(decided),
            first_at=_moment(decided[:1]),
            last_at=_moment(decided[-1:]),
        )


def _pairs(rows: Iterable[Preference]) -> tuple[Pair, ...]:
    return tuple(
        (Pair.tie if row.is_tie else Pair.under)(
            row.context, row.chosen, row.rejected, weight=row.weight, source=row.source, id=row.id
        )
        for row in rows
    )


def _moment(rows: Sequence[Preference]) -> datetime | None:
    return rows[0].created_at if rows else None
