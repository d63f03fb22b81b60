"""What else goes, weakens or grows stale when a memory is deleted."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from idiolect.store.repositories.provenance import Edge, ProvenanceRepository
from idiolect.usermodel.confidence import PRIOR, log_odds, probability
from idiolect.usermodel.memory.checks import TEXT_KINDS

REBUILT_KINDS = frozenset({"cache"})
"""What is computed from its sources and holds nothing else: it goes with any of them. All other
kinds that are no text (adapters, rewards, steering vectors) cost training and are marked stale."""

_SUPPORTING = frozenset({"supports", "derived_from"})


@dataclass(frozen=True, slots=True)
class Node:
    """What the cascade needs to know of a lineage.

    Attributes:
        says: the hash of its content.
        settled: whether the user has said themself that it holds.
        merged_into: the lineage that took it in, if one did.
    """

    lineage_id: str
    kind: str
    says: str
    settled: bool = False
    merged_into: str | None = None


@dataclass(slots=True)
class Cascade:
    """Follows a deletion through the lineages that rest on what is deleted.

    - Deleting a memory deletes those that were merged into it: they said it first.
    - A derived text goes when nothing else supports it, or when it says the same words; else it
      stays and is weighed again. What the user has stated, confirmed or corrected rests on
      that word.
    - A text that took in a deleted one loses also the evidence that came with it alone.
    - A cache goes. Adapters, rewards and steering vectors, and what was made from these in turn,
      are stale.

    What rests on an observation, preference or message that goes fares alike.

    Attributes:
        nodes: by lineage: the deleted one, all that rests on it at any distance, and what was
            merged into these.
        below: by lineage: what each of them rests on.
        purged, stale: lineages in the order in which they were reached.
        cuts: links that go from texts that stay.
    """

    nodes: Mapping[str, Node]
    below: Mapping[str, list[Edge]]
    purged: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    cuts: dict[str, list[Edge]] = field(default_factory=dict)
    _above: dict[str, list[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        above: dict[str, dict[str, None]] = {}
        for edges in self.below.values():
            for edge in edges:
                if edge.source_type == "memory" and edge.relation != "contradicts":
                    above.setdefault(edge.source_id, {})[edge.lineage_id] = None
        self._above = {source: list(lineages) for source, lineages in above.items()}

    def lose(self, sources: Collection[tuple[str, str]]) -> None:
        """Plans what follows when sources that are no memories go.

        Args:
            sources: type and id of each: an observation, preference or message.
        """
        gone = frozenset(sources)
        falling: list[str] = []
        for lineage, edges in self.below.items():
            lost = [edge for edge in edges if (edge.source_type, edge.source_id) in gone]
            node = self.nodes[lineage]
            if not lost or lineage in self.purged:
                continue
            if node.kind in REBUILT_KINDS:
                falling.append(lineage)
            elif node.kind not in TEXT_KINDS:
                falling.extend(self._spoil(lineage))
            else:
                self.cuts[lineage] = list(dict.fromkeys([*self.cuts.get(lineage, []), *lost]))
                if not (node.settled or self.kept_share(lineage) > 0):
                    falling.append(lineage)
        for lineage in falling:
            self.delete(lineage)

    def delete(self, lineage_id: str) -> None:
        """Plans the deletion of a lineage and of what follows from it."""
        waiting = deque([lineage_id])
        while waiting:
            gone = waiting.popleft()
            if gone in self.purged:
                continue
            self.purged.append(gone)
            waiting.extend(
                node.lineage_id for node in self.nodes.values() if node.merged_into == gone
            )
            waiting.extend(self._falling_with(gone))
        self.stale = [lineage for lineage in self.stale if lineage not in self.purged]
        self.cuts = {
            lineage: cuts for lineage, cuts in self.cuts.items() if lineage not in self.purged
        }

    def kept_share(self, lineage_id: str) -> float:
        """The share in [0, 1] of a text's supports that it keeps."""
        supports = self._supports(lineage_id)
        cuts = frozenset(self.cuts.get(lineage_id, []))
        return sum(edge not in cuts for edge in supports) / len(supports) if supports else 1.0

    def _falling_with(self, gone: str) -> Iterator[str]:
        for dependent in self._resting_on(gone):
            node = self.nodes[dependent]
            if node.kind in REBUILT_KINDS:
                yield dependent
            elif node.kind not in TEXT_KINDS:
                yield from self._spoil(dependent)
            else:
                self._cut(dependent, gone)
                repeats = node.says == self.nodes[gone].says
                if repeats or not (node.settled or self.kept_share(dependent) > 0):
                    yield dependent

    def _spoil(self, lineage_id: str) -> Iterator[str]:
        if lineage_id in self.stale:
            return
        self.stale.append(lineage_id)
        for dependent in self._resting_on(lineage_id):
            if self.nodes[dependent].kind in REBUILT_KINDS:
                yield dependent
            elif self.nodes[dependent].kind not in TEXT_KINDS:
                yield from self._spoil(dependent)

    def _cut(self, lineage_id: str, gone: str) -> None:
        cuts = self.cuts.setdefault(lineage_id, [])
        inherited = self._brought_alone(gone) if self.nodes[gone].merged_into == lineage_id else ()
        for edge in self.below.get(lineage_id, []):
            is_link = edge.source_type == "memory" and edge.source_id == gone
            if edge not in cuts and (is_link or _source(edge) in inherited):
                cuts.append(edge)

    def _brought_alone(self, gone: str) -> set[tuple[str, str, str]]:
        """The sources that only this one of the merged memories brought along."""
        into = self.nodes[gone].merged_into
        staying = {
            _source(edge)
            for node in self.nodes.values()
            if node.merged_into == into and node.lineage_id not in self.purged
            for edge in self.below.get(node.lineage_id, [])
        }
        return {_source(edge) for edge in self.below.get(gone, [])} - staying

    def _resting_on(self, lineage_id: str) -> list[str]:
        return self._above.get(lineage_id, [])

    def _supports(self, lineage_id: str) -> list[Edge]:
        return [edge for edge in self.below.get(lineage_id, []) if edge.relation in _SUPPORTING]


def reweighed(confidence: float, kept_share: float) -> float:
    """Confidence in a statement that keeps only a share of its supports.

    Each support is taken to have carried the same part of the log-odds beyond the prior:
    logit(p') = logit(prior) + share · (logit(p) - logit(prior)). Nothing rises by losing support.
    """
    beyond = log_odds(confidence) - log_odds(PRIOR)
    return min(confidence, probability(log_odds(PRIOR) + kept_share * max(beyond, 0.0)))


def connected(
    provenance: ProvenanceRepository, lineage_ids: Collection[str]
) -> dict[str, list[Edge]]:
    """What each lineage rests on, of all that a chain of links joins to any of these."""
    reached: set[str] = set()
    frontier = set(lineage_ids)
    while frontier:
        reached |= frontier
        higher = {edge.lineage_id for edge in provenance.above(frontier)}
        frontier = (higher | _memories(provenance.below(frontier))) - reached
    grouped: dict[str, list[Edge]] = {lineage: [] for lineage in reached}
    for edge in provenance.below(reached):
        grouped[edge.lineage_id].append(edge)
    return grouped


def _memories(edges: Iterable[Edge]) -> set[str]:
    return {edge.source_id for edge in edges if edge.source_type == "memory"}


def _source(edge: Edge) -> tuple[str, str, str]:
    return edge.source_type, edge.source_id, edge.relation
