"""Observations as they are read back."""

from datetime import datetime

from idiolect.api.schemas.base import Output


class ObservationOut(Output):
    """One captured fact, masked."""

    id: str
    kind: str
    source: str
    application: str | None
    title: str | None
    url: str | None
    text: str
    trust: str
    occurred_at: datetime
    recorded_at: datetime
    duration_s: float | None
    masked: dict[str, int]
