"""The learning loop: what a batch of observations changes in what is believed of a user.

Audit, propose, check, retrieve, relate, revise. The audit, a proposer and the relater each ask a
model once, about the whole batch. Having an answer mended takes a further call, and only where one
of the batch's ``MOST_CALLS`` is left: else the batch fails with the proposer's answer and is tried
again, and with the relater's its drafts stand by themselves.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from idiolect.kit.clock import Clock
from idiolect.lm.calls import at_most
from idiolect.lm.protocols import Embedder
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import UserRepository
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.audit.auditor import Auditor, record
from idiolect.usermodel.batch import Batch, read_batch
from idiolect.usermodel.drafts import DraftCheck, Outcome
from idiolect.usermodel.forgetting.tombstones import Tombstones
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.propose.protocols import Draft, ObservationView, Proposer
from idiolect.usermodel.recent import Recent
from idiolect.usermodel.relate.protocols import Pair, Relater
from idiolect.usermodel.revise import Related, RelatedDraft, Revision, is_estimate

MOST_CALLS = 3
"""Of language models, for one attempt at one batch."""

NEIGHBORS = 5
NEAREST_SIMILARITY = 0.45
"""How many known statements a draft is compared with, and how alike they must at least be."""


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """What a batch changed: numbers of observations and drafts by what became of them.

    Attributes:
        observations: all of the batch.
        new: drafts that are propositions now.
        merged: drafts that said what was known.
        revised: drafts that replaced an estimate.
        contradicted: drafts that spoke against what was known.
        refused: drafts of what the user had forgotten or rejected.
        dropped: observations that the audit kept from being learned from.
        quoted: observations that count as a stranger's words.
        rewritten: drafts that judged and now describe.
        refused_for_tone: drafts that judged and could not be said otherwise.
        refused_as_sensitive: drafts about what the user has not opted in to.
        unchecked: drafts refused because a check of them failed.
    """

    observations: int
    new: int = 0
    merged: int = 0
    revised: int = 0
    contradicted: int = 0
    refused: int = 0
    dropped: int = 0
    quoted: int = 0
    rewritten: int = 0
    refused_for_tone: int = 0
    refused_as_sensitive: int = 0
    unchecked: int = 0


@dataclass(frozen=True, slots=True)
class _Authored:
    """A draft and who made it."""

    author: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class _Named:
    """A draft with its author, its vector and the name that relations use."""

    name: str
    author: str
    draft: Draft
    vector: list[float]


@dataclass(frozen=True, slots=True)
class _Neighbor:
    """A known statement, or an earlier draft of the batch, that a draft may have to do with."""

    target: str
    text: str
    similarity: float
    is_estimate: bool


class Learner:
    """Takes batches of observations into the propositions of their users.

    Args:
        database: where propositions, their history and evidence lie.
        vectors: nearest neighbors by meaning; one collection a user.
        embedder: turns statements into the vectors' space.
        index: keeps the vectors up with the database.
        auditor: decides what may be learned from.
        proposers: each reads every batch; drafts that say the same are merged.
        relater: tells how a draft stands to what is known.
        clock: gives the present.
    """

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        embedder: Embedder,
        index: PropositionIndex,
        auditor: Auditor,
        proposers: Sequence[Proposer],
        relater: Relater,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vectors = vectors
        self._embedder = embedder
        self._index = index
        self._auditor = auditor
        self._proposers = proposers
        self._relater = relater
        self._clock = clock
        self._views: Recent[ObservationView] = Recent()

    def process(self, user_id: str, observation_ids: Sequence[str]) -> ProcessReport:
        """See ``UserModel.process``."""
        now = self._clock()
        with self._database.transaction() as session:
            seen = read_batch(session, user_id, observation_ids, self._views.of(user_id))
            ground = self._auditor.read(session, user_id, seen)
        self._views.keep(user_id, seen.by_id())
        # Whatever fails from here on, be it the model that judges, is raised before anything is
        # written. So nothing is learned unjudged, and nothing is logged as dropped that only came
        # at a bad moment: the job tries again, and after its last attempt it stands there as
        # failed, with the error, and its batch is kept until somebody has it tried once more.
        with at_most(MOST_CALLS):
            audited = self._auditor.audit(seen, ground)
            check = DraftCheck(
                seen.user_name,
                audited.batch.by_id(),
                ground.policy.opted_in,
                self._auditor.sensitive,
            )
            authored, outcomes = _checked(self._propose(audited.batch, now), check)
            drafts = self._embed(authored)
            self._index.mend(user_id)
            related = self._relate(user_id, drafts)
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()  # nothing is forgotten meanwhile
            record(session, user_id, audited.decisions, now)
            revision = Revision(MemoryRepository(session, user_id), audited.batch.by_id(), now)
            stones = Tombstones.read_for(
                session, user_id, seen.user_name, self._embedder.name, [one.draft for one in drafts]
            )
            wanted = [item for item in drafts if not stones.refuses(item.draft, item.vector)]
            revision.outcomes["refused"] += len(drafts) - len(wanted)
            revision.apply(
                [
                    RelatedDraft(item.name, item.author, item.draft, related[item.name])
                    for item in wanted
                ]
            )
        known = {item.draft.text: item.vector for item in drafts}
        self._index.write(user_id, revision.changed, known)
        return ProcessReport(
            observations=len(seen.observations),
            new=revision.outcomes["new"],
            merged=revision.outcomes["merged"],
            revised=revision.outcomes["revised"],
            contradicted=revision.outcomes["contradicted"],
            refused=revision.outcomes["refused"],
            dropped=audited.dropped,
            quoted=audited.quoted,
            rewritten=outcomes["rewritten"],
            refused_for_tone=outcomes["refused for its tone"],
            refused_as_sensitive=outcomes["refused as sensitive"],
            unchecked=outcomes["unchecked"],
        )

    def _propose(self, batch: Batch, now: datetime) -> list[_Authored]:
        if not batch.observations:
            return []
        return [
            _Authored(proposer.name, draft)
            for proposer in self._proposers
            for draft in proposer.propose(
                batch.observations, batch.earlier, user_name=batch.user_name, now=now
            )
        ]

    def _embed(self, authored: Sequence[_Authored]) -> list[_Named]:
        if not authored:
            return []
        vectors = self._embedder.embed([one.draft.text for one in authored])
        return [
            _Named(f"draft:{number}", one.author, one.draft, vector)
            for number, (one, vector) in enumerate(zip(authored, vectors, strict=True))
        ]

    def _relate(self, user_id: str, drafts: Sequence[_Named]) -> dict[str, list[Related]]:
        """Labels every draft against its neighbors, known ones and earlier drafts, in one call."""
        near = self._neighbors(user_id, drafts)
        pairs = [
            Pair(old=other.text, new=item.draft.text, similarity=other.similarity)
            for item in drafts
            for other in near[item.name]
        ]
        labels = iter(self._relater.relate(pairs) if pairs else [])
        related: dict[str, list[Related]] = {item.name: [] for item in drafts}
        for item in drafts:
            for other in near[item.name]:
                label = next(labels)
                if label is not None:
                    related[item.name].append(Related(other.target, label, other.similarity))
        return related

    def _neighbors(self, user_id: str, drafts: Sequence[_Named]) -> dict[str, list[_Neighbor]]:
        """For each draft, what is near enough to be related to it.

        Two estimates are never compared: their keys say already whether they are the same.
        """
        asked = [item.vector for item in drafts]
        found = self._vectors.query_each(user_id, asked, NEIGHBORS)
        matches = {item.name: near for item, near in zip(drafts, found, strict=True)}
        with self._database.transaction() as session:
            known = MemoryRepository(session, user_id).by_lineage(
                {match.id for found in matches.values() for match in found}
            )
        near: dict[str, list[_Neighbor]] = {}
        for number, item in enumerate(drafts):
            stored = [
                _Neighbor(match.id, memory.text or "", match.similarity, is_estimate(memory))
                for match in matches[item.name]
                if (memory := known.get(match.id)) is not None
            ]
            siblings = [
                _Neighbor(
                    other.name,
                    other.draft.text,
                    _cosine(item.vector, other.vector),
                    other.draft.estimate_key is not None,
                )
                for other in drafts[:number]
            ]
            near[item.name] = [
                other
                for other in (*stored, *siblings)
                if other.similarity >= NEAREST_SIMILARITY
                and not (other.is_estimate and item.draft.estimate_key is not None)
            ]
        return near


def _checked(
    authored: Sequence[_Authored], check: DraftCheck
) -> tuple[list[_Authored], Counter[Outcome]]:
    """The drafts that may be learned, and how many came to which end."""
    checked = [(one.author, check.check(one.draft)) for one in authored]
    kept = [_Authored(author, one.draft) for author, one in checked if one.draft is not None]
    return kept, Counter(one.outcome for _, one in checked)


def _cosine(left: Sequence[float], right: Sequence[float]) -> float:
    return float(np.dot(left, right))
