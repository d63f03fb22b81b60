"""The tree of what a memory was made from, and of what was made from it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from idiolect.store.models import Memory
from idiolect.store.repositories.memory_queries import MemoryQueries
from idiolect.store.repositories.provenance import Edge, ProvenanceRepository


@dataclass(frozen=True, slots=True)
class Branch:
    """One link and all that lies beyond it.

    Attributes:
        relation: supports, contradicts, derived_from or trained_on.
        source_type: observation, memory, preference or message; always memory going up.
        source_id: the id at the far end; a memory's is its lineage.
        quote: the span that carries it.
        memory: the current version at the far end, if it is a memory that was not erased.
        branches: what lies beyond; empty where the tree has come round to itself.
    """

    relation: str
    source_type: str
    source_id: str
    quote: str | None
    memory: Memory | None
    branches: tuple["Branch", ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """A memory between what it rests on and what rests on it."""

    memory: Memory
    rests_on: tuple[Branch, ...]
    carries: tuple[Branch, ...]


def trace(memories: MemoryQueries, provenance: ProvenanceRepository, memory: Memory) -> Provenance:
    """The whole tree around a memory, in both directions."""
    root = memory.lineage_id
    below = _explore(root, provenance.below, lambda edge: edge.lineage_id, _source_memory)
    above = _explore(root, provenance.above, _source_memory, lambda edge: edge.lineage_id)
    edges = [edge for found in (*below.values(), *above.values()) for edge in found]
    lineages = {edge.lineage_id for edge in edges} | {_source_memory(edge) or "" for edge in edges}
    known = memories.by_lineage(lineages)
    return Provenance(
        memory,
        rests_on=_branches(root, below, _source_memory, known, frozenset({root})),
        carries=_branches(root, above, lambda edge: edge.lineage_id, known, frozenset({root})),
    )


def _source_memory(edge: Edge) -> str | None:
    return edge.source_id if edge.source_type == "memory" else None


_End = Callable[[Edge], str | None]


def _explore(
    root: str, step: Callable[[Collection[str]], list[Edge]], near: _End, far: _End
) -> dict[str, list[Edge]]:
    """Edges by their near end, read level by level: one query for each level of the tree."""
    found: dict[str, list[Edge]] = {}
    frontier = {root}
    while frontier:
        found.update({lineage: [] for lineage in frontier})
        edges = step(frontier)
        for edge in edges:
            found[near(edge) or ""].append(edge)
        frontier = {end for edge in edges if (end := far(edge)) is not None} - set(found)
    return found


def _branches(
    lineage_id: str,
    edges: Mapping[str, list[Edge]],
    far: _End,
    known: Mapping[str, Memory],
    passed: frozenset[str],
) -> tuple[Branch, ...]:
    branches = []
    for edge in edges.get(lineage_id, []):
        end = far(edge)
        beyond = (
            _branches(end, edges, far, known, passed | {end})
            if end is not None and end not in passed
            else ()
        )
        branches.append(
            Branch(
                relation=edge.relation,
                source_type="memory" if end is not None else edge.source_type,
                source_id=end or edge.source_id,
                quote=edge.quote,
                memory=known.get(end) if end is not None else None,
                branches=beyond,
            )
        )
    return tuple(branches)
