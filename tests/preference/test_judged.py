"""Verdicts, rankings, groups and trees, and the pairs that follow from them."""

import math
from dataclasses import replace

import pytest

from idiolect.errors import InvalidInputError
from idiolect.preference.judged import Group, Step, step_pairs

ASK = ({"role": "user", "content": "What shall I cook?"},)


def group(*rewards: float) -> Group:
    samples = tuple(f"soup {number}" for number in range(len(rewards)))
    return Group(samples=samples, context=ASK, rewards=rewards, source="judge", id="g")


def test_a_verdict_is_a_group_of_one() -> None:
    good, bad = Group.verdict(ASK, "Soup.", good=True), Group.verdict(ASK, "Soup.", good=False)
    assert (good.rewards, bad.rewards) == ((1.0,), (-1.0,))
    assert good.id != bad.id


def test_a_ranking_counts_down() -> None:
    ranking = Group.ranking(ASK, ["a", "b", "c"])
    assert ranking.rewards == (2.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("all", [(2, 0), (2, 1), (0, 1)]),
        ("adjacent", [(2, 0), (0, 1)]),
        ("extremes", [(2, 1)]),
    ],
)
def test_pairs_by_rule(rule: str, expected: list[tuple[int, int]]) -> None:
    pairs = group(0.5, 0.0, 1.0).pairs(rule)
    assert [(pair.sample_w, pair.sample_l) for pair in pairs] == [
        (f"soup {better}", f"soup {worse}") for better, worse in expected
    ]
    assert all(pair.reward_w > pair.reward_l and pair.source == "judge" for pair in pairs)
    assert len({pair.id for pair in pairs}) == len(pairs)


def test_samples_that_are_as_good_make_no_pair() -> None:
    assert group(1.0, 1.0).pairs() == []
    assert len(group(1.0, 0.9, 0.0).pairs(least_difference=0.5)) == 2


def test_a_text_is_never_preferred_to_itself() -> None:
    drawn = replace(group(1.0, 0.5, 0.0), samples=("soup", "leek", "soup"))
    assert [(one.sample_w, one.sample_l) for one in drawn.pairs()] == [
        ("soup", "leek"),
        ("leek", "soup"),
    ]


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no rule 'some'"):
        group(1.0, 0.0).pairs("some")


@pytest.mark.parametrize(
    ("samples", "rewards", "why"),
    [
        ((), (), "no samples"),
        (("a", " "), (1.0, 0.0), "a sample is empty"),
        (("a", "b"), (1.0,), "2 samples and 1 rewards"),
        (("a", "b"), (1.0, math.inf), "infinite"),
        (("a", "b"), (1.0, math.nan), "a reward is missing"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(
    samples: tuple[str, ...], rewards: tuple[float, ...], why: str
) -> None:
    with pytest.raises(InvalidInputError, match=why):
        Group(samples=samples, context=ASK, rewards=rewards)


def test_a_tree_gives_a_pair_for_each_two_alternatives() -> None:
    tree = Step(
        text="",
        value=0.5,
        children=(
            Step(
                text="First boil water. ",
                value=0.8,
                children=(
                    Step(text="Then salt it.", value=0.9),
                    Step(text="Then leave.", value=0.1),
                ),
            ),
            Step(text="First go out. ", value=0.1),
        ),
    )
    first, second = step_pairs(tree, ASK, id="t")
    assert (first.sample_w, first.sample_l) == ("First boil water. ", "First go out. ")
    assert first.margin == pytest.approx(0.7)
    assert first.context_w == (*ASK, {"role": "assistant", "content": ""})
    assert (second.sample_w, second.sample_l) == ("Then salt it.", "Then leave.")
    assert second.margin == pytest.approx(0.8)
    assert second.context_w[-1] == {"role": "assistant", "content": "First boil water. "}
    assert first.id != second.id


def test_alternatives_that_are_as_good_make_no_pair() -> None:
    tree = Step(text="", value=0.5, children=(Step(text="a", value=0.5), Step(text="b", value=0.5)))
    assert step_pairs(tree, ASK) == []
