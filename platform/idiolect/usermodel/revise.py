"""What becomes of a draft: merged, revised, set against what is known, or kept as new.

All of it inside one short transaction and without a model: the labels were had before. Every
change appends a version; nothing is overwritten.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from idiolect.store.models import Memory
from idiolect.store.models.memory import Relation
from idiolect.store.repositories.memory import MemoryFields, MemoryRepository
from idiolect.store.repositories.memory_conditions import is_dormant
from idiolect.store.repositories.memory_event import Verb
from idiolect.usermodel import confidence
from idiolect.usermodel.confidence import Trust
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.relate.protocols import Label
from idiolect.usermodel.relate.rules import Parts
from idiolect.usermodel.verdict import is_settled

CHANGE_CONFIDENCE = 0.7
"""A trusted, newer, contradicting draft from here on means that the world has changed."""

IMPLIED_SIMILARITY = 0.6
IMPLIED_WORDS = 0.5
"""How alike a general statement must be to one that is said to imply it, and which share of its
content words must stand there too, to inherit confidence: "plays the piano at school" lends its
confidence to "plays the piano", not to a short statement that only lies near it."""


@dataclass(frozen=True, slots=True)
class Related:
    """A draft's relation to a known lineage, or to an earlier draft of the same batch."""

    target: str
    label: Label
    similarity: float


@dataclass(frozen=True, slots=True)
class RelatedDraft:
    """A draft, who made it, and how it stands to what is known.

    Attributes:
        name: what later drafts' relations call it.
    """

    name: str
    author: str
    draft: Draft
    related: Sequence[Related]


