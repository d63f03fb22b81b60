"""Examples as one training uses them: what is learned from, and what is held out."""

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.adapters.recipe import Recipe
from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.batches import Example, kind_of
from idiolect.preference.diagnostics import length_ratio, separability
from idiolect.preference.pairs import Pair

_FEWEST_CONTEXTS = 10  # fewer tell nothing about how a preference can be told


@dataclass(frozen=True, slots=True)
class Divided:
    """A file's examples as one training uses them.

    Attributes:
        train: what is learned from.
        held_out: what is looked at or measured on.
        ties: how many were left out because neither side is better.
    """

    train: Sequence[Example]
    held_out: Sequence[Example]
    ties: int

    @classmethod
    def of(cls, examples: Sequence[Example], recipe: Recipe) -> "Divided":
        """Divides examples as a recipe says.

        Verdicts are held out only to be looked at during the run: there is no pair among them by
        which an adapter could be compared with its base.

        Raises:
            InvalidInputError: nothing is left to learn from.
        """
        used = without_ties(examples) if recipe.ties == "leave_out" else list(examples)
        measured = recipe.evaluate_every_steps or kind_of(examples) != "verdicts"
        train, held_out = split(used, recipe.held_out_share if measured else 0.0)
        if not train:
            raise InvalidInputError(
                "all examples are ties or held out, so none is left to learn from",
                hint="Give more, or set ties or held_out_share in the recipe.",
            )
        return cls(train=train, held_out=held_out, ties=len(examples) - len(used))


def split(
    examples: Sequence[Example], held_out_share: float
) -> tuple[list[Example], list[Example]]:
    """What to learn from and what to hold out, decided by a hash of each example's context.

    So equal contexts stay on one side, and where one falls does not change as examples are added.
    """
    sides: tuple[list[Example], list[Example]] = ([], [])
    for one in examples:
        context = one.context_w if isinstance(one, Pair) else one.context
        place = int(sha256_json(list(context))[:8], 16) / 16**8
        sides[place < held_out_share].append(one)
    return sides


def without_ties(examples: Sequence[Example]) -> list[Example]:
    """Everything but the pairs of which neither is better."""
    return [one for one in examples if not (isinstance(one, Pair) and one.is_tie)]


def comparable(examples: Sequence[Example]) -> list[Pair]:
    """The pairs by which a model's taste can be measured: of a group its best and its worst."""
    pairs: list[Pair] = []
    for one in examples:
        pairs += [one] if isinstance(one, Pair) else one.pairs("extremes")
    return [pair for pair in pairs if not pair.is_tie]


def warnings_of(examples: Sequence[Example]) -> list[str]:
    """What should be asked of examples before a model learns from them; one sentence each.

    An adapter takes the shortest way: where length or looks alone tell the chosen reply, it may
    learn these and nothing of the taste behind them.
    """
    pairs = comparable(examples)
    if len({sha256_json(list(pair.context_w)) for pair in pairs}) < _FEWEST_CONTEXTS:
        return []
    lengths = length_ratio(
        [len(pair.sample_w.split()) or 1 for pair in pairs],
        [len(pair.sample_l.split()) or 1 for pair in pairs],
    )
    return [one.warning for one in (lengths, separability(pairs)) if one.warning]
