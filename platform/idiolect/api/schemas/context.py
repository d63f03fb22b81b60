"""What an assistant needs to know of the user."""

from datetime import datetime

from pydantic import Field

from idiolect.api.schemas.base import Input, Output, PlainText
from idiolect.usermodel.confidence import Trust


class ContextIn(Input):
    """What is asked for: the query to answer, and how much may be told.

    ``rerank`` has a language model put the facts in order, which takes as long as its answer does;
    it is refused where the setting ``user_model.rerank`` is off.
    """

    query: PlainText = Field("", max_length=4000)
    budget_tokens: int = Field(500, ge=100, le=8000)
    limit: int = Field(10, ge=1, le=50)
    evidence: bool = True
    rerank: bool = False


class SupportOut(Output):
    """An observation behind a fact, how far its source is trusted, and the words that carry it."""

    observation_id: str
    occurred_at: datetime
    application: str | None
    trust: str
    quote: str | None


class FactOut(Output):
    """One thing that is believed of the user; ``relevance`` is null when nothing was asked.

    ``trust`` is that of the best source, ``untrusted`` for a stranger's words alone, and null
    where no observation is behind it. ``evidence`` has the latest of ``evidence_count``
    observations.
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

    ``left_out`` counts the facts for which the budget had no room; ``tokens`` is an estimate of
    what the text takes, rather too high than too low.
    """

    style: str
    facts: list[FactOut]
    left_out: int
    text: str
    tokens: int
