"""What the surface probe says of pairs."""

import math
import random

import pytest

from idiolect.errors import InvalidInputError
from idiolect.preference.diagnostics import separability
from idiolect.preference.diagnostics.surface import FEATURES
from idiolect.preference.pairs import Pair

WORDS = ("leek", "soup", "warm", "salt", "water", "slow", "bread", "onion", "stir", "taste")


def plain(words: random.Random) -> str:
    return " ".join(words.choices(WORDS, k=words.randint(5, 12))).capitalize() + "."


def listed(words: random.Random) -> str:
    return "\n".join(f"- {word}" for word in words.choices(WORDS, k=words.randint(3, 8)))


def pair(number: int, chosen: str, rejected: str, context: int | None = None) -> Pair:
    ask = [{"role": "user", "content": f"Question {number if context is None else context}"}]
    return Pair.under(ask, chosen, rejected, id=f"p{number}")


def test_a_preference_for_a_look_is_told_and_warned_of() -> None:
    words = random.Random(0)
    found = separability([pair(n, listed(words), plain(words)) for n in range(40)])
    assert found.pairs == 40
    assert found.auc > 0.99
    assert found.warning.startswith(
        "The preference can be told by surface features alone (AUC 1.00"
    )
    assert found.weights["list items"] > 0
    assert list(found.weights) == sorted(FEATURES, key=lambda name: -abs(found.weights[name]))


def test_a_preference_for_words_is_not() -> None:
    words = random.Random(1)
    found = separability([pair(n, plain(words), plain(words)) for n in range(60)])
    assert found.interval[0] < 0.5 < found.interval[1]
    assert found.warning == ""


def test_a_context_is_never_told_by_its_other_pairs() -> None:
    # Of two contexts one wants lists and one wants none: what is learned on one fails the other.
    words = random.Random(2)
    pairs = [pair(n, listed(words), plain(words), context=0) for n in range(10)]
    pairs += [pair(n, plain(words), listed(words), context=1) for n in range(10, 20)]
    assert separability(pairs).auc < 0.01


def test_the_same_pairs_give_the_same_result() -> None:
    words = random.Random(3)
    pairs = [pair(n, plain(words), plain(words)) for n in range(20)]
    assert separability(pairs) == separability(pairs)
    assert separability(pairs).auc != separability(pairs, seed=1).auc


def test_ties_and_pairs_of_one_text_are_left_out() -> None:
    words = random.Random(4)
    pairs = [pair(n, plain(words), plain(words)) for n in range(6)]
    tie = Pair.tie([{"role": "user", "content": "Any?"}], "Yes.", "No.")
    contrast = Pair(sample_w="Leek.", context_w=(5, 6), sample_l="Leek.", context_l=(7,))
    assert separability([*pairs, tie, contrast]) == separability(pairs)


def test_what_cannot_be_probed_is_refused() -> None:
    one_context = [pair(n, f"yes {n}", f"no {n}", context=0) for n in range(5)]
    with pytest.raises(InvalidInputError, match="pairs of 1 contexts cannot be probed"):
        separability(one_context)
    with pytest.raises(InvalidInputError, match="pairs of 0 contexts"):
        separability([])
    for options in ({"folds": 1}, {"ridge": 0.0}, {"ridge": math.nan}):
        with pytest.raises(InvalidInputError, match="2 folds or more and a ridge above 0"):
            separability(one_context, **options)
