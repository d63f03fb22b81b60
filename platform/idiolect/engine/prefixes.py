"""What a model has computed for the first tokens of contexts, kept to be used again.

What may be known of a context is read in blocks of 64 tokens, whether or not any of them is known.
So each pass has the same shape and the same input either way, and what is written after it is the
same to the last bit: without the blocks, sums of another length would round otherwise (by 1e-5 of
a logit in float32, by 0.06 in bfloat16).
"""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from torch import Tensor

BLOCK_TOKENS = 64
"""Fewer would pass through the model at a higher price each, more would leave more of a prefix
unused. See docs/benchmarks/prefix-cache.md."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Among what a prefix may be found: one owner's, and under one adapter.

    Attributes:
        owner: a user; nobody finds what was computed for another one, nor learns from the time
            that a reply takes that it is there.
        adapter: its immutable name; empty for the base model alone.
    """

    owner: str
    adapter: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The keys and values of 64 tokens, by layer: each [1, heads, 64, head dimension]."""

    layers: tuple[tuple[Tensor, Tensor], ...]

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return sum(keys.nbytes + values.nbytes for keys, values in self.layers)


class PrefixCache:
    """The blocks that were used last, of all owners, within a limit of memory.

    A block is known by the hash of its scope and of all tokens up to its end: what it holds depends
    on them, and on nothing after them.

    Args:
        max_bytes: what the blocks may take together.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._blocks: OrderedDict[bytes, tuple[str, Block]] = OrderedDict()
        self._lock = Lock()

    @property
    def nbytes(self) -> int:
        """What the blocks take together."""
        return self._bytes

    def chain(self, scope: Scope, tokens: Sequence[int]) -> "Chain":
        """The whole blocks of these tokens; a rest of fewer than 64 is left out."""
        return Chain(self, scope, tokens)

    def forget(self, owner: str) -> None:
        """Drops all that was computed for an owner."""
        with self._lock:
            for key in [key for key, (whose, _) in self._blocks.items() if whose == owner]:
                self._drop(key)

    def find(self, keys: Sequence[bytes]) -> list[Block]:
        """The blocks of the longest run of these keys, from the first on, that is there."""
        with self._lock:
            run: list[Block] = []
            for key in keys:
                if key not in self._blocks:
                    break
                run.append(self._blocks[key][1])
            # A block is of no use without those before it, so these are to go last.
            for key in reversed(keys[: len(run)]):
                self._blocks.move_to_end(key)
            return run

    def put(self, key: bytes, owner: str, block: Block) -> None:
        """Keeps a block; those that were not used for longest make room for it."""
        with self._lock:
            if key in self._blocks:
                self._drop(key)
            self._blocks[key] = (owner, block)
            self._bytes += block.nbytes
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._blocks)))

    def _drop(self, key: bytes) -> None:
        _, block = self._blocks.pop(key)
        self._bytes -= block.nbytes


class Chain:
    """The blocks of one text in a cache, known and to be computed.

    Attributes:
        count: of the text's whole blocks.
    """

    def __init__(self, cache: PrefixCache, scope: Scope, tokens: Sequence[int]) -> None:
        self._cache = cache
        self._owner = scope.owner
        self._keys = _keys(scope, tokens)
        self.count = len(self._keys)

    def known(self) -> list[Block]:
        """The blocks from the first on that are there."""
        return self._cache.find(self._keys)

    def add(self, number: int, block: Block) -> None:
        """Keeps what was computed for the block of this number, from 0."""
        self._cache.put(self._keys[number], self._owner, block)


def _keys(scope: Scope, tokens: Sequence[int]) -> list[bytes]:
    key = hashlib.sha256(f"{scope.owner}\0{scope.adapter}".encode()).digest()
    keys: list[bytes] = []
    for end in range(BLOCK_TOKENS, len(tokens) + 1, BLOCK_TOKENS):
        key = hashlib.sha256(key + array("q", tokens[end - BLOCK_TOKENS : end]).tobytes()).digest()
        keys.append(key)
    return keys
