"""How a new statement stands to a known one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Label = Literal["identical", "similar", "contradicts", "generalizes", "unrelated"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A known and a new statement, with the cosine similarity of their vectors."""

    old: str
    new: str
    similarity: float


class Relater(Protocol):
    """Tells how new statements stand to known ones."""

    def relate(self, pairs: Sequence[Pair]) -> list[Label | None]:
        """One label a pair, read from new to old: the new one *generalizes* the old one.

        None means that no usable answer was had; the new statement then stands by itself.

        Raises:
            ModelError: the relater asks a language model and it failed.
        """
        ...
