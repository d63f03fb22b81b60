"""Whether a judge prefers a place instead of a sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from idiolect.errors import InvalidInputError
from idiolect.preference.diagnostics.intervals import wilson_interval

Verdict = Literal["first", "second", "tie"]
"""The place of the sample that was preferred, in the order in which the judge saw them."""

_SAME: dict[Verdict, Verdict] = {"first": "second", "second": "first", "tie": "tie"}


@dataclass(frozen=True, slots=True)
class PositionFlips:
    """What became of verdicts when the order was turned round.

    Attributes:
        pairs: how many were judged in both orders.
        share: of them, those whose verdict changed.
        interval: of that share, 95 %.
        always_first: share of pairs of which the first sample won in both orders.
        always_second: the same of the second one; the rest of ``share`` has a tie one way.
        threshold: warns at a greater share than this.
        warning: one sentence, or empty.
    """

    pairs: int
    share: float
    interval: tuple[float, float]
    always_first: float
    always_second: float
    threshold: float
    warning: str


def position_flips(
    one_way: Sequence[Verdict], other_way: Sequence[Verdict], *, threshold: float = 0.25
) -> PositionFlips:
    """Counts the verdicts of a judge that changed with the position (Zheng et al. 2023, MT-Bench).

    A judge that only sees the samples says ``first`` one way and ``second`` the other, or ``tie``
    both ways. One that tosses a coin flips half of its verdicts.

    Args:
        one_way: the verdict on each pair.
        other_way: on the same pairs, shown the other way round.
        threshold: the share of flips that is too large. No paper gives one.

    Raises:
        InvalidInputError: there are no verdicts, they are not as many, or there is another one
            than first, second and tie.
    """
    if not one_way or len(one_way) != len(other_way):
        raise InvalidInputError(
            f"{len(one_way)} verdicts one way and {len(other_way)} the other make no pairs"
        )
    strange = {*one_way, *other_way} - set(_SAME)
    if strange:
        raise InvalidInputError(f"a verdict is first, second or tie, not {min(strange)!r}")
    verdicts = list(zip(one_way, other_way, strict=True))
    pairs = len(verdicts)
    flips = sum(_SAME[one] != other for one, other in verdicts)
    first = verdicts.count(("first", "first")) / pairs
    second = verdicts.count(("second", "second")) / pairs
    return PositionFlips(
        pairs=pairs,
        share=flips / pairs,
        interval=wilson_interval(flips, pairs),
        always_first=first,
        always_second=second,
        threshold=threshold,
        warning=_warning(flips / pairs, pairs, first - second) if flips / pairs > threshold else "",
    )


def _warning(share: float, pairs: int, lean: float) -> str:
    place = f", more often for the {'first' if lean > 0 else 'second'} one" if lean else ""
    return f"The judge's verdict changed with the order on {share:.0%} of {pairs} pairs{place}."
