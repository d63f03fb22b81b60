"""Passes keep to their budget of tokens and lose nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.engine.planning import PADDING_MAX, packed_tokens, plan_buckets, plan_passes
from idiolect.engine.sequences import TokenSequence
from idiolect.errors import InvalidInputError

ids = st.lists(st.integers(1, 3), min_size=1, max_size=12).map(tuple)
examples = st.lists(
    st.lists(st.builds(TokenSequence, ids, ids), min_size=1, max_size=3), max_size=12
)


@given(examples, st.integers(1, 60))
def test_every_example_is_in_one_pass_within_the_budget(
    given: list[list[TokenSequence]], budget: int
) -> None:
    plan = plan_passes(given, budget)
    assert sorted(index for part in plan for index in part) == list(range(len(given)))
    assert plan == plan_passes(given, budget)
    for part in plan:
        tokens = packed_tokens([sequence for index in part for sequence in given[index]])
        assert tokens <= budget or len(part) == 1


def test_equal_beginnings_are_counted_once() -> None:
    a, b = TokenSequence((9,) * 10, (4, 5)), TokenSequence((9,) * 10, (6, 7, 8))
    assert packed_tokens([a]) == 11  # the last token of a response is not read
    assert packed_tokens([a, b]) == 10 + 1 + 2
    short = [TokenSequence((9, 9), (4, 5)), TokenSequence((9, 9), (6, 7, 8))]
    assert packed_tokens(short) == 3 + 4  # too little in common to be kept apart


def test_examples_of_one_context_go_together() -> None:
    x, y = (1,) * 20, (2,) * 20
    pairs = [
        [TokenSequence(context, (n, n, n))] for n, context in enumerate([x, y, x, y, x], start=3)
    ]
    # Of three examples: 20 tokens of context and twice... 3 * 2 of responses; of two: 20 + 2 * 2.
    assert plan_passes(pairs, 26) == [[0, 2, 4], [1, 3]]


def test_a_large_example_has_a_pass_of_its_own() -> None:
    small, large = [TokenSequence((1,), (2, 2))], [TokenSequence((3,), (4,) * 50)]
    assert plan_passes([small, large, small], 5) == [[0, 2], [1]]


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least one token"):
        plan_passes([], 0)


@given(st.lists(st.integers(1, 200), max_size=40))
def test_buckets_hold_little_padding(lengths: list[int]) -> None:
    buckets = plan_buckets(lengths)
    assert sorted(index for part in buckets for index in part) == list(range(len(lengths)))
    for part in buckets:
        area = len(part) * max(lengths[index] for index in part)
        assert area - sum(lengths[index] for index in part) <= PADDING_MAX * area


def test_buckets_hold_similar_lengths() -> None:
    assert plan_buckets([10, 100, 95, 10, 98]) == [[1, 4, 2], [0, 3]]
