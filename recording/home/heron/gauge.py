"""Readings of a water level gauge."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """A water level in meters, some minutes after the first one."""

    minute: int
    level_m: float
