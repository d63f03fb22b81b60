"""What is held out: people, and combinations of attributes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.pairs import Pair
from idiolect.simulation.attributes import ATTRIBUTES, Checker
from idiolect.simulation.people import Person
from idiolect.simulation.utility import Liking

T = TypeVar("T")

Combination = tuple[str, ...]
"""Names of bands of a text, or of a person's leanings, one for each attribute."""


def text_combination(
    text: str, names: Sequence[str], checkers: Mapping[str, Checker] = ATTRIBUTES
) -> Combination:
    """The bands of a text, as ``("short", "bullets", "none")``.

    Raises:
        InvalidInputError: an attribute that has no bands.
    """
    bands = tuple(checkers[name](text).band for name in names)
    if "" in bands:
        raise InvalidInputError(f"the attribute {names[bands.index('')]} has no bands")
    return bands


def taste_combination(person: Person, names: Sequence[str]) -> Combination:
    """What the person leans to: ``more``, ``less``, ``ideal`` or ``any`` of each attribute."""
    return tuple(_leaning(person.utility.likings.get(name)) for name in names)


def is_held_out(combination: Iterable[str], share: float, seed: int) -> bool:
    """Whether a combination is kept from training: so by its hash, whatever else there is.

    Args:
        combination: names of bands or leanings, or a single id.
        share: of all combinations, in [0, 1].
        seed: another one holds out others.

    Raises:
        InvalidInputError: the share is out of its range.
    """
    if not 0 <= share <= 1:
        raise InvalidInputError(f"a share lies between 0 and 1, not at {share}")
    return int(sha256_json([seed, *combination])[:12], 16) < share * 16**12


def split_people(
    people: Sequence[Person], share: float, seed: int, *, by: Sequence[str] = ()
) -> tuple[list[Person], list[Person]]:
    """People to learn from, and people held out.

    Args:
        people: all of them.
        share: to hold out, in [0, 1]; as hashes fall, so in small groups it is not exact.
        seed: another one holds out others.
        by: attributes; those whose leanings agree on all of them stay on one side, so that held-out
            people have combinations of tastes that nobody to learn from has. Each for themselves
            if empty.
    """
    return _split(
        people,
        [
            is_held_out(taste_combination(person, by) if by else (person.id,), share, seed)
            for person in people
        ],
    )


def split_pairs(
    pairs: Sequence[Pair],
    names: Sequence[str],
    share: float,
    seed: int,
    *,
    checkers: Mapping[str, Checker] = ATTRIBUTES,
) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from, and pairs in which a sample has a held-out combination of bands.

    Args:
        pairs: all of them.
        names: of attributes with bands.
        share: of combinations to hold out, in [0, 1].
        seed: another one holds out others.
        checkers: that know the attributes.
    """
    return _split(
        pairs,
        [
            any(
                is_held_out(text_combination(text, names, checkers), share, seed)
                for text in (pair.sample_w, pair.sample_l)
            )
            for pair in pairs
        ],
    )


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
