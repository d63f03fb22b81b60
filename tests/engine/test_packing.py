"""Equal beginnings stand once in a packed row, and every token keeps its own past."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from idiolect.engine.packing import Node, Packing, filled, join, pack
from idiolect.engine.sequences import SHARED_MIN_TOKENS, TokenSequence, shared_tokens

CPU = torch.device("cpu")
ids = st.lists(st.integers(1, 3), min_size=1, max_size=14).map(tuple)
sequences = st.lists(st.builds(TokenSequence, ids, ids), min_size=1, max_size=8)
PROMPT = tuple(range(10, 20))


def past_of(packing: Packing, place: int) -> list[int]:
    """The tokens that a packed position sees, itself last."""
    starts = [0]
    for node in packing.nodes:
        starts.append(starts[-1] + node.tokens)
    own = next(i for i in range(len(packing.nodes)) if place < starts[i + 1])
    places = [p for i in packing.nodes[own].before for p in range(starts[i], starts[i + 1])]
    places += range(starts[own], place + 1)
    if own in packing.masks:
        seen = packing.masks[own][place - starts[own]]
        assert seen.tolist() == [True] * len(places) + [False] * (len(seen) - len(places))
    assert packing.position_ids[0, places].tolist() == list(range(len(places)))
    found: list[int] = packing.input_ids[0, places].tolist()
    return found


@given(sequences)
def test_each_predicting_position_sees_its_own_sequence(given: list[TokenSequence]) -> None:
    packing = pack(given, CPU)
    rows = iter(packing.rows.tolist())
    for sequence in given:
        whole = sequence.context + sequence.response
        for t in range(len(sequence.response)):
            assert past_of(packing, next(rows)) == list(whole[: len(sequence.context) + t])
    assert next(rows, None) is None


@given(sequences)
def test_nothing_is_packed_that_no_sequence_needs(given: list[TokenSequence]) -> None:
    packing = pack(given, CPU)
    assert packing.input_ids.shape[1] <= sum(len(sequence.inputs) for sequence in given)
    assert sum(packing.lengths) == packing.input_ids.shape[1]


def test_a_pairs_context_stands_once() -> None:
    packing = pack([TokenSequence(PROMPT, (1, 2, 3)), TokenSequence(PROMPT, (4, 5))], CPU)
    assert packing.nodes == (Node(10, ()), Node(2, (0,)), Node(1, (0,)))
    assert packing.input_ids.tolist() == [[*PROMPT, 1, 2, 4]]  # the last tokens predict nothing
    assert packing.position_ids.tolist() == [[*range(10), 10, 11, 10]]
    assert packing.rows.tolist() == [9, 10, 11, 9, 12]  # both first tokens: the context's end
    assert packing.masks[1].int().tolist() == [[1] * 11 + [0], [1] * 12]


def test_contexts_that_begin_alike_share_their_beginning() -> None:
    pairs = [TokenSequence((*PROMPT, *range(30, 40)), (1, 2)), TokenSequence((*PROMPT, 50), (3, 4))]
    packing = pack(pairs, CPU)
    assert packing.nodes == (Node(10, ()), Node(11, (0,)), Node(2, (0,)))


def test_a_short_common_beginning_is_not_worth_a_node() -> None:
    short = PROMPT[: SHARED_MIN_TOKENS - 1]
    packing = pack([TokenSequence((*short, 1), (2,)), TokenSequence((*short, 3), (4,))], CPU)
    assert packing.nodes == (Node(8, ()), Node(8, ()))


def test_equal_sequences_are_one() -> None:
    packing = pack([TokenSequence((1,), (2, 3))] * 2, CPU)
    assert packing.nodes == (Node(2, ()),)
    assert packing.rows.tolist() == [0, 1, 0, 1]


def test_a_long_run_is_several_nodes() -> None:
    whole = tuple(range(300))
    packing = pack([TokenSequence(whole, (1, 2))], CPU)
    assert packing.nodes == (Node(128, ()), Node(128, (0,)), Node(45, (0, 1)))
    assert past_of(packing, 299) == list(whole)


def test_rows_are_joined_with_nothing_in_common() -> None:
    pair = [TokenSequence(PROMPT, (1, 2, 3)), TokenSequence(PROMPT, (4, 5))]
    row = join([pack(pair, CPU), pack(pair, CPU)])
    assert row.nodes[3:] == (Node(10, ()), Node(2, (3,)), Node(1, (3,)))
    assert row.rows.tolist() == [9, 10, 11, 9, 12, 22, 23, 24, 22, 25]  # a row has 13 tokens
    assert past_of(row, 24) == [*PROMPT, 1, 2]


def test_masks_of_one_shape_are_one_tensor() -> None:
    responses = [(1, 2, 3), (4, 5, 6), (7, 8, 9)]
    packing = pack([TokenSequence(PROMPT, response) for response in responses], CPU)
    assert packing.masks[1] is packing.masks[2] is packing.masks[3]


def test_the_common_beginning_of_two_texts() -> None:
    assert shared_tokens((1, 2, 3), (1, 2, 4)) == 2
    assert shared_tokens((1, 2), (1, 2, 4)) == 2
    assert shared_tokens((5,), (1,)) == 0
    assert shared_tokens((), (1,)) == 0


def test_a_row_is_filled_with_what_nobody_sees() -> None:
    packing = pack([TokenSequence(PROMPT, (1, 2, 3)), TokenSequence(PROMPT, (4, 5))], CPU)
    whole = filled(packing)
    assert whole.input_ids.shape == whole.position_ids.shape == (1, 16)
    assert whole.nodes == (*packing.nodes, Node(16 - 13, ()))
    assert torch.equal(whole.rows, packing.rows)
    assert filled(whole) is whole
