"""What the user contests of what is believed of them: it does not act until they settle it.

A contested proposition stays where it is, so that what says the same is still recognized as known
and does not take its place. It is held back where it would act: ``precedence.decide``.
"""

from typing import Literal

from sqlalchemy.orm import Session

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import LONGEST_REASON, USER
from idiolect.store.repositories.user import UserRepository
from idiolect.usermodel.charter.preferences import CONTESTED, is_contested
from idiolect.usermodel.memory.checks import require_open
from idiolect.usermodel.pipeline import UserModel

Outcome = Literal["uphold", "retire", "amend"]


class PropositionContests:
    """Contests of propositions.

    Nobody but the user has a say in what is true of them, so their word settles a contest.

    Args:
        database: where the propositions lie.
        user_model: takes what the user says of them.
        clock: gives the present.
    """

    def __init__(self, database: Database, user_model: UserModel, clock: Clock) -> None:
        self._database = database
        self._user_model = user_model
        self._clock = clock

    def contest(self, user_id: str, memory_id: str, reason: str) -> Memory:
        """Suspends a proposition; gives its version then. Doing so again changes nothing.

        Args:
            reason: for the record, in 1 to 500 characters that do not repeat what it says.

        Raises:
            NotFoundError: this user has no such proposition.
            ConflictError: it was merged or has expired.
            InvalidInputError: there is no reason.
        """
        with self._database.transaction() as session:
            memories, known = _held(session, user_id, memory_id)
            require_open(known)
            if is_contested(known.payload):
                return known
            return memories.revise(
                known,
                self._clock(),
                reason=reason,
                detail={"step": "contest"},
                payload={**known.payload, CONTESTED: True},
            )

    def settle(
        self,
        user_id: str,
        memory_id: str,
        outcome: Outcome,
        reason: str,
        *,
        text: str | None = None,
    ) -> Memory:
        """Ends a contest; gives the proposition's version then.

        Args:
            outcome: ``uphold`` lets it act again; ``retire`` is to say that it is false;
                ``amend`` puts the user's words in its place.
            text: these words; given just with ``amend``.

        Raises:
            NotFoundError: this user has no such proposition.
            ConflictError: it is not contested.
            InvalidInputError: there is no reason, or a text is missing or too many.
        """
        if (text is not None) != (outcome == "amend"):
            raise InvalidInputError(
                f"a contest is settled by {outcome} {'without' if text else 'with'} a text",
                hint="Give a text when you amend a proposition, and only then.",
            )
        if not 0 < len(reason.strip()) <= LONGEST_REASON:
            raise InvalidInputError(
                f"a contest is settled for a reason of 1 to {LONGEST_REASON} characters",
                hint="Say in a few words why; leave out what the proposition says.",
            )
        with self._database.transaction() as session:
            _require_contested(_held(session, user_id, memory_id)[1])
        # It stays contested until the last of these is done: should one fail, nothing acts.
        if outcome == "retire":
            self._user_model.ratings.rate(user_id, memory_id, "false")
        if text is not None:
            self._user_model.correct(user_id, memory_id, text)
        with self._database.transaction() as session:
            memories, known = _held(session, user_id, memory_id)
            _require_contested(known)
            return memories.revise(
                known,
                self._clock(),
                reason=reason,
                detail={"step": outcome},
                payload={name: value for name, value in known.payload.items() if name != CONTESTED},
            )


def _held(session: Session, user_id: str, memory_id: str) -> tuple[MemoryRepository, Memory]:
    """The user's memories, with no other act beside this one, and the proposition among them."""
    UserRepository(session, user_id).hold()
    memories = MemoryRepository(session, user_id, USER)
    known = memories.current(memory_id)
    if known.kind != "proposition":
        raise NotFoundError(f"{memory_id} is not a proposition")
    return memories, known


def _require_contested(memory: Memory) -> None:
    if not is_contested(memory.payload):
        raise ConflictError(
            f"proposition {memory.id} is not contested",
            hint="Contest it first, or say that it is right or wrong.",
        )
