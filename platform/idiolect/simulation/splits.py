"""What is held out: people, and combinations of attributes."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.judged import Group
from idiolect.preference.pairs import Pair
from idiolect.simulation.attributes import ATTRIBUTES, Checker
from idiolect.simulation.people import Person
from idiolect.simulation.utility import Liking

T = TypeVar("T")
Example = TypeVar("Example", Pair, Group)

_ROUNDING = 1e-9
"""So that 0.29 of a hundred are 29, not 28.999999999999996."""

Combination = tuple[str, ...]
"""Names of bands of a text, or of a person's leanings, one for each attribute."""


@dataclass(frozen=True, slots=True)
class Bands:
    """The combination of bands that a text has, as ``("short", "bullets", "none")``.

    Each text is measured once.

    Attributes:
        names: of attributes with bands.
        checkers: that know them.
    """

    names: Sequence[str]
    checkers: Mapping[str, Checker] = field(default_factory=lambda: ATTRIBUTES)
    _known: dict[str, Combination] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, text: str) -> Combination:
        """The names of a text's bands, in the order of the attributes.

        Raises:
            InvalidInputError: an attribute that has no bands.
        """
        if text not in self._known:
            bands = tuple(self.checkers[name](text).band for name in self.names)
            if "" in bands:
                raise InvalidInputError(f"the attribute {self.names[bands.index('')]} has no bands")
            self._known[text] = bands
        return self._known[text]


def taste_combination(person: Person, names: Sequence[str]) -> Combination:
    """What the person leans to: ``more``, ``less``, ``ideal`` or ``any`` of each attribute."""
    return tuple(_leaning(person.utility.likings.get(name)) for name in names)


def hold_out(weights: Mapping[Combination, int], share: float, seed: int) -> frozenset[Combination]:
    """Which combinations are kept from training, so that together they weigh a share of all.

    In the order of their hashes, each that fits into what is left of the share; so seeds differ in
    what they hold out, and hardly in how much. At least the lightest is held out of two or more,
    and never all.

    Args:
        weights: of all combinations that occur, above 0.
        share: to hold out, in [0, 1].
        seed: another one holds out others.

    Raises:
        InvalidInputError: the share is out of its range.
    """
    if not 0 <= share <= 1:
        raise InvalidInputError(f"a share lies between 0 and 1, not at {share}")
    if share == 0 or len(weights) < 2:
        return frozenset()
    order = sorted(weights, key=lambda combination: sha256_json([seed, *combination]))
    left = share * sum(weights.values()) + _ROUNDING
    held_out = []
    for combination in order:
        if weights[combination] <= left:
            held_out.append(combination)
            left -= weights[combination]
    held_out = held_out or [min(order, key=weights.__getitem__)]
    return frozenset(held_out[: len(order) - 1])


def split_people(
    people: Sequence[Person], share: float, seed: int, *, by: Sequence[str] = ()
) -> tuple[list[Person], list[Person]]:
    """People to learn from, and people held out.

    Args:
        people: all of them.
        share: to hold out, in [0, 1]; see ``hold_out``.
        seed: another one holds out others.
        by: attributes; those whose leanings agree on all of them stay on one side, so that held-out
            people have combinations of tastes that nobody to learn from has. Each for themselves
            if empty.

    Raises:
        InvalidInputError: the share is out of its range.
    """
    known = [taste_combination(person, by) if by else (person.id,) for person in people]
    held_out = hold_out(Counter(known), share, seed)
    return _split(people, [combination in held_out for combination in known])


def split_examples(
    examples: Sequence[Example], bands: Bands, held_out: Collection[Combination]
) -> tuple[list[Example], list[Example]]:
    """Examples to learn from, and those in which a sample has a held-out combination of bands.

    Args:
        examples: all of them.
        bands: tells the combination of a sample.
        held_out: combinations; see ``hold_out``.
    """

    return _split(
        examples,
        [any(bands(text) in held_out for text in _samples(example)) for example in examples],
    )


def _samples(example: Pair | Group) -> tuple[str, ...]:
    if isinstance(example, Group):
        return example.samples
    return example.sample_w, example.sample_l


def _leaning(liking: Liking | None) -> str:
    if liking is None or liking.weight == 0:
        return "any"
    if liking.ideal is not None:
        return "ideal"
    return "more" if liking.weight > 0 else "less"


def _split(everything: Sequence[T], held_out: Sequence[bool]) -> tuple[list[T], list[T]]:
    sorted_out: tuple[list[T], list[T]] = ([], [])
    for one, out in zip(everything, held_out, strict=True):
        sorted_out[out].append(one)
    return sorted_out
