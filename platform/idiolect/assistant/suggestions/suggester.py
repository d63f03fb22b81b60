"""Suggestions from their making to their answer: proposed, stored, shown, learnt from.

A round proposes, which may ask a model and holds no transaction, and then stores what is worth it.
What is stored waits until the user's page asks (``inbox``).

Nothing here does what is offered. An accepted offer gives back its prompt, which the page may send
as the user's own message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal

import structlog
from sqlalchemy.orm import Session

from idiolect.assistant.suggestions.bucket import USUAL_BUCKET, Bucket
from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.grounds import known
from idiolect.assistant.suggestions.inbox import Inbox
from idiolect.assistant.suggestions.learning import Answer, Learned, learned
from idiolect.assistant.suggestions.propose.protocols import Known, SuggestionProposer
from idiolect.assistant.suggestions.standing import (
    Bar,
    SuggestionSettings,
    bars,
    read_learned,
    read_settings,
    write_learned,
    write_settings,
)
from idiolect.errors import ModelError
from idiolect.kit.clock import Clock
from idiolect.lm.protocols import Embedder
from idiolect.store.database import Database
from idiolect.store.models import Suggestion
from idiolect.store.repositories.page import Page
from idiolect.store.repositories.suggestion import OPEN, Stored, SuggestionRepository
from idiolect.store.repositories.user import UserRepository

log = structlog.get_logger(__name__)

ANSWERED: Mapping[Answer, Literal["accepted", "dismissed", "ignored"]] = {
    "accept": "accepted",
    "dismiss": "dismissed",
    "ignore": "ignored",
}
"""The state into which each answer leads."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a round found, before anything is decided.

    Attributes:
        candidates: offers that are no earlier one word for word.
        repeated: how many others are.
        vectors: unit vectors of their texts, and of those that they are compared with.
        unreachable: names of the proposers whose model failed.
    """

    candidates: tuple[Candidate, ...]
    repeated: int
    vectors: Mapping[str, Sequence[float]]
    unreachable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What became of a round's offers, in numbers, and which proposers could not be asked."""

    now: int
    later: int
    digest: int
    dropped: int
    repeated: int
    unreachable: tuple[str, ...]


