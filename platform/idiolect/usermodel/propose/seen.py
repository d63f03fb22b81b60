"""What the patterns look at: the new observations, those before them, and for whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from idiolect.usermodel.confidence import Trust
from idiolect.usermodel.propose.protocols import Evidence, ObservationView

MOST_EVIDENCE = 14
"""Observations that one draft shows at most; its confidence counts all of them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One batch with its history, in the user's own time zone."""

    fresh: tuple[ObservationView, ...]
    earlier: tuple[ObservationView, ...]
    user_name: str
    now: datetime
    timezone: tzinfo

    @property
    def everything(self) -> tuple[ObservationView, ...]:
        """All observations, oldest first."""
        return tuple(sorted((*self.earlier, *self.fresh), key=lambda view: view.occurred_at))

    def local(self, view: ObservationView) -> datetime:
        """When an observation occurred, by the user's clock."""
        return view.occurred_at.astimezone(self.timezone)

    def day(self, view: ObservationView) -> date:
        """The day on which an observation occurred, by the user's calendar."""
        return self.local(view).date()

    def one_a_day(
        self, views: Iterable[ObservationView], quote: dict[str, str]
    ) -> tuple[Evidence, ...]:
        """The first observation of each of the last days, with the quote named by its id."""
        first: dict[date, ObservationView] = {}
        for view in sorted(views, key=lambda view: view.occurred_at):
            first.setdefault(self.day(view), view)
        return tuple(
            Evidence(view.id, quote[view.id]) for view in [*first.values()][-MOST_EVIDENCE:]
        )


def trusts(views: Collection[ObservationView]) -> set[Trust]:
    """The trust levels that some observations have."""
    return {view.trust for view in views}
