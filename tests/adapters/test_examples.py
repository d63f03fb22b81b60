"""Examples are checked, divided and measured before any weights are loaded."""

import pytest

from idiolect.adapters.examples import Divided, comparable, split, warnings_of
from idiolect.adapters.lengths import Lengths
from idiolect.adapters.recipe import Recipe
from idiolect.errors import InvalidInputError
from idiolect.preference.batches import kind_of, require_fit
from idiolect.preference.judged import Group
from idiolect.preference.language import compose
from idiolect.preference.pairs import Context, Pair
from tests.preference.training import capital_pairs, tiny_policy
from tests.tiny_model import tiny_tokenizer

SOUP = ({"role": "user", "content": "soup"},)
THUMB = Group.verdict(SOUP, "Leek.", good=True)
RANKING = Group.ranking(SOUP, ("Leek.", "Tomato.", "None."))
TIE = Pair.tie(SOUP, "Leek.", "Tomato.")


def test_the_kind_is_that_of_all() -> None:
    assert kind_of(capital_pairs()) == "pairs"
    assert kind_of([THUMB]) == "verdicts"
    assert kind_of([THUMB, RANKING]) == "groups"


@pytest.mark.parametrize(
    ("objective", "examples", "fault"),
    [
        ("dpo", [], "no pairs"),
        ("dpo", [THUMB], "learns from pairs, not from verdicts"),
        ("kto", [RANKING], "learns from pairs or verdicts, not from groups"),
        ("sppo", capital_pairs(2), "2 of 2 pairs have none, the first is pref_0"),
        ("re_po", capital_pairs(), "from 2 sources and the objective keeps the reliability of 1"),
    ],
)
def test_what_an_objective_cannot_learn_from_is_refused(
    objective: str, examples: list[Pair | Group], fault: str
) -> None:
    with pytest.raises(InvalidInputError, match=fault) as caught:
        require_fit(compose(objective), examples)
    assert caught.value.hint


def test_what_it_can_learn_from_is_not() -> None:
    require_fit(compose("kto"), [THUMB])
    require_fit(compose("kto"), capital_pairs())
    require_fit(compose("info_nca"), [THUMB])  # a list of which one reply is left
    require_fit(compose({"preset": "re_po", "sources": 2}), capital_pairs())


def test_equal_contexts_stay_on_one_side_and_keep_their_place() -> None:
    pairs = capital_pairs(200)
    again = [Pair.under(pair.context_w, "other", "reply") for pair in pairs]
    train, held_out = split([*pairs, *again], 0.25)
    assert 60 < len(held_out) < 140  # 100 of 400 are expected
    contexts = [
        {str(one.context_w) for one in side if isinstance(one, Pair)} for side in (train, held_out)
    ]
    assert contexts[0].isdisjoint(contexts[1])
    assert [one for one in held_out if one in pairs] == split(pairs, 0.25)[1]
    assert split(pairs, 0.0) == (pairs, [])


def test_ties_are_left_out_unless_they_are_wanted() -> None:
    divided = Divided.of([*capital_pairs(), TIE], Recipe(held_out_share=0))
    assert (len(divided.train), divided.ties) == (8, 1)
    divided = Divided.of([*capital_pairs(), TIE], Recipe(held_out_share=0, ties="use"))
    assert (len(divided.train), divided.ties) == (9, 0)
    with pytest.raises(InvalidInputError, match="none is left"):
        Divided.of([TIE], Recipe())


def test_verdicts_are_held_out_only_to_be_looked_at() -> None:
    thumbs = [Group.verdict(pair.context_w, pair.sample_w, good=True) for pair in capital_pairs(40)]
    assert Divided.of(thumbs, Recipe(held_out_share=0.5)).held_out == []
    assert Divided.of(thumbs, Recipe(held_out_share=0.5, evaluate_every_steps=1)).held_out


def test_of_a_group_the_best_and_the_worst_are_compared() -> None:
    (pair,) = comparable([RANKING, THUMB, TIE])
    assert (pair.sample_w, pair.sample_l) == ("Leek.", "None.")


@pytest.mark.parametrize(
    "context",
    [
        SOUP,
        ({"role": "system", "content": "Be brief."}, *SOUP),
        (*SOUP, {"role": "assistant", "content": "First, "}),  # a reply that has begun
        (5, 6, 7),
    ],
)
def test_a_length_is_that_of_what_the_policy_encodes(context: Context) -> None:
    lengths = Lengths(tiny_tokenizer(), 64)
    encoded = tiny_policy().encode(context, "peel the leek")
    assert lengths.tokens(context, "peel the leek") == len(encoded)


def test_what_is_too_long_is_refused_by_name_or_left_out() -> None:
    long = [Pair.under(SOUP, "x" * 99, "a", id=f"row-{number}") for number in range(25)]
    lengths = Lengths(tiny_tokenizer(), 64)
    # <|user|>soup<|end|><|assistant|> are 7 tokens, the reply 99 and its end 1.
    with pytest.raises(InvalidInputError, match="25 of 33 examples are longer than 64") as caught:
        lengths.fitting([*capital_pairs(), *long], "refuse")
    assert "  row-0: 107 tokens" in caught.value.message
    assert caught.value.message.endswith("and 5 more")
    assert caught.value.reason_code == "TOO_LONG"
    assert lengths.fitting([*capital_pairs(), *long], "leave_out") == capital_pairs()


def about(number: int, chosen: str, rejected: str) -> Pair:
    context = ({"role": "user", "content": f"soup {number}?"},)
    return Pair.under(context, chosen, rejected, id=f"row-{number}")


def test_a_preference_that_looks_alone_can_tell_is_warned_of() -> None:
    short = [
        about(number, "Boil it.", f"First wash it, then boil it {number}.") for number in range(12)
    ]
    by_length, by_looks = warnings_of(short)
    assert by_length == "The rejected sample is the longer one in 100% of 12 pairs."
    assert "surface features alone" in by_looks


def test_a_preference_of_content_is_not() -> None:
    tastes = [
        about(number, *(("leek soup", "rice soup") if number % 2 else ("plum cake", "bean cake")))
        for number in range(12)
    ]
    assert warnings_of(tastes) == []


def test_a_handful_of_examples_says_nothing_about_itself() -> None:
    assert warnings_of([about(number, "Yes.", "No, not at all.") for number in range(9)]) == []
    assert warnings_of([THUMB] * 12) == []
