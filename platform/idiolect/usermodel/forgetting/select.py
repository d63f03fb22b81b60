"""What a scope names: one function for each, with short transactions of its own.

Topics ask the embedder, so nothing here is called within a transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.lm.protocols import Embedder
from idiolect.store.database import Database
from idiolect.store.models import Conversation, Memory, Message, Observation, Suggestion, User
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_conditions import is_indexed
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.forgetting.extent import LIVING
from idiolect.usermodel.forgetting.likeness import SAME_TOPIC, same_moment, without_name
from idiolect.usermodel.forgetting.scope import OfApplication, OfDay, OfProposition, OfTopic
from idiolect.usermodel.forgetting.selection import Match, Noun, Selection
from idiolect.usermodel.forgetting.tombstones import Mason, names_another, say_the_same
from idiolect.usermodel.grounding import content_words

MESSAGES_BY_MEANING = 2000
"""How many of the user's newest messages are looked at by meaning, at some 5 ms each; older ones by
their words alone. Observations are found by words and by what was concluded from them: there are
too many, and each is about too much, to be embedded."""

NEAREST = 1000
"""How many of the propositions nearest to a topic are looked at."""

NEIGHBORS = 50
"""How many of those nearest to a statement may say the same."""

SHOWN_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Selector:
    """Finds what a scope names.

    Attributes:
        database: where everything lies.
        vectors: of the propositions that act.
        embedder: for those that have no vector, and for topics.
        zone: in which the user's days begin and end.
    """

    database: Database
    vectors: VectorStore
    embedder: Embedder
    zone: tzinfo

    def of_proposition(self, user_id: str, scope: OfProposition) -> Selection:
        """A statement, and the others that a tombstone of it would refuse.

        So does what was concluded of the same moment from the same observation: *swims on Mondays
        at 07:00* and *has "Early lanes" on Mondays at 07:00* are one appointment, however far from
        each other in meaning.

        Raises:
            NotFoundError: this user has no such proposition, or it was forgotten.
        """
        with self.database.transaction() as session:
            memories = MemoryRepository(session, user_id)
            named = memories.current(scope.id)
            if named.kind != "proposition":
                raise NotFoundError(f"{scope.id} is not a proposition")
            user_name = _user_name(session, user_id)
            propositions = _propositions(session, user_id)
            meetings = _same_appointment(session, user_id, named, propositions)
        said = named.text or ""
        stone = Mason(self.embedder).statements([said], user_name)[said]
        vectors = self._about_the_same(user_id, said, propositions)
        same = say_the_same(stone, list(vectors), vectors, user_name)
        matches = [Match("proposition", named.lineage_id, _shown(said), 1.0)] + [
            Match("proposition", one.lineage_id, _shown(one.text or ""), same.get(one.text or ""))
            for one in propositions
            if (one.text in same or one.lineage_id in meetings)
            and one.lineage_id not in scope.keep | {named.lineage_id}
        ]
        lineages = frozenset(match.id for match in matches)
        observations: tuple[str, ...] = ()
        if scope.with_evidence:
            with self.database.transaction() as session:
                observations = _evidence(session, user_id, lineages, scope.keep)
        return Selection(lineages=lineages, observations=observations, matches=tuple(matches))

    def of_application(self, user_id: str, scope: OfApplication) -> Selection:
        """What was observed in an application.

        Raises:
            NotFoundError: nothing was.
        """
        with self.database.transaction() as session:
            seen = select(Observation.application).where(Observation.user_id == user_id).distinct()
            known = [name for name in session.scalars(seen) if name]
            meant = scope.name.strip().casefold()
            # The databases fold letters each in their own way.
            names = [name for name in known if name.casefold() == meant]
            if not names:
                raise NotFoundError(
                    f"nothing was observed in {scope.name!r}",
                    hint=f"Observed were {', '.join(sorted(known)[:10])}." if known else None,
                )
            named = Observation.application.in_(names)
            return Selection(
                applications=frozenset({meant}),
                observations=_ids(session, Observation, user_id, named),
                matches=_first_observations(session, user_id, named),
            )

    def of_day(self, user_id: str, scope: OfDay) -> Selection:
        """What was observed, said and suggested on a day of the user's clock."""
        begins, ends = (
            datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)
            for day in (scope.day, scope.day + timedelta(days=1))
        )

        def within(column: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
            return and_(column >= begins, column < ends)

        with self.database.transaction() as session:
            said = select(Message.id).join(Conversation, Conversation.id == Message.conversation_id)
            said = said.where(Conversation.user_id == user_id, within(Message.created_at))
            seen = within(Observation.occurred_at)
            return Selection(
                observations=_ids(session, Observation, user_id, seen),
                messages=frozenset(session.scalars(said)),
                suggestions=frozenset(
                    _ids(session, Suggestion, user_id, within(Suggestion.created_at))
                ),
                matches=_first_observations(session, user_id, seen),
            )

    def of_topic(self, user_id: str, scope: OfTopic) -> Selection:
        """Propositions and messages by meaning and by words; observations by words and by what was
        concluded from them; suggestions by words.

        Raises:
            InvalidInputError: the topic has no word that means something.
        """
        with self.database.transaction() as session:
            user_name = _user_name(session, user_id)
            propositions = _propositions(session, user_id)
            messages = _messages(session, user_id)
        topic = without_name(scope.text, user_name)
        stems = content_words(topic)
        if not stems:
            raise InvalidInputError(
                f"{scope.text!r} names nothing to forget",
                hint="Give a word or a few that say what it is about.",
            )
        stone = Mason(self.embedder).topic(scope.text, user_name)
        [wanted] = self.embedder.embed([topic])
        statements = [(one.lineage_id, one.text or "") for one in propositions]
        others = {id for id, text in statements if names_another(stone, text, user_name)}
        near = self._near(user_id, wanted, propositions)
        near = {id: cosine for id, cosine in near.items() if id not in others}
        talk = [(one.id, one.text) for one in messages]
        found = [
            *_about("proposition", statements, near, stems),
            *_about("message", talk, self._near_messages(wanted, messages), stems),
        ]
        matches = [match for match in found if match.id not in scope.keep]
        lineages = frozenset(one.id for one in matches if one.noun == "proposition")
        with self.database.transaction() as session:
            by_words = _observations_with(session, user_id, stems, scope.keep)
            concluded_from = _evidence(session, user_id, lineages, scope.keep)
        seen = dict.fromkeys([match.id for match in by_words] + list(concluded_from))
        return Selection(
            lineages=lineages,
            observations=tuple(seen),
            messages=frozenset(one.id for one in matches if one.noun == "message"),
            matches=(*sorted(matches, key=lambda one: -(one.similarity or 0.0)), *by_words),
            words=stems,
            stones=(stone,),
        )

    def _about_the_same(
        self, user_id: str, said: str, propositions: Sequence[Memory]
    ) -> dict[str, Sequence[float]]:
        """Vectors, by text, of the statements that may say the same as one of them."""
        [vector] = self.embedder.embed([said])
        near = [match.id for match in self.vectors.query(user_id, vector, NEIGHBORS)]
        stored = self.vectors.get(user_id, near)
        known: dict[str, Sequence[float]] = {
            one.text or "": stored[one.lineage_id]
            for one in propositions
            if one.lineage_id in stored
        }
        stems = content_words(said)
        elsewhere = sorted(
            one.text
            for one in propositions
            if one.text and not is_indexed(one) and stems & content_words(one.text)
        )
        return known | dict(zip(elsewhere, self.embedder.embed(elsewhere), strict=True))

    def _near(
        self, user_id: str, wanted: Sequence[float], propositions: Sequence[Memory]
    ) -> dict[str, float]:
        """The cosines of the statements nearest to a vector, by lineage."""
        near = {one.id: one.similarity for one in self.vectors.query(user_id, wanted, NEAREST)}
        elsewhere = [one for one in propositions if not is_indexed(one)]
        texts = [one.text or "" for one in elsewhere]
        cosines = zip(elsewhere, self._cosines(wanted, texts), strict=True)
        return near | {one.lineage_id: cosine for one, cosine in cosines}

    def _near_messages(
        self, wanted: Sequence[float], messages: Sequence[Message]
    ) -> dict[str, float]:
        said = [one for one in messages if one.role == "user"][:MESSAGES_BY_MEANING]
        cosines = zip(said, self._cosines(wanted, [one.text for one in said]), strict=True)
        return {one.id: cosine for one, cosine in cosines}

    def _cosines(self, wanted: Sequence[float], texts: Sequence[str]) -> list[float]:
        return [float(np.dot(wanted, vector)) for vector in self.embedder.embed(texts)]


def _about(
    noun: Noun,
    texts: Iterable[tuple[str, str]],
    cosines: Mapping[str, float],
    stems: frozenset[str],
) -> list[Match]:
    """What is near a topic, or has all its words."""
    return [
        Match(noun, id, _shown(text), cosines.get(id))
        for id, text in texts
        if cosines.get(id, 0.0) >= SAME_TOPIC or stems <= content_words(text)
    ]


def _propositions(session: Session, user_id: str) -> Sequence[Memory]:
    return MemoryRepository(session, user_id).list_current("proposition", states=LIVING)


def _messages(session: Session, user_id: str) -> Sequence[Message]:
    """All of them, newest first."""
    return session.scalars(
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.user_id == user_id)
        .order_by(Message.created_at.desc(), Message.id.desc())
    ).all()


