"""Isotonic regression against sums by hand, its definition, and a search over all fits."""

from fractions import Fraction
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.usermodel.calibration.isotonic import isotonic

sequences = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.integers(1, 3)),
    min_size=1,
    max_size=5,
)


def searched(points: list[tuple[float, int]]) -> list[Fraction]:
    """The best of all ways to cut a sequence into level blocks whose means rise."""
    fits: list[tuple[Fraction, list[Fraction]]] = []
    for count in range(len(points)):
        for cuts in combinations(range(1, len(points)), count):
            fit: list[Fraction] = []
            for start, end in pairwise((0, *cuts, len(points))):
                block = points[start:end]
                total = sum((Fraction(y) * w for y, w in block), Fraction(0))
                mean = total / sum(w for _, w in block)
                fit += [mean] * len(block)
            if all(low <= high for low, high in pairwise(fit)):
                lost = (w * (f - Fraction(y)) ** 2 for f, (y, w) in zip(fit, points, strict=True))
                fits.append((sum(lost, Fraction(0)), fit))
    return min(fits)[1]


@pytest.mark.parametrize(
    ("outcomes", "weights", "expected"),
    [
        ([], [], []),
        ([0.1, 0.2, 0.2, 0.7], [1, 1, 1, 1], [0.1, 0.2, 0.2, 0.7]),
        ([0.1, 0.3, 0.2, 0.4], [1, 1, 1, 1], [0.1, 0.25, 0.25, 0.4]),
        ([1.0, 0.0], [1, 3], [0.25, 0.25]),  # (1 * 1 + 3 * 0) / 4
        # 0.8 and 0.1 pool to 0.45, which is below 0.6: all three to (0.6 + 0.8 + 0.1) / 3.
        ([0.6, 0.8, 0.1, 0.9], [1, 1, 1, 1], [0.5, 0.5, 0.5, 0.9]),
    ],
)
def test_neighbors_in_the_wrong_order_become_their_mean(
    outcomes: list[float], weights: list[float], expected: list[float]
) -> None:
    assert isotonic(outcomes, weights) == pytest.approx(expected)


@given(sequences)
def test_no_other_rising_sequence_is_nearer(points: list[tuple[float, int]]) -> None:
    found = isotonic([y for y, _ in points], [w for _, w in points])
    assert found == pytest.approx([float(value) for value in searched(points)])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 100)), min_size=1, max_size=40))
def test_it_never_falls_nor_leaves_the_outcomes_and_keeps_their_mean(
    points: list[tuple[float, float]],
) -> None:
    outcomes, weights = [y for y, _ in points], [w for _, w in points]
    found = isotonic(outcomes, weights)
    assert all(low <= high for low, high in pairwise(found))
    assert min(outcomes) - 1e-9 <= found[0]
    assert found[-1] <= max(outcomes) + 1e-9
    assert max(found) <= 1.0
    fitted = sum(f * w for f, w in zip(found, weights, strict=True))
    assert fitted == pytest.approx(sum(y * w for y, w in points))


def test_ten_thousand_take_no_longer_than_their_number() -> None:
    # Each new one undoes all before it: a fit that went back over whole blocks would not end.
    size = 10_000
    found = isotonic([1 - place / size for place in range(size)], [1.0] * size)
    assert found == pytest.approx([0.5 + 0.5 / size] * size)
