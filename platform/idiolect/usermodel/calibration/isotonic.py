"""Isotonic regression: the non-decreasing sequence nearest to what was seen."""

from collections.abc import Sequence


def isotonic(outcomes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The values f1 <= f2 <= ... that minimize the sum of w_i (f_i - y_i)^2.

    Pool adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman 1955, "An empirical
    distribution function for sampling with incomplete information", Annals of Mathematical
    Statistics 26): neighbors in the wrong order become one block with their mean, until none
    are left. A block keeps its sums rather than its mean, so that outcomes in [0, 1] give
    values in [0, 1] to the last bit. In O(n), as each element is pooled away once at most.

    Args:
        outcomes: y, in the order in which f must not fall.
        weights: w, above zero, as many.
    """
    blocks: list[tuple[float, float, int]] = []  # sum of w·y, sum of w, elements
    for outcome, weight in zip(outcomes, weights, strict=True):
        total, mass, size = weight * outcome, weight, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / mass:
            before = blocks.pop()
            total, mass, size = total + before[0], mass + before[1], size + before[2]
        blocks.append((total, mass, size))
    return [total / mass for total, mass, size in blocks for _ in range(size)]