def _observations_with(
    session: Session, user_id: str, stems: frozenset[str], keep: frozenset[str]
) -> list[Match]:
    """Observations that have all of some words, in text, title or address."""
    rows = session.execute(
        select(Observation.id, Observation.title, Observation.url, Observation.text)
        .where(Observation.user_id == user_id)
        .order_by(Observation.occurred_at.desc(), Observation.id)
    )
    return [
        Match("observation", id, _shown(text or title or ""))
        for id, title, url, text in rows
        if id not in keep and stems <= content_words(f"{title or ''} {url or ''} {text}")
    ]


def _evidence(
    session: Session, user_id: str, lineages: Iterable[str], keep: frozenset[str]
) -> tuple[str, ...]:
    """The observations that support some statements and are still there."""
    memories = MemoryRepository(session, user_id)
    sources = memories.sources(list(lineages), "observation", "supports")
    ids = sorted(set().union(*sources.values()) - keep)
    return _ids(session, Observation, user_id, Observation.id.in_(ids)) if ids else ()


def _same_appointment(
    session: Session, user_id: str, named: Memory, propositions: Sequence[Memory]
) -> set[str]:
    """The lineages of what tells the same moment and rests on an observation of the same."""
    at_once = [one for one in propositions if same_moment(named.text or "", one.text or "")]
    if not at_once:
        return set()
    lineages = [named.lineage_id, *(one.lineage_id for one in at_once)]
    sources = MemoryRepository(session, user_id).sources(lineages, "observation", "supports")
    own = set(sources.get(named.lineage_id, ()))
    return {one.lineage_id for one in at_once if own & set(sources.get(one.lineage_id, ()))}


def _first_observations(
    session: Session, user_id: str, condition: ColumnElement[bool], limit: int = 5
) -> tuple[Match, ...]:
    rows = session.execute(
        select(Observation.id, Observation.title, Observation.text)
        .where(Observation.user_id == user_id, condition)
        .order_by(Observation.occurred_at.desc(), Observation.id)
        .limit(limit)
    )
    return tuple(Match("observation", id, _shown(text or title or "")) for id, title, text in rows)


def _ids(
    session: Session, table: Any, user_id: str, condition: ColumnElement[bool]
) -> tuple[str, ...]:
    return tuple(session.scalars(select(table.id).where(table.user_id == user_id, condition)))


def _user_name(session: Session, user_id: str) -> str:
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(f"no user {user_id}")
    return user.name


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[: SHOWN_CHARACTERS - 1]}…"


SELECTORS: Mapping[type, Callable[..., Selection]] = {
    OfProposition: Selector.of_proposition,
    OfApplication: Selector.of_application,
    OfDay: Selector.of_day,
    OfTopic: Selector.of_topic,
}
"""By scope; everything needs no selection."""
