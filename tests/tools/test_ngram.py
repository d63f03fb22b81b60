"""The 5-gram baseline is a distribution, and its smoothing is the one that is stated."""

import math

import pytest

from tools.bundled_model.ngram import NgramModel


def test_witten_bell_by_hand() -> None:
    model = NgramModel(vocabulary=4)
    model.learn([[0, 1, 0, 2]])
    # Without history: 0 twice, 1 and 2 once, three kinds: p(0) = (2 + 3 * 1/4) / (4 + 3).
    unigram = {0: 2.75 / 7, 1: 1.75 / 7, 2: 1.75 / 7, 3: 0.75 / 7}
    assert {token: model.probability((), token) for token in range(4)} == pytest.approx(unigram)
    # After 0: 1 and 2 once each, two kinds: p(1 | 0) = (1 + 2 * p(1)) / (2 + 2).
    assert model.probability((0,), 1) == pytest.approx((1 + 2 * unigram[1]) / 4)
    # An unseen history falls back to the shorter one.
    assert model.probability((3,), 1) == pytest.approx(unigram[1])
    after = (1 + 2 * unigram[1]) / 4
    assert model.nats([0, 1], {1}, copying=False) == pytest.approx(-math.log(after))
    # Of the sequence only the 0 stands before: p(1) = 1/2 of what is uniform, 1/4.
    own = (0 + 1 / 4) / 2
    assert model.nats([0, 1], {1}, copying=True) == pytest.approx(-math.log((after + own) / 2))


def test_probabilities_sum_to_one_and_five_tokens_are_enough() -> None:
    model = NgramModel(vocabulary=6)
    model.learn([[0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 0]])
    for history in [(), (1,), (0, 1, 2, 3), (5, 5), (1, 2, 3, 4)]:
        assert sum(model.probability(history, t) for t in range(6)) == pytest.approx(1.0)
    assert model.probability((0, 1, 2, 3), 4) == model.probability((5, 0, 1, 2, 3), 4)


def test_copying_foresees_what_stands_before() -> None:
    model = NgramModel(vocabulary=50)
    model.learn([range(50)])
    noted = [7, 3, 9, 1, 4]
    sequence, said = [*noted, 30, *noted], range(7, 11)
    known, copied = (model.nats(sequence, said, copying=copying) for copying in (False, True))
    assert copied < 0.3 * known
