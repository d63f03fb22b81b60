"""Habits from the use of applications: how often, and at what time of the day."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from idiolect.usermodel.confidence import from_days
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.propose.seen import Seen, trusts

LEAST_DAYS = 2
LEAST_SECONDS_A_DAY = 300.0
"""An application counts as used on a day from five minutes on."""

BAND_SHARE = 0.6
"""Share of the time that must fall in one part of the day for it to be named."""

BANDS: tuple[tuple[int, str], ...] = (
    (5, "at night"),
    (12, "in the morning"),
    (17, "in the afternoon"),
    (22, "in the evening"),
    (24, "at night"),
)
"""Parts of the day: each ends at the hour named."""

DURABILITY = 0.55
DURATION_UNKNOWN_S = 60.0


def propose_usage(seen: Seen) -> Iterator[Draft]:
    """One estimate for each application that is used on several days.

    A day on which anything was observed and the application was not used speaks against the
    habit; for an application of working days, free weekends do not.
    """
    used: dict[str, list[ObservationView]] = defaultdict(list)
    for view in seen.everything:
        if view.kind == "application" and view.application and view.trust != "untrusted":
            used[view.application].append(view)
    observed_days = {seen.day(view) for view in seen.everything} if used else set()
    for application, views in sorted(used.items()):
        draft = _estimate(seen, application, views, observed_days)
        if draft is not None:
            yield draft


def _estimate(
    seen: Seen, application: str, views: Sequence[ObservationView], observed_days: set[date]
) -> Draft | None:
    seconds: Counter[date] = Counter()
    bands: Counter[str] = Counter()
    for view in views:
        spent = view.duration_s if view.duration_s is not None else DURATION_UNKNOWN_S
        seconds[seen.day(view)] += int(spent)
        bands[band(seen.local(view).hour)] += int(spent)
    days = {day for day, spent in seconds.items() if spent >= LEAST_SECONDS_A_DAY}
    if len(days) < LEAST_DAYS:
        return None
    on_working_days = len(days) > LEAST_DAYS and all(day.weekday() < 5 for day in days)
    possible = {day for day in observed_days if day.weekday() < 5 or not on_working_days}
    misses = len(possible - days)
    if len(days) <= misses:
        return None
    often = _often(len(days), len(possible), on_working_days)
    [(favorite, most)] = bands.most_common(1)
    when = f", mostly {favorite}" if most >= BAND_SHARE * bands.total() else ""
    minutes = round(sum(seconds[day] for day in days) / len(days) / 60)
    on_days = [view for view in views if seen.day(view) in days]
    return Draft(
        text=f"{seen.user_name} uses {application} {often}{when}.",
        reasoning=(
            f"Used on {len(days)} of {len(possible)} observed days, about {minutes} minutes a day."
        ),
        confidence=from_days(len(days), misses, trusts(on_days)),
        durability=DURABILITY,
        evidence=seen.one_a_day(on_days, {view.id: application for view in on_days}),
        valid_from=on_days[0].occurred_at,
        estimate_key=f"usage:{application}",
    )


def _often(days: int, possible: int, on_working_days: bool) -> str:
    unit = "working day" if on_working_days else "day"
    return f"every {unit}" if days == possible else f"on most {unit}s"


def band(hour: int) -> str:
    """The part of the day that an hour (0 to 23) falls in."""
    return next(name for end, name in BANDS if hour < end)
