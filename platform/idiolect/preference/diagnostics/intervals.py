"""95 % intervals of shares and means."""

from collections.abc import Sequence

import torch

Z_95 = 1.959963984540054
"""The standard normal quantile of 0.975."""

_DRAWN_AT_ONCE = 1 << 20  # indices, 8 MiB


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which is sound for few trials too.

    center = (p + z^2 / 2n) / (1 + z^2 / n)
    half   = z / (1 + z^2 / n) * sqrt(p (1 - p) / n + z^2 / 4n^2),  z = 1.96

    Without trials it is all of [0, 1].
    """
    if trials == 0:
        return (0.0, 1.0)
    share, spread = successes / trials, Z_95**2 / trials
    center = (share + spread / 2) / (1 + spread)
    half = (share * (1 - share) / trials + spread / (4 * trials)) ** 0.5 * Z_95 / (1 + spread)
    return (max(0.0, center - half), min(1.0, center + half))


def bootstrap_interval(
    values: Sequence[float], *, seed: int, resamples: int = 10_000
) -> tuple[float, float]:
    """The 95 % percentile interval of the mean (Efron 1979); without values, all of [-1, 1].

    Args:
        values: independent of each other, such as one gain a pair.
        seed: of the resampling; the same seed gives the same interval.
        resamples: how many means are drawn.
    """
    if not values:
        return (-1.0, 1.0)
    generator = torch.Generator().manual_seed(seed)
    column = torch.tensor(values, dtype=torch.float64)
    # In parts that draw the same numbers as the whole would, so that memory stays small.
    rows = max(1, _DRAWN_AT_ONCE // len(values))
    means = [
        column[torch.randint(len(values), (part, len(values)), generator=generator)].mean(dim=1)
        for part in _parts(resamples, rows)
    ]
    ends = torch.tensor([0.025, 0.975], dtype=torch.float64)
    low, high = torch.cat(means).quantile(ends).tolist()
    return (low, high)


def _parts(whole: int, largest: int) -> list[int]:
    return [min(largest, whole - start) for start in range(0, whole, largest)]