@dataclass(slots=True)
class Revision:
    """Applies drafts to one user's propositions, inside one transaction that holds the user.

    Attributes:
        outcomes: how many drafts were ``new``, ``merged``, ``revised``, ``contradicted`` or
            ``refused`` (rejected by the user before).
        changed: lineages whose text or state is new, so that their vector must be written.
        lineages: what became of each draft's temporary name.
    """

    memories: MemoryRepository
    observations: Mapping[str, ObservationView]
    now: datetime
    outcomes: Counter[str] = field(default_factory=Counter)
    changed: set[str] = field(default_factory=set)
    lineages: dict[str, str] = field(default_factory=dict)
    _current: dict[str, Memory] = field(default_factory=dict, init=False)
    """By lineage, the version that stands."""
    _estimates: dict[str, str] = field(default_factory=dict, init=False)
    """Their lineages by their keys."""
    _supports: dict[str, set[str]] = field(default_factory=dict, init=False)
    """By lineage, the observations that support it."""

    def apply(self, drafts: Sequence[RelatedDraft]) -> None:
        """Takes in drafts, in their order."""
        self._read(drafts)
        for one in drafts:
            self.lineages[one.name] = self._take(one.draft, one.author, one.related)

    def _read(self, drafts: Sequence[RelatedDraft]) -> None:
        """Reads again what the drafts are related to: it may have changed since the labels."""
        named = {one.name for one in drafts}
        targets = {item.target for one in drafts for item in one.related} - named
        keys = {one.draft.estimate_key for one in drafts if one.draft.estimate_key is not None}
        estimates = self.memories.by_estimate("proposition", keys) if keys else {}
        self._estimates |= {key: memory.lineage_id for key, memory in estimates.items()}
        self._current |= self.memories.by_lineage(targets)
        self._current |= {memory.lineage_id: memory for memory in estimates.values()}
        self._supports |= self.memories.sources(self._current, "observation", "supports")

    def _take(self, draft: Draft, author: str, related: Sequence[Related]) -> str:
        """What a draft says has a lineage in the end, which this gives."""
        if draft.estimate_key in self._estimates:
            return self._reestimate(self._current[self._estimates[draft.estimate_key]], draft)
        known = self._known(related)
        if identical := self._nearest(known, "identical"):
            return self._merge(identical, draft)
        if contradicted := self._nearest(known, "contradicts"):
            return self._contradict(contradicted, draft, author)
        lineage = self._create(draft, author, draft.confidence, "new")
        specific = [] if self._is_strangers(draft) else self._implying(draft, known)
        if specific:
            self._derive(lineage, specific)
        return lineage

    def _known(self, related: Sequence[Related]) -> list[tuple[Related, Memory]]:
        targets = [self.lineages.get(item.target, item.target) for item in related]
        return [
            (item, self._current[target])
            for item, target in zip(related, targets, strict=True)
            if target in self._current
        ]

    @staticmethod
    def _implying(draft: Draft, known: Sequence[tuple[Related, Memory]]) -> list[Memory]:
        said = Parts.of(draft.text).content
        return [
            memory
            for item, memory in known
            if item.label == "generalizes"
            and item.similarity >= IMPLIED_SIMILARITY
            and len(said & Parts.of(memory.text or "").content) >= IMPLIED_WORDS * len(said)
            and memory.state == "activated"
        ]

    @staticmethod
    def _nearest(known: Sequence[tuple[Related, Memory]], label: Label) -> Memory | None:
        # Only "identical" looks at what is no longer held: that is how a rejected one is known,
        # and a dormant one, which wakes unless something that is awake says the same.
        fitting = [
            (not is_dormant(memory), item.similarity, memory)
            for item, memory in known
            if item.label == label and (label == "identical" or memory.state == "activated")
        ]
        return max(fitting, key=lambda found: found[:2])[2] if fitting else None

    def _create(self, draft: Draft, author: str, belief: float, outcome: str) -> str:
        payload: dict[str, object] = {"author": author}
        if draft.estimate_key is not None:
            payload["estimate_key"] = draft.estimate_key
        memory = self.memories.add(
            "proposition",
            self.now,
            reason=f"proposed by {author}",
            state="activated",
            text=draft.text,
            reasoning=draft.reasoning,
            confidence=min(belief, confidence.cap(self._trusts(draft))),
            durability=draft.durability,
            payload=payload,
            valid_from=draft.valid_from,
            valid_to=draft.valid_to,
            supported_at=self._supported_at(draft),
        )
        self._current[memory.lineage_id] = memory
        self._supports[memory.lineage_id] = set()
        if draft.estimate_key is not None:
            self._estimates[draft.estimate_key] = memory.lineage_id
        self._link(memory, draft, "supports")
        self.changed.add(memory.lineage_id)
        self.outcomes[outcome] += 1
        return memory.lineage_id

    def _revise(
        self,
        known: Memory,
        draft: Draft,
        relation: Relation,
        reason: str,
        changes: MemoryFields,
        verb: Verb = "update",
    ) -> None:
        """Appends a version, with the draft's evidence as far as it is new."""
        revised = self.memories.revise(known, self.now, verb=verb, reason=reason, **changes)
        self._current[known.lineage_id] = revised
        self._link(revised, draft, relation)

    def _reestimate(self, known: Memory, draft: Draft) -> str:
        """A newer estimate of the same quantity replaces the older one's figures."""
        if is_settled(known):
            self.outcomes["refused"] += 1
            return known.lineage_id
        fresh = self._novelty(known, draft) > 0
        if not fresh and known.text == draft.text and known.confidence == draft.confidence:
            self.outcomes["merged"] += 1
            return known.lineage_id
        changes: MemoryFields = {
            "state": "activated",
            "text": draft.text,
            "reasoning": draft.reasoning,
            "confidence": min(draft.confidence, confidence.cap(self._trusts(draft))),
            "durability": draft.durability,
            "valid_to": draft.valid_to,
            "supported_at": self._latest(known, draft),
        }
        self._revise(known, draft, "supports", "estimated anew", changes)
        self.changed.add(known.lineage_id)
        self.outcomes["revised"] += 1
        return known.lineage_id

    def _merge(self, known: Memory, draft: Draft) -> str:
        """The same statement again: its evidence is added and moves the confidence.

        One that is dormant wakes. A stranger's word for what rests on more adds nothing, not even
        freshness; and a statement that strangers worded is said in the words of who can be trusted.
        """
        is_weak = not confidence.is_credible(known.confidence)
        if self._is_strangers(draft) and not is_weak and not is_settled(known):
            self.outcomes["merged"] += 1
            return known.lineage_id
        if known.state != "activated" and not is_dormant(known):
            self.outcomes["refused"] += 1
            return known.lineage_id
        novelty = self._novelty(known, draft)
        self.outcomes["merged"] += 1
        if novelty > 0:
            belief = confidence.supported(
                known.confidence or confidence.PRIOR,
                draft.confidence,
                novelty,
                confidence.cap(self._trusts(draft)),
            )
            wakes = is_dormant(known)
            changes: MemoryFields = {
                "state": "activated",
                "confidence": belief,
                "durability": max(known.durability or 0.0, draft.durability),
                "supported_at": self._latest(known, draft),
            }
            is_reworded = is_weak and not self._is_strangers(draft) and known.text != draft.text
            if is_reworded:
                changes |= {"text": draft.text, "reasoning": draft.reasoning}
            verb: Verb = "restore" if wakes else "update"
            self._revise(known, draft, "supports", "observed again", changes, verb)
            self.changed.update([known.lineage_id] if wakes or is_reworded else [])
        return known.lineage_id

    def _contradict(self, known: Memory, draft: Draft, author: str) -> str:
        """Closes the older statement's validity when the world changed, else lowers both.

        What untrusted or merely read sources say lowers only the newcomer: an advertisement
        cannot argue the user out of what the user wrote.
        """
        direct = bool(confidence.DIRECT & self._trusts(draft))
        newer = known.supported_at is None or draft.valid_from > known.supported_at
        if direct and newer and draft.confidence >= CHANGE_CONFIDENCE and not is_settled(known):
            ended: MemoryFields = {"state": "archived", "valid_to": draft.valid_from}
            self._revise(known, draft, "contradicts", "no longer so", ended)
            self.changed.add(known.lineage_id)
            return self._create(draft, author, draft.confidence, "contradicted")
        held = known.confidence or confidence.PRIOR
        if direct and not is_settled(known):
            lowered: MemoryFields = {"confidence": confidence.opposed(held, draft.confidence)}
            self._revise(known, draft, "contradicts", "contradicted", lowered)
        weakened = confidence.opposed(draft.confidence, held)
        return self._create(draft, author, weakened, "contradicted")

    def _derive(self, lineage: str, specifics: Sequence[Memory]) -> None:
        """A general statement is at least as probable as each specific one that implies it."""
        general = self._current[lineage]
        for specific in specifics:
            self.memories.link(general.id, "memory", specific.lineage_id, "derived_from", self.now)
        implied = max(specific.confidence or 0.0 for specific in specifics)
        general.confidence = max(general.confidence or 0.0, implied)

    def _link(self, memory: Memory, draft: Draft, relation: Relation) -> None:
        """Links a version that was just made to the draft's evidence, as far as it is new."""
        spans: dict[str, list[str]] = {}
        for evidence in draft.evidence:
            spans.setdefault(evidence.observation_id, []).append(evidence.quote)
        seen = self._supports[memory.lineage_id] if relation == "supports" else frozenset()
        quotes = {
            observation_id: "\n".join(dict.fromkeys(each))
            for observation_id, each in spans.items()
            if observation_id not in seen
        }
        self.memories.link_observations(memory.id, quotes, relation, self.now)
        if relation == "supports":
            self._supports[memory.lineage_id].update(quotes)

    def _is_strangers(self, draft: Draft) -> bool:
        return self._trusts(draft) == {"untrusted"}

    def _novelty(self, known: Memory, draft: Draft) -> float:
        sources = {evidence.observation_id for evidence in draft.evidence}
        return len(sources - self._supports[known.lineage_id]) / len(sources)

    def _trusts(self, draft: Draft) -> set[Trust]:
        return {self.observations[item.observation_id].trust for item in draft.evidence}

    def _supported_at(self, draft: Draft) -> datetime:
        return max(self.observations[item.observation_id].occurred_at for item in draft.evidence)

    def _latest(self, known: Memory, draft: Draft) -> datetime:
        latest = self._supported_at(draft)
        return latest if known.supported_at is None else max(known.supported_at, latest)


def is_estimate(memory: Memory) -> bool:
    """Whether a proposition estimates a quantity and is known again by its key."""
    return "estimate_key" in memory.payload
