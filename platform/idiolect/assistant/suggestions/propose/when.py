"""Days and hours that a proposition names, as moments."""

import re
from datetime import date, datetime, time, timedelta, tzinfo

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" if month[3:] else month for month in MONTHS)
_DAY_MONTH = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH})\b(?:,? (?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b")
_WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})\b", re.IGNORECASE)
_HOUR = re.compile(r"\bat (\d{1,2}):(\d{2})\b")

_WORKING_DAYS = frozenset(range(5))
_EVERY_DAY = frozenset(range(7))


def day_named(text: str, after: date) -> date | None:
    """The first day that a text names, from ``after`` on where the year is not told.

    A weekday is the next one, the day itself included. Days that no calendar has are none.
    """
    for pattern in (_ISO, _DAY_MONTH, _MONTH_DAY):
        found = pattern.search(text)
        if found is not None:
            return _calendar_day(found, after)
    weekday = _WEEKDAY.search(text)
    if weekday is None:
        return None
    ahead = WEEKDAYS.index(weekday[1].casefold()) - after.weekday()
    return after + timedelta(days=ahead % 7)


def hour_named(text: str) -> time | None:
    """The hour after "at", if the text has one that a clock has."""
    found = _HOUR.search(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def weekdays_named(text: str) -> frozenset[int]:
    """The days on which something recurs: "Mondays and Fridays" are 0 and 4."""
    folded = text.casefold()
    if "every day" in folded:
        return _EVERY_DAY
    if "working day" in folded:
        return _WORKING_DAYS
    return frozenset(number for number, day in enumerate(WEEKDAYS) if f"{day}s" in folded)


def moment(day: date, hour: time | None, zone: tzinfo) -> datetime:
    """The start of something on a day; without an hour the day's end, until which it may come."""
    if hour is None:
        return datetime.combine(day + timedelta(days=1), time.min, zone)
    return datetime.combine(day, hour, zone)


def _calendar_day(found: re.Match[str], after: date) -> date | None:
    month = found["month"]
    number = int(month) if month.isdecimal() else _month(month)
    years = [int(found["year"])] if found["year"] else [after.year, after.year + 1]
    for year in years:
        try:
            day = date(year, number, int(found["day"]))
        except ValueError:
            return None
        if found["year"] or day >= after:
            return day
    return None


def _month(name: str) -> int:
    folded = name.casefold()
    return next(place for place, month in enumerate(MONTHS, start=1) if month.startswith(folded))