class Suggester:
    """Makes offers to users and takes their answers.

    Args:
        database: where propositions, suggestions and what was learnt lie.
        embedder: tells offers that say the same in other words.
        proposers: each is asked in every round.
        clock: gives the present.
        timezone: the users', in which the hours of the digest are meant.
        bucket: how often one of them may be interrupted.
    """

    def __init__(
        self,
        database: Database,
        embedder: Embedder,
        proposers: Sequence[SuggestionProposer],
        clock: Clock,
        *,
        timezone: tzinfo = UTC,
        bucket: Bucket = USUAL_BUCKET,
    ) -> None:
        self._database = database
        self._embedder = embedder
        self._proposers = proposers
        self._clock = clock
        self._timezone = timezone
        self._bucket = bucket

    def propose(self, user_id: str) -> Proposed | None:
        """Thinks of offers, outside of any transaction; None where the user wants none.

        A proposer whose model fails is passed over and named: what the others found is not lost
        with it, and the next round asks it again.
        """
        now = self._clock()
        with self._database.transaction() as session:
            if not read_settings(session, user_id).enabled:
                return None
            user_name = UserRepository(session, user_id).get().name
            grounds = known(session, user_id, now)
            earlier = frozenset(self._inbox(session, user_id, now).earlier_texts())
        offers, unreachable = self._ask(grounds, user_name, now)
        fresh = [each for each in offers if each.text not in earlier]
        texts = list({*earlier, *(each.text for each in fresh)}) if fresh else []
        vectors = dict(zip(texts, self._embedder.embed(texts), strict=True))
        return Proposed(tuple(fresh), len(offers) - len(fresh), vectors, tuple(unreachable))

    def store(self, session: Session, user_id: str, proposed: Proposed) -> RoundReport:
        """Keeps what is worth it, in the caller's transaction; a second time it keeps no more.

        What the user forgot, rejected or turned off while the round was on is heeded here.
        """
        UserRepository(session, user_id).hold()
        inbox = self._inbox(session, user_id, self._clock())
        inbox.tidy()
        fresh: list[Candidate] = []
        if read_settings(session, user_id).enabled:
            held = inbox.held({each for one in proposed.candidates for each in one.evidence})
            fresh = [each for each in proposed.candidates if held.issuperset(each.evidence)]
        decisions, _ = inbox.decide(fresh, proposed.vectors)
        made = {id(each) for each in fresh}
        outcomes = [each.outcome for each in decisions if id(each.candidate) in made]
        return RoundReport(
            now=outcomes.count("now"),
            later=outcomes.count("later"),
            digest=outcomes.count("digest"),
            dropped=outcomes.count("drop") + len(proposed.candidates) - len(fresh),
            repeated=proposed.repeated,
            unreachable=proposed.unreachable,
        )

    def open(
        self,
        user_id: str,
        outcome: Stored | None = None,
        *,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Suggestion]:
        """The offers that can be answered, decided on as of now; they count as shown from here on.

        Args:
            user_id: whose.
            outcome: those that interrupt, that wait for a better moment, or of the digest; all of
                them by default.
            limit: how many at most.
            cursor: of an earlier page.
        """
        now = self._clock()
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            inbox = self._inbox(session, user_id, now)
            inbox.tidy()
            _, level = inbox.decide()
            if outcome in (None, "now"):
                inbox.bring_up(level)
            suggestions = SuggestionRepository(session, user_id)
            page = suggestions.page(states=OPEN, outcome=outcome, limit=limit, cursor=cursor)
            suggestions.show(page.items, now)
            return page

    def answer(self, user_id: str, suggestion_id: str, answer: Answer) -> Suggestion:
        """Takes the user's answer and learns from it; does nothing else, also when they accept.

        Raises:
            NotFoundError: the user has no such suggestion.
            ConflictError: it was answered before.
        """
        now = self._clock()
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            suggestions = SuggestionRepository(session, user_id)
            row = suggestions.answer(suggestion_id, ANSWERED[answer], now)
            before = read_learned(session, user_id)
            after = learned(before, answer, row.kind, row.stakes["p"], now)
            write_learned(session, user_id, after, now)
            return row

    def settings(self, user_id: str) -> tuple[SuggestionSettings, list[Bar]]:
        """What the user has decided, and how high their answers have made each kind's bar."""
        with self._database.transaction() as session:
            settings = read_settings(session, user_id)
            return settings, bars(read_learned(session, user_id), self._clock())

    def change_settings(self, user_id: str, settings: SuggestionSettings) -> None:
        """Sets what the user decides; what waits is decided on by it, or erased if turned off."""
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            write_settings(session, user_id, settings, self._clock())
            if not settings.enabled:
                SuggestionRepository(session, user_id).delete_waiting()

    def forget_answers(self, user_id: str) -> None:
        """Goes back to what is assumed of everybody, as if nothing had been answered."""
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            write_learned(session, user_id, Learned(), self._clock())

    def _ask(
        self, grounds: Sequence[Known], user_name: str, now: datetime
    ) -> tuple[list[Candidate], list[str]]:
        offers: list[Candidate] = []
        unreachable: list[str] = []
        for proposer in self._proposers:
            try:
                offers += proposer.propose(grounds, user_name=user_name, now=now)
            except ModelError as error:
                log.warning(
                    "suggestions not proposed", proposer=proposer.name, code=error.reason_code
                )
                unreachable.append(proposer.name)
        return offers, unreachable

    def _inbox(self, session: Session, user_id: str, now: datetime) -> Inbox:
        return Inbox(session, user_id, bucket=self._bucket, timezone=self._timezone, now=now)
