"""The user model: learns from observations, and answers questions about the user."""

from collections.abc import Collection, Sequence
from datetime import datetime

from idiolect.errors import InvalidInputError
from idiolect.kit.clock import Clock
from idiolect.lm.protocols import Embedder
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import USER
from idiolect.store.repositories.user import UserRepository
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.audit.auditor import Auditor
from idiolect.usermodel.confidence import CAPS
from idiolect.usermodel.forgetting.passing import Said, let_pass
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.learning import Learner, ProcessReport
from idiolect.usermodel.propose.protocols import Proposer
from idiolect.usermodel.ratings import Ratings
from idiolect.usermodel.recall import Recall
from idiolect.usermodel.relate.protocols import Relater
from idiolect.usermodel.rerank import Reranker
from idiolect.usermodel.retrieve import Retrieved
from idiolect.usermodel.search import Asker, PropositionSearch, Question
from idiolect.usermodel.verdict import corrected


class UserModel:
    """Propositions of all users, over SQL (the truth) and vectors (an index that can be rebuilt).

    Args:
        database: where propositions, their history and evidence lie.
        vectors: nearest neighbors by meaning; one collection a user.
        embedder: turns statements and queries into the vectors' space.
        proposers: each reads every batch; drafts that say the same are merged.
        relater: tells how a draft stands to what is known.
        clock: gives the present.
        auditor: decides what may be learned from; by default by rules, without a model.
        reranker: puts what is found in order for those who ask for it; by default nobody does.

    Attributes:
        ratings: takes what the user says of propositions, and calibrates confidence by it.
        reranks: whether there is a reranker.

    No method holds a transaction while a model or the embedder works. Vectors are written after
    the commit; should the process die between the two, the next batch mends them.
    """

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        embedder: Embedder,
        proposers: Sequence[Proposer],
        relater: Relater,
        clock: Clock,
        auditor: Auditor | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._database = database
        self._embedder = embedder
        self._clock = clock
        self._index = PropositionIndex(database, vectors, embedder)
        self._search = PropositionSearch(database, vectors, embedder, reranker)
        self.reranks = reranker is not None
        self._recall = Recall(database, vectors, embedder)
        self.ratings = Ratings(database, self._index, clock)
        self._learner = Learner(
            database,
            vectors,
            embedder,
            self._index,
            auditor or Auditor(),
            proposers,
            relater,
            clock,
        )

    def process(self, user_id: str, observation_ids: Sequence[str]) -> ProcessReport:
        """Learns from a batch of observations: audit, propose, retrieve, relate, revise.

        Either the whole batch is taken in or nothing of it. Run twice, it changes nothing the
        second time, because evidence that is linked already does not count again. Whatever
        fails is raised, for the job to try again and to stop after its last attempt.

        Raises:
            NotFoundError: an observation is not there or not this user's.
            NotReadyError: the user wants a model to judge, and there is none.
            ModelError: a model was asked, as judge, proposer or relater, and it failed.
        """
        return self._learner.process(user_id, observation_ids)

    def search(
        self,
        user_id: str,
        query: str,
        limit: int = 10,
        now: datetime | None = None,
        *,
        with_private: bool = False,
        scopes: Collection[str] | None = None,
        rerank: bool = False,
    ) -> list[Retrieved]:
        """Propositions for a query, by relevance · confidence · recency, then variety.

        What is near in meaning and what holds the query's words are ranked together; see
        ``retrieve``. An empty query gives what is most certain and fresh. Confidence is the
        calibrated one; see ``calibration.reading``.

        Args:
            with_private: whether to find what the user rated private, which nobody else is shown.
            scopes: finds what is shared with one of these as if there were nothing else, so that
                not even the figures tell of the rest; None finds all.
            rerank: has a language model put what is found in order, where one is set up for that;
                this takes one call, which the loop that learns never makes.
        """
        asker = Asker(user_id, now or self._clock(), with_private, scopes)
        [found] = self._search.find(asker, [Question(query, limit, rerank)])
        return found

    def search_each(self, asker: Asker, questions: Sequence[Question]) -> list[list[Retrieved]]:
        """As ``search`` for several questions at once, which takes less than one by one."""
        return self._search.find(asker, questions)

    def recall(
        self, asker: Asker, question: Question, moment: datetime, held: datetime | None = None
    ) -> list[Retrieved]:
        """As ``search`` for what was believed at a moment; see ``Recall.find``."""
        return self._recall.find(asker, question, moment, held)

    def correct(self, user_id: str, memory_id: str, text: str) -> Memory:
        """Puts the user's own words in a proposition's place; inference no longer changes it.

        What they say themself they no longer want forgotten: tombstones that stand for it go.

        Raises:
            NotFoundError: this user has no such memory.
            InvalidInputError: the text is empty.
        """
        if not text.strip():
            raise InvalidInputError("a proposition needs a text")
        now = self._clock()
        said = Said.of(text.strip(), self._embedder)
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            memories = MemoryRepository(session, user_id, USER)
            known = memories.current(memory_id)
            let_pass(session, user_id, said, USER)
            revised = memories.revise(
                known,
                now,
                reason="corrected",
                state="activated",
                text=said.text,
                confidence=CAPS["typed"],
                supported_at=now,
                payload=corrected(known.payload),
            )
        self._index.write(user_id, [revised.lineage_id])
        return revised

    def reindex(self, user_id: str) -> int:
        """Rebuilds a user's vectors from SQL; returns how many there are."""
        return self._index.rebuild(user_id)
