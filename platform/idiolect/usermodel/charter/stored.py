"""Each user's charter as it is kept: a memory whose versions are its changes.

Nothing is kept of a user who has not taken part yet: theirs is the charter that ships. From their
first act on all of it is kept, and what was never voted on or contested is still read as it ships,
so that a standard that a release adds or words better holds for everybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy.orm import Session

from idiolect.errors import ConflictError
from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.models import Memory, MemoryEvent
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import SYSTEM, USER, MemoryEventRepository
from idiolect.store.repositories.page import Page
from idiolect.store.repositories.user import UserRepository
from idiolect.usermodel.charter import lifecycle
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.charter.lifecycle import Settled
from idiolect.usermodel.charter.platform_vote import vote_on_contest, vote_on_proposal
from idiolect.usermodel.charter.precedence import decide
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.render import render
from idiolect.usermodel.charter.standards import Charter, Role, Standard, charter_from

BINDING_CHARACTERS = 1500
"""How much the obligations and prohibitions of a role may say: a model reads all of them before
every answer."""

Step = Literal["propose", "ratify", "contest", "settle", "retire"]


class StoredCharters:
    """The charters of all users, and what a user does in theirs.

    Every act names the version of the charter that the user saw (``Charter.version``), and is
    refused with a ConflictError, CHARTER_CHANGED, when it is not that any more. A vote is the
    user's ballot, to which the platform adds its own where it has a say.

    Args:
        database: where they are kept.
        clock: gives the present.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, user_id: str) -> Charter:
        """A user's charter as it stands now; what is overdue for review is contested in it."""
        with self._database.transaction() as session:
            return charter_at(session, user_id, self._clock())

    def history(
        self, user_id: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[MemoryEvent]:
        """What was done to a user's charter, the newest first; nothing while it is as it ships.

        The detail of an act names the ``step``, the ``standard`` and the ``charter``'s version
        after it.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        with self._database.transaction() as session:
            kept = _kept(session, user_id)
            if kept is None:
                return Page([], None)
            events = MemoryEventRepository(session, user_id)
            return events.page(lineage_id=kept.lineage_id, limit=limit, cursor=cursor)

    def propose(self, user_id: str, standard: Standard, *, seen: str) -> Charter:
        """Adds a standard of the user's that has no effect yet; see ``lifecycle.propose``.

        Raises:
            ConflictError: the charter has had a standard of this id.
        """
        with self._change(user_id, seen) as change:
            proposed = lifecycle.propose(change.charter, standard)
            return change.keep(proposed, "propose", standard.id, standard.rationale)

    def ratify(self, user_id: str, standard_id: str, ballot: Ballot, *, seen: str) -> Settled:
        """Gives a proposal effect if the vote carries it; see ``lifecycle.ratify``.

        Raises:
            NotFoundError: there is no such standard.
            ConflictError: it is not a proposal, or the vote did not carry it.
            PayloadTooLargeError: the charter would say too much.
        """
        with self._change(user_id, seen) as change:
            standard = change.charter.get(standard_id)
            ballots = [ballot]
            if "platform" in lifecycle.quorum(change.charter, standard):
                ballots.append(vote_on_proposal(change.charter, standard))
            settled = lifecycle.ratify(change.charter, standard_id, ballots, at=change.now)
            _require_short(settled.charter)
            change.keep(settled.charter, "ratify", standard_id, ballot.reason)
            return settled

    def contest(self, user_id: str, standard_id: str, reason: str, *, seen: str) -> Charter:
        """Calls a standard into question; see ``lifecycle.contest``.

        Raises:
            NotFoundError: there is no such standard.
            InvalidInputError: there is no reason.
            ConflictError: the standard is not ratified.
        """
        with self._change(user_id, seen) as change:
            contested = lifecycle.contest(
                change.charter, standard_id, "user", reason, at=change.now
            )
            return change.keep(contested, "contest", standard_id, reason)

    def settle(
        self,
        user_id: str,
        standard_id: str,
        ballot: Ballot,
        *,
        seen: str,
        amendment: Standard | None = None,
        review_by: datetime | None = None,
    ) -> Settled:
        """Ends a contest as the parties vote; see ``lifecycle.settle``.

        Raises:
            NotFoundError: there is no such standard.
            InvalidInputError: the amendment or the ballot is on something else.
            ConflictError: the standard is not contested.
            PayloadTooLargeError: the charter would say too much.
        """
        with self._change(user_id, seen) as change:
            standard = change.charter.get(standard_id)
            wanted = {
                party
                for wording in (standard, amendment)
                if wording is not None
                for party in lifecycle.quorum(change.charter, wording)
            }
            ballots = [ballot]
            if "platform" in wanted:
                ballots.append(vote_on_contest(change.charter, standard, amendment))
            settled = lifecycle.settle(
                change.charter,
                standard_id,
                ballots,
                at=change.now,
                amendment=amendment,
                review_by=review_by,
            )
            _require_short(settled.charter)
            change.keep(settled.charter, "settle", standard_id, ballot.reason)
            return settled

    def retire(self, user_id: str, standard_id: str, reason: str, *, seen: str) -> Charter:
        """Takes back a standard that the user brought in; see ``lifecycle.retire``.

        Raises:
            NotFoundError: there is no such standard.
            InvalidInputError: there is no reason.
            ConflictError: it is another party's, a prohibition in effect, contested or retired.
        """
        with self._change(user_id, seen) as change:
            retired = lifecycle.retire(change.charter, standard_id, "user", reason, at=change.now)
            return change.keep(retired, "retire", standard_id, reason)

    @contextmanager
    def _change(self, user_id: str, seen: str) -> Iterator["_Change"]:
        """One transaction that no other act on this user's memories runs beside."""
        now = self._clock()
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            kept = _kept(session, user_id)
            charter = _standing(kept, now)
            if charter.version != seen:
                raise ConflictError(
                    f"the charter is at version {charter.version}, not {seen}",
                    code="CHARTER_CHANGED",
                    hint="Read the charter again, and decide on what it says now.",
                )
            yield _Change(session, user_id, kept, charter, now)


@dataclass(frozen=True, slots=True)
class _Change:
    """A user's charter while it is being changed."""

    session: Session
    user_id: str
    kept: Memory | None
    charter: Charter
    now: datetime

    def keep(self, changed: Charter, step: Step, standard_id: str, reason: str) -> Charter:
        """Keeps the charter that a step led to; with the first one, also that which ships."""
        before = self.kept or MemoryRepository(self.session, self.user_id, SYSTEM).add(
            "charter",
            self.now,
            reason="as it ships",
            state="activated",
            payload=default_charter().as_dict(),
        )
        MemoryRepository(self.session, self.user_id, USER).revise(
            before,
            self.now,
            reason=reason,
            detail={"step": step, "standard": standard_id, "charter": changed.version},
            payload=changed.as_dict(),
        )
        return changed


def charter_at(session: Session, user_id: str, now: datetime) -> Charter:
    """A user's charter as ``StoredCharters.of`` gives it, in the caller's transaction."""
    return _standing(_kept(session, user_id), now)


def _kept(session: Session, user_id: str) -> Memory | None:
    found = MemoryRepository(session, user_id).list_current("charter")
    return found[0] if found else None


def _standing(kept: Memory | None, now: datetime) -> Charter:
    charter = default_charter() if kept is None else _with_shipped(charter_from(kept.payload))
    return lifecycle.review(charter, now)


def _with_shipped(kept: Charter) -> Charter:
    """What was agreed on, and for the rest the standards that ship."""
    agreed = {each.id: each for each in kept.standards if each.history or each.source != "platform"}
    shipped = [_agreed_on(each, agreed.pop(each.id, each)) for each in default_charter().standards]
    return Charter((*shipped, *agreed.values()))


def _agreed_on(shipped: Standard, agreed: Standard) -> Standard:
    """A standard that ships, as it was agreed on.

    One that protects others can be contested, and no vote changes more of it. So nothing else is
    taken from what was kept: an archive or an earlier version that is brought back cannot undo it.
    """
    if not shipped.protects_others:
        return agreed
    status = agreed.status if agreed.status == "contested" else shipped.status
    return replace(shipped, status=status, history=agreed.history)


def _require_short(charter: Charter) -> None:
    for role in get_args(Role):
        render(decide(charter, role, ()), BINDING_CHARACTERS)
