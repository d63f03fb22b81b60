"""What counts as said twice, as contradictory and as junk."""

import numpy as np
import pytest

from idiolect.usermodel.health import Conflicts, find_conflicts, find_junk, nearest_earlier
from idiolect.usermodel.relate.rules import RulesRelater
from tests.usermodel.seeds import proposition


def unheard(_: float) -> None:
    """Is told how far it is, and does nothing with it."""


def test_each_pair_is_looked_at_once_and_the_nearest_first() -> None:
    # Cosines of unit vectors at 0, 10, 20 and 90 degrees: cos 10 = 0.985, cos 20 = 0.940.
    degrees = np.radians([0, 10, 20, 90])
    vectors = np.stack([np.cos(degrees), np.sin(degrees)], axis=1).astype(np.float32)
    told: list[float] = []
    found = [(late, early) for late, early, _ in nearest_earlier(vectors, 0.65, 5, told.append)]
    assert found == [(1, 0), (2, 1), (2, 0)]
    assert [(late, early) for late, early, _ in nearest_earlier(vectors, 0.65, 1, unheard)] == [
        (1, 0), (2, 1),
    ]  # fmt: skip
    cosines = [cosine for _, _, cosine in nearest_earlier(vectors, 0.65, 5, unheard)]
    assert cosines == pytest.approx([np.cos(np.radians(d)) for d in (10, 10, 20)], abs=1e-6)
    assert told == [1.0]


def test_blocks_give_what_one_matrix_gives() -> None:
    random = np.random.default_rng(7)
    vectors = random.normal(size=(1200, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole = np.tril(vectors @ vectors.T, k=-1)
    expected = {(int(late), int(early)) for late, early in np.argwhere(whole >= 0.9)}
    found = {(late, early) for late, early, _ in nearest_earlier(vectors, 0.9, 1200, unheard)}
    assert found == expected
    assert len(found) > 100


def test_a_later_proposition_repeats_or_contradicts_an_earlier_one() -> None:
    texts = ["Mara plays the cello.", "Mara plays cello.", "Mara never plays the cello."]
    memories = [proposition(f"mem_{number}", text=text) for number, text in enumerate(texts)]
    alike = np.ones((3, 1), dtype=np.float32)
    found = find_conflicts(memories, alike, RulesRelater(), unheard)
    assert found == Conflicts(
        same=[("mem_0", "mem_1")], contrary=[("mem_0", "mem_2"), ("mem_1", "mem_2")]
    )


def test_two_estimates_are_told_apart_by_their_keys() -> None:
    memories = [
        proposition(f"mem_{key}", text="Mara uses Ink.", payload={"estimate_key": key})
        for key in "ab"
    ]
    alike = np.ones((2, 1), dtype=np.float32)
    assert find_conflicts(memories, alike, RulesRelater(), unheard) == Conflicts([], [])


def test_of_nothing_nothing_conflicts() -> None:
    nothing = np.zeros((0,), dtype=np.float32)
    assert find_conflicts([], nothing, RulesRelater(), unheard) == Conflicts([], [])


def test_junk_says_nothing_or_rests_on_nothing() -> None:
    memories = [
        proposition("mem_full", text="Mara Silva swims."),
        proposition("mem_empty", text="Mara Silva has it."),
        proposition("mem_bare", text="Mara Silva runs."),
        proposition("mem_pinned", text="Mara Silva is.", pinned=True),
        proposition("mem_told", text="Mara Silva is.", payload={"verdict": "confirmed"}),
    ]
    found = find_junk(memories, {"mem_bare", "mem_pinned", "mem_told"}, "Mara Silva")
    assert found == ["mem_empty", "mem_bare"]
