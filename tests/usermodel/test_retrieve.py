"""Ranking: similarity, confidence and recency multiply; variety comes after."""

import pytest

from idiolect.usermodel.retrieve import diversify, score
from tests.usermodel.seeds import MONDAY, days, proposition


def test_a_score_is_the_product_of_its_parts() -> None:
    # durability 0.5 has a half-life of 13.509 days; that many days later recency is 1/2.
    memory = proposition("mem_a", confidence=0.8)
    found = score(memory, 0.6, MONDAY + days(13.509))
    assert found.recency == pytest.approx(0.5, abs=1e-4)
    assert found.score == pytest.approx(0.6 * 0.8 * 0.5, abs=1e-4)


def test_confidence_decides_between_equally_similar_statements() -> None:
    sure, unsure = proposition("mem_a", confidence=0.9), proposition("mem_b", confidence=0.3)
    assert score(sure, 0.5, MONDAY).score > score(unsure, 0.5, MONDAY).score


def test_the_durable_statement_outranks_the_fleeting_one_after_a_week() -> None:
    lasting, fleeting = proposition("mem_a", durability=0.9), proposition("mem_b", durability=0.1)
    now = MONDAY + days(7)
    assert score(lasting, 0.5, now).score > score(fleeting, 0.5, now).score


def test_a_negative_similarity_scores_nothing() -> None:
    assert score(proposition("mem_a"), -0.4, MONDAY).score == 0.0


def test_variety_prefers_the_different_one_to_the_repetition() -> None:
    # After a (score 0.45), b: 0.7 * 0.44/0.45 - 0.3 * 1 = 0.384; c: 0.7 * 0.35/0.45 - 0 = 0.544
    a = score(proposition("mem_a"), 0.90, MONDAY)
    b = score(proposition("mem_b"), 0.88, MONDAY)
    c = score(proposition("mem_c"), 0.70, MONDAY)
    vectors = {"mem_a": [1.0, 0.0], "mem_b": [1.0, 0.0], "mem_c": [0.0, 1.0]}
    chosen = diversify([b, c, a], vectors, 2)
    assert [item.memory.lineage_id for item in chosen] == ["mem_a", "mem_c"]


def test_without_vectors_the_scores_alone_decide() -> None:
    ranked = [score(proposition(f"mem_{n}"), n / 10, MONDAY) for n in (3, 9, 5)]
    chosen = diversify(ranked, {}, 10)
    assert [item.memory.lineage_id for item in chosen] == ["mem_9", "mem_5", "mem_3"]


def test_nothing_to_choose_from_gives_nothing() -> None:
    assert diversify([], {}, 5) == []
