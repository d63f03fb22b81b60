"""What the patterns look at: the new observations, those before them, and for whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cached_property

from idiolect.usermodel.confidence import Trust
from idiolect.usermodel.propose.protocols import Evidence, ObservationView

MOST_EVIDENCE = 14
"""Observations that one draft shows at most; its confidence counts all of them."""


@dataclass(frozen=True)
class Seen:
    """One batch with its history, in the user's own time zone.

    Attributes:
        fresh: the batch.
        earlier: what was seen before it.
        user_name: as statements are to call the user.
        now: the present.
        timezone: the user's.
        days: of moments, as far as they were asked for: every pattern asks it of every observation,
            and time zones are slow to answer.
    """

    fresh: tuple[ObservationView, ...]
    earlier: tuple[ObservationView, ...]
    user_name: str
    now: datetime
    timezone: tzinfo
    days: dict[datetime, date] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def everything(self) -> tuple[ObservationView, ...]:
        """All observations, oldest first."""
        return tuple(sorted((*self.earlier, *self.fresh), key=lambda view: view.occurred_at))

    def local(self, view: ObservationView) -> datetime:
        """When an observation occurred, by the user's clock."""
        return view.occurred_at.astimezone(self.timezone)

    def day(self, view: ObservationView) -> date:
        """The day on which an observation occurred, by the user's calendar."""
        if (day := self.days.get(view.occurred_at)) is None:
            day = self.days[view.occurred_at] = self.local(view).date()
        return day

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
