"""What an assistant needs to know of the user."""

from datetime import datetime

from idiolect.api.schemas.base import Output
from idiolect.usermodel.confidence import Trust


class SupportOut(Output):
    """An observation behind a fact, how far its source is trusted, and the words that carry it."""

    observation_id: str
    occurred_at: datetime
    trust: str
    quote: str | None


class FactOut(Output):
    """One thing that is believed of the user; ``relevance`` is null when nothing was asked.

    ``trust`` is that of the best source, ``untrusted`` for a stranger's words alone, and null
    where no observation is behind it. ``evidence`` has the latest observations, if asked for.
    """

    id: str
    text: str
    confidence: float
    relevance: float | None
    supported_at: datetime | None
    trust: Trust | None
    evidence_count: int
    evidence: list[SupportOut]


class ContextOut(Output):
    """How to answer the user and what bears on the matter; ``text`` is all of it for a prompt.

    ``left_out`` counts the facts for which the budget had no room; ``tokens`` is what the text
    has at four characters each.
    """

    style: str
    facts: list[FactOut]
    left_out: int
    text: str
    tokens: int
