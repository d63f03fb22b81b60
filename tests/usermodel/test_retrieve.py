"""Ranking: relevance, confidence and recency multiply; variety comes after."""

import pytest

from idiolect.usermodel.calibration.reading import Belief
from idiolect.usermodel.retrieve import Retrieved, diversify, query_words, score
from tests.usermodel.seeds import MONDAY, days, proposition


def alike(lineage_id: str, similarity: float) -> Retrieved:
    """A candidate that holds none of the query's words."""
    return score(proposition(lineage_id), Belief(0.5), similarity, 0.0, MONDAY)


def test_a_score_is_the_product_of_its_parts() -> None:
    # durability 0.5 has a half-life of 13.509 days; that many days later recency is 1/2.
    found = score(proposition("mem_a"), Belief(0.8), 0.6, 0.2, MONDAY + days(13.509))
    assert found.relevance == pytest.approx(0.5 * 0.6 + 0.5 * 0.2)
    assert found.recency == pytest.approx(0.5, abs=1e-4)
    assert found.score == pytest.approx(0.4 * 0.8 * 0.5, abs=1e-4)


def test_confidence_decides_between_equally_relevant_statements() -> None:
    known = proposition("mem_a")
    sure, unsure = (score(known, Belief(confidence), 0.5, 0, MONDAY) for confidence in (0.9, 0.3))
    assert sure.score > unsure.score


def test_the_durable_statement_outranks_the_fleeting_one_after_a_week() -> None:
    lasting, fleeting = proposition("mem_a", durability=0.9), proposition("mem_b", durability=0.1)
    now = MONDAY + days(7)
    long, short = (score(memory, Belief(0.5), 0.5, 0, now) for memory in (lasting, fleeting))
    assert long.score > short.score


def test_a_negative_similarity_counts_as_none() -> None:
    assert score(proposition("mem_a"), Belief(0.5), -0.4, 0.0, MONDAY).score == 0.0
    found = score(proposition("mem_a"), Belief(0.5), -0.4, 0.6, MONDAY)
    assert found.relevance == pytest.approx(0.3)


def test_words_that_every_sentence_has_are_not_looked_up() -> None:
    query = "What does Mara's sister do on the 14th?"
    assert query_words(query, ignored=("Mara",)) == ["s", "sister", "14th"]


def test_variety_prefers_the_different_one_to_the_repetition() -> None:
    # Relevances 0.45, 0.44, 0.35. After a: b 0.8 · 0.44/0.45 - 0.2 · 1 = 0.582; c: 0.8 · 0.35/0.45
    # = 0.622.
    a, b, c = alike("mem_a", 0.90), alike("mem_b", 0.88), alike("mem_c", 0.70)
    vectors = {"mem_a": [1.0, 0.0], "mem_b": [1.0, 0.0], "mem_c": [0.0, 1.0]}
    chosen = diversify([b, c, a], vectors, 2)
    assert [item.memory.lineage_id for item in chosen] == ["mem_a", "mem_c"]


def test_without_vectors_the_scores_alone_decide() -> None:
    ranked = [alike(f"mem_{n}", n / 10) for n in (3, 9, 5)]
    chosen = diversify(ranked, {"mem_5": [1.0, 0.0]}, 10)
    assert [item.memory.lineage_id for item in chosen] == ["mem_9", "mem_5", "mem_3"]


def test_worthless_candidates_are_given_in_a_fixed_order() -> None:
    chosen = diversify([alike("mem_b", 0.0), alike("mem_a", -1.0)], {}, 5)
    assert [item.memory.lineage_id for item in chosen] == ["mem_a", "mem_b"]


def test_nothing_to_choose_from_gives_nothing() -> None:
    assert diversify([], {}, 5) == []
