"""Suggestions: offers that the assistant makes by itself, and what the user says to them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from idiolect.api.schemas.base import Input, Output
from idiolect.assistant.suggestions.standing import Bar, SuggestionSettings

AnswerWord = Literal["accept", "dismiss", "ignore"]


class StakesOut(Output):
    """What hangs on an offer, before the user's answers were heeded: p*B - (1-p)*C_FP + p*C_FN."""

    p: float
    benefit: float
    cost_fp: float
    cost_fn: float


class SuggestionOut(Output):
    """One offer. ``prompt`` may be sent as the user's message once they have accepted it.

    ``again_at`` is of ``later`` alone: when the better moment that it waits for should come.
    """

    id: str
    kind: str
    text: str
    prompt: str | None
    evidence: list[str]
    stakes: StakesOut
    outcome: Literal["now", "later", "digest"]
    reason: str
    state: Literal["waiting", "shown", "accepted", "dismissed", "ignored"]
    created_at: datetime
    again_at: datetime | None
    valid_until: datetime
    shown_at: datetime | None
    answered_at: datetime | None


class SuggestionAnswerIn(Input):
    """What the user did with an offer."""

    answer: AnswerWord


class SuggestionSettingsIn(Input):
    """Whether offers are made, whether they may interrupt, and when the digest is looked at."""

    enabled: bool
    interrupts: bool
    digest_hours: list[Annotated[int, Field(ge=0, le=23)]] = Field(min_length=1, max_length=24)


class BarOut(Output):
    """How likely an offer of this kind must be to come up: usually, and after the answers."""

    kind: str
    usual_p: float
    needed_p: float


class SuggestionSettingsOut(Output):
    """What is set, and what the user's answers have taught."""

    enabled: bool
    interrupts: bool
    digest_hours: list[int]
    bars: list[BarOut]


def settings_out(settings: SuggestionSettings, bars: list[Bar]) -> SuggestionSettingsOut:
    """Both as one answer."""
    return SuggestionSettingsOut(
        enabled=settings.enabled,
        interrupts=settings.interrupts,
        digest_hours=list(settings.digest_hours),
        bars=[BarOut.model_validate(bar) for bar in bars],
    )
