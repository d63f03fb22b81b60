"""Forecast of a river's level for the next two hours."""

from gauge import Reading


def rate_of_rise(readings: list[Reading]) -> float:
    """Meters per hour between the first and the last reading."""
    first, last = readings[0], readings[-1]
    hours = (last.minute - first.minute) / 60
    return (last.level_m - first.level_m) / hours


def forecast(readings: list[Reading], minutes: int) -> float:
    """The level in meters that the rate of rise leads to."""
    return readings[-1].level_m + rate_of_rise(readings) * minutes / 60
