"""Whether what somebody writes into a user's propositions passes the tombstones."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from idiolect.errors import ConflictError
from idiolect.lm.protocols import Embedder
from idiolect.store.repositories.forgetting import ForgettingRepository
from idiolect.store.repositories.memory import proposition_hash
from idiolect.store.repositories.memory_event import USER
from idiolect.store.repositories.user import UserRepository
from idiolect.usermodel.forgetting.tombstones import Tombstones


@dataclass(frozen=True, slots=True)
class Said:
    """A statement on its way into a user's propositions, with what tombstones know it by.

    Attributes:
        text: the statement.
        embedding: name of the embedder.
        vector: its embedding, of length one.
    """

    text: str
    embedding: str
    vector: list[float]

    @classmethod
    def of(cls, text: str, embedder: Embedder) -> "Said":
        """Asks the embedder, so before a transaction begins."""
        [vector] = embedder.embed([text])
        return cls(text, embedder.name, vector)


def let_pass(session: Session, user_id: str, said: Said, actor: str) -> None:
    """Lets a statement pass or refuses it, in the transaction that writes it down.

    What users say themself they no longer want forgotten: tombstones that stand for it go.

    Raises:
        ConflictError: code FORGOTTEN, the user has had it forgotten and somebody else says it.
    """
    user_name = UserRepository(session, user_id).get().name
    stones = Tombstones.read(session, user_id, user_name, said.embedding, [said.text])
    if actor == USER:
        forgettings = ForgettingRepository(session, user_id)
        word_for_word = proposition_hash(said.text)
        same = [one.id for one in forgettings.tombstones() if one.content_hash == word_for_word]
        forgettings.lift({*stones.to_lift(said.text, said.vector), *same})
    elif stones.forbids(said.text, said.vector):
        raise ConflictError(
            "the user has had this statement forgotten",
            hint="Only the user can add it again.",
            code="FORGOTTEN",
        )
