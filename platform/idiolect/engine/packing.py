"""Many sequences as one row of tokens, in which equal beginnings stand once.

A token's hidden state depends on the tokens before it alone. So sequences that begin alike (the
chosen and the rejected reply to one conversation, the conversations of one user below the same
system message) form a tree, and each of its nodes is computed once:

    system ─┬─ question 1 ─┬─ chosen         packed: system, question 1, chosen, rejected,
            │              └─ rejected               question 2, ...; no padding, no mask over all
            └─ question 2 ─── ...
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import pad

from idiolect.engine.gemm import rounded
from idiolect.engine.sequences import SHARED_MIN_TOKENS, TokenSequence, shared_tokens

CPU_NODE_TOKENS = 128
"""On a CPU a longer run becomes several nodes: torch computes the whole square of a causal mask
there, and of pieces only what they see. Measured with contexts of 384 tokens: a tenth faster."""


@dataclass(frozen=True, slots=True)
class Node:
    """A run of packed tokens.

    Attributes:
        tokens: how many.
        before: the nodes whose tokens come before it in its sequences, the root first; it sees
            these and, causally, itself.
    """

    tokens: int
    before: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Packing:
    """One packed row.

    Attributes:
        input_ids: int64 ``[1, tokens]``.
        position_ids: int64 ``[1, tokens]``; a token's place in its own sequence, from 0.
        nodes: the runs of the row, in its order.
        masks: by node that has others before it, bool ``[its tokens, those before + its own]``,
            True where it may look.
        rows: int64 ``[total response tokens]``; the packed position whose hidden state predicts
            each token of each response, one sequence after the other.
    """

    input_ids: Tensor
    position_ids: Tensor
    nodes: tuple[Node, ...]
    masks: dict[int, Tensor]
    rows: Tensor

    @property
    def lengths(self) -> list[int]:
        """Tokens of each node."""
        return [node.tokens for node in self.nodes]


def pack(sequences: Sequence[TokenSequence], device: torch.device) -> Packing:
    """Lays sequences out as a tree of their common beginnings.

    Args:
        sequences: at least one, in any order; ``rows`` keeps it.
        device: where the tensors are put.
    """
    node_tokens = CPU_NODE_TOKENS if device.type == "cpu" else sys.maxsize
    builder = _Builder([sequence.inputs for sequence in sequences], node_tokens)
    builder.add(sorted(range(len(sequences)), key=lambda i: builder.inputs[i]), 0, ())
    rows: list[Tensor] = []
    for sequence, path in zip(sequences, builder.paths, strict=True):
        places = torch.cat([torch.arange(start, start + count) for start, count in path])
        rows.append(places[len(sequence.context) - 1 :])
    return Packing(
        input_ids=torch.tensor([builder.ids], device=device),
        position_ids=torch.tensor([builder.positions], device=device),
        nodes=tuple(builder.nodes),
        masks=_masks(builder.nodes, device),
        rows=torch.cat(rows).to(device),
    )


def filled(packing: Packing) -> Packing:
    """The same with a run of token 0 at the end that nobody sees, so that lengths recur."""
    tokens = packing.input_ids.shape[1]
    missing = rounded(tokens, packing.input_ids.device) - tokens
    if not missing:
        return packing
    places = torch.arange(missing, device=packing.position_ids.device).unsqueeze(0)
    return replace(
        packing,
        input_ids=pad(packing.input_ids, (0, missing)),
        position_ids=torch.cat([packing.position_ids, places], dim=1),
        nodes=(*packing.nodes, Node(missing, ())),
    )


def join(packings: Sequence[Packing]) -> Packing:
    """Packed rows one after the other, with nothing in common."""
    nodes: list[Node] = []
    masks: dict[int, Tensor] = {}
    rows: list[Tensor] = []
    tokens = 0
    for packing in packings:
        first = len(nodes)
        nodes += [
            Node(node.tokens, tuple(first + other for other in node.before))
            for node in packing.nodes
        ]
        masks.update((first + index, mask) for index, mask in packing.masks.items())
        rows.append(packing.rows + tokens)
        tokens += packing.input_ids.shape[1]
    return Packing(
        input_ids=torch.cat([packing.input_ids for packing in packings], dim=1),
        position_ids=torch.cat([packing.position_ids for packing in packings], dim=1),
        nodes=tuple(nodes),
        masks=masks,
        rows=torch.cat(rows),
    )


class _Builder:
    """Grows the row, node by node, in the lexicographic order of the sequences."""

    def __init__(self, inputs: list[tuple[int, ...]], node_tokens: int) -> None:
        self.inputs = inputs
        self.node_tokens = node_tokens
        self.ids: list[int] = []
        self.positions: list[int] = []
        self.nodes: list[Node] = []
        self.paths: list[list[tuple[int, int]]] = [[] for _ in inputs]

    def add(self, members: list[int], depth: int, before: tuple[int, ...]) -> None:
        """Adds sequences that have their first ``depth`` tokens, the nodes ``before``, in common.

        ``members`` is sorted, so those that go on alike stand together.
        """
        start = 0
        while start < len(members):
            first = self.inputs[members[start]]
            end, depth_end = start + 1, len(first)
            while end < len(members):
                common = shared_tokens(first, self.inputs[members[end]])
                if common - depth < SHARED_MIN_TOKENS and common < depth_end:
                    break
                depth_end, end = min(depth_end, common), end + 1
            self._branch(members[start:end], depth, depth_end, before)
            start = end

    def _branch(self, members: list[int], depth: int, end: int, before: tuple[int, ...]) -> None:
        path = before
        if end > depth:
            ids = self.inputs[members[0]][depth:end]
            for member in members:
                self.paths[member].append((len(self.ids), len(ids)))
            self.ids.extend(ids)
            self.positions.extend(range(depth, end))
            for start in range(0, len(ids), self.node_tokens):
                self.nodes.append(Node(min(self.node_tokens, len(ids) - start), path))
                path = (*path, len(self.nodes) - 1)
        longer = [member for member in members if len(self.inputs[member]) > end]
        if longer:
            self.add(longer, end, path)


def _masks(nodes: Sequence[Node], device: torch.device) -> dict[int, Tensor]:
    """One mask for each shape, shared by the nodes that have it."""
    made: dict[tuple[int, int], Tensor] = {}
    masks: dict[int, Tensor] = {}
    for index, node in enumerate(nodes):
        if node.before:
            seen = sum(nodes[other].tokens for other in node.before)
            shape = (node.tokens, seen + node.tokens)
            if shape not in made:
                made[shape] = torch.ones(shape, dtype=torch.bool, device=device).tril(seen)
            masks[index] = made[shape]
    return masks
