"""The proposer that needs no model: a few forms of propositions and what they call for.

It knows events and habits of the calendar in the words in which the pattern proposer writes them,
and deadlines and unanswered questions by the verbs that say so. It is modest: a proposition that
fits no form makes no offer, and an offer names the matter in the proposition's own words.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.propose.protocols import USUAL, Known, sure
from idiolect.assistant.suggestions.propose.when import (
    day_named,
    hour_named,
    moment,
    weekdays_named,
)

BEFORE_AN_EVENT = timedelta(hours=24)
BEFORE_A_HABIT = timedelta(hours=2)
BEFORE_A_DEADLINE = timedelta(days=3)
QUESTION_LASTS = timedelta(days=2)

_EVENT = re.compile(r'^.+? has "(?P<what>.+)" in the calendar for (?P<when>.+?)\.?$')
_HABIT = re.compile(r'^.+? has "(?P<what>.+)" (?P<when>on .+?)\.?$')
_DEADLINE = re.compile(
    r"\b(?:due|deadlines?|has to|have to|must|needs? to|hand in|submits?|submit)\b.*"
    r"\b(?:by|on|until|till|due|before)\b(?P<when>.*)$|\b(?:deadline|due)\b(?P<alone>.*)$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\bhas(?: not|n['\u2019]t) (?:yet )?(?:answered|replied)\b|\bstill (?:has|owes)\b.*"
    r"\b(?:answer|reply)\b|\bowes\b.*\b(?:an answer|a reply)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a template makes of a proposition."""

    text: str
    prompt: str
    until: datetime


_Template = Callable[[Known, datetime], _Offer | None]
"""Takes a proposition and the moment on the user's own clock."""


class TemplateProposer:
    """A ``SuggestionProposer`` of fixed forms; deterministic.

    Args:
        timezone: the user's, in which days and hours are meant.
    """

    name = "templates"

    def __init__(self, timezone: tzinfo = UTC) -> None:
        self._timezone = timezone

    def propose(
        self, propositions: Sequence[Known], *, user_name: str, now: datetime
    ) -> list[Candidate]:
        """See ``SuggestionProposer.propose``; at most one offer for a proposition."""
        del user_name
        local = now.astimezone(self._timezone)
        offers: list[Candidate] = []
        for known in sure(propositions):
            made = ((kind, template(known, local)) for kind, template in TEMPLATES.items())
            kind, offer = next(((kind, each) for kind, each in made if each), ("", None))
            if offer is not None:
                offers.append(_candidate(known, kind, offer))
        return offers


def _candidate(known: Known, kind: str, offer: _Offer) -> Candidate:
    usual = USUAL[kind]
    return Candidate(
        text=offer.text,
        kind=kind,
        evidence=(known.id,),
        stakes=replace(usual, p=usual.p * known.confidence),
        valid_until=offer.until.astimezone(UTC),
        prompt=offer.prompt,
    )


def _event(known: Known, now: datetime) -> _Offer | None:
    found = _EVENT.match(known.text)
    day = day_named(found["when"], now.date()) if found else None
    if found is None or day is None:
        return None
    starts_at = moment(day, hour_named(found["when"]), now.tzinfo or UTC)
    if not now < starts_at <= now + BEFORE_AN_EVENT:
        return None
    return _Offer(
        text=f'"{found["what"]}" is coming up ({found["when"]}). Shall we prepare for it?',
        prompt=f'Help me prepare for "{found["what"]}", {found["when"]}.',
        until=starts_at,
    )


def _habit(known: Known, now: datetime) -> _Offer | None:
    found = _HABIT.match(known.text)
    hour = hour_named(found["when"]) if found else None
    if found is None or hour is None or now.weekday() not in weekdays_named(found["when"]):
        return None
    starts_at = moment(now.date(), hour, now.tzinfo or UTC)
    if not now < starts_at <= now + BEFORE_A_HABIT:
        return None
    return _Offer(
        text=f'"{found["what"]}" is at {hour:%H:%M}, as usual. Shall we go over what is open?',
        prompt=f'Help me get ready for "{found["what"]}" at {hour:%H:%M}.',
        until=starts_at,
    )


def _deadline(known: Known, now: datetime) -> _Offer | None:
    found = _DEADLINE.search(known.text)
    if found is None:
        return None
    # "By Friday" was said of the Friday after it was said.
    said_on = known.valid_from.astimezone(now.tzinfo).date()
    named = found["when"] or found["alone"] or ""
    day = day_named(named, said_on)
    if day is None:
        return None
    ends_at = moment(day, hour_named(named), now.tzinfo or UTC)
    if not now < ends_at <= now + BEFORE_A_DEADLINE:
        return None
    return _Offer(
        text=f"A deadline is near: {known.text} Shall we look at what is left to do?",
        prompt=f"Help me plan what is left to do. {known.text}",
        until=ends_at,
    )


def _question(known: Known, now: datetime) -> _Offer | None:
    until = known.valid_from + QUESTION_LASTS
    if _QUESTION.search(known.text) is None or not now < until:
        return None
    return _Offer(
        text=f"This may still want an answer: {known.text} Shall I draft one for you to read?",
        prompt=f"Draft an answer for me to read and send myself. {known.text}",
        until=until,
    )


TEMPLATES: dict[str, _Template] = {
    "event": _event,
    "habit": _habit,
    "deadline": _deadline,
    "question": _question,
}
"""By the kind of offer; the first that fits a proposition makes it."""
