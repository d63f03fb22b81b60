"""The one place that reads the clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC."""


def utc_now() -> datetime:
    """The present moment in UTC; the default ``Clock``."""
    return datetime.now(UTC)
