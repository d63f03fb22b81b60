"""What an offer is expected to be worth: shown now, later, in a digest, or dropped.

Whether to act is a choice between two lines of expected utility over the probability that the
user has the goal, which cross at a p* (Horvitz, "Principles of mixed-initiative user interfaces",
CHI 1999). The utilities are those of GUMBO (Shaikh et al., "Creating General User Models from
Computer Use", UIST 2025, equations 1 to 4). With probability p that the offer is wanted:

    =============  ==============  ===============
                   wanted (p)      not wanted (1-p)
    =============  ==============  ===============
    interrupt      +B              -C_FP
    keep quiet     -C_FN           0
    =============  ==============  ===============

So an interruption is worth p·B - (1-p)·C_FP, silence -p·C_FN, and they are equal at
p* = C_FP / (B + C_FP + C_FN).

Both sources know those two acts. We add two more by one quantity, the share k of the benefit that
an act keeps: what is lost of an offer that is wanted is also missed, so with share 1-k it costs
C_FN. Every act is then worth

    p·(k·B - (1-k)·C_FN) - cost

    ======  ===========================  =======================================
    act     k                            cost
    ======  ===========================  =======================================
    now     1                            C_FP · ((1-p)·m + p·max(0, m-1))
    later   1 - wait / lasts             C_FP · (1-p): the same in an ordinary moment, m = 1
    digest  s · (1 - until it / lasts)   d: it is read with the rest and interrupts nobody
    drop    0                            0
    ======  ===========================  =======================================

m is how much dearer than usual an interruption is at the moment (1: ordinary, and the table above
is exactly GUMBO's). A wrong one costs m times as much. A right one costs what exceeds the ordinary:
whoever is called out of a meeting pays for it also when the offer is good. What is left of the
benefit falls in a straight line to nothing at the time until which the offer lasts; that is its
urgency. It follows that

- in an ordinary moment now is best only if p > p*;
- for m >= 1, now beats later when p·(wait/lasts)·(B + C_FN) > (m-1)·C_FP: when what the wait loses
  is more than what the moment costs;
- the digest beats silence when p·k·(B + C_FN) > d, which is a far lower bar than p*.
"""

import math
from dataclasses import dataclass
from typing import Literal

from idiolect.errors import InvalidInputError

Outcome = Literal["now", "later", "digest", "drop"]
Activity = Literal["idle", "ordinary", "focus", "meeting", "do_not_disturb"]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What an interruption costs during an activity, and how long that usually goes on.

    ``multiplier`` is m; None forbids to interrupt at all.
    """

    multiplier: float | None
    usual_s: float


DISTURBANCES: dict[Activity, Disturbance] = {
    "idle": Disturbance(0.5, 0.0),
    "ordinary": Disturbance(1.0, 0.0),
    "focus": Disturbance(2.0, 25 * 60.0),
    "meeting": Disturbance(3.0, 30 * 60.0),
    "do_not_disturb": Disturbance(None, 60 * 60.0),
}
"""Assumed, not measured; what a user's dismissals teach corrects them (``learning``)."""

DIGEST_SHARE = 0.5
"""s: what a line in a digest brings of the benefit of an offer in time. Assumed."""

DIGEST_ATTENTION = 0.02
"""d: the cost of reading one more line in a digest, on the scale on which 1 is the most that an
offer can bring. Assumed."""

_ON_A_TIE: tuple[Outcome, ...] = ("drop", "digest", "now", "later")
"""The quieter act first, but what can be shown now does not wait."""


@dataclass(frozen=True, slots=True)
class Stakes:
    """What hangs on one offer.

    Attributes:
        p: probability that it is wanted, in [0, 1].
        benefit: B, of one that is wanted; at least 0, and 1 is the most that an offer can bring.
        cost_fp: C_FP, of an interruption with one that is not wanted, on the same scale.
        cost_fn: C_FN, of missing one that is wanted, on the same scale.

    Raises:
        InvalidInputError: a figure outside of its range.
    """

    p: float
    benefit: float
    cost_fp: float
    cost_fn: float

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1:
            raise InvalidInputError(f"p is a probability in [0, 1], not {self.p}")
        for name in ("benefit", "cost_fp", "cost_fn"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InvalidInputError(f"{name} is at least 0, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Moment:
    """When an offer could be shown.

    Attributes:
        multiplier: m, at least 0; None where the user may not be interrupted now.
        wait_s: until an ordinary moment.
        digest_in_s: until the next digest.
        lasts_s: until the offer is of no use any more.
    """

    multiplier: float | None
    wait_s: float
    digest_in_s: float
    lasts_s: float


def threshold(stakes: Stakes) -> float:
    """p* = C_FP / (B + C_FP + C_FN): above it an interruption beats silence.

    With B = 0.6, C_FP = 0.5 and C_FN = 0.4 it is 0.5 / 1.5 = 1/3. It is 1, which no p exceeds,
    where neither benefit nor costs are at stake.
    """
    whole = stakes.benefit + stakes.cost_fp + stakes.cost_fn
    return stakes.cost_fp / whole if whole else 1.0


def gain(stakes: Stakes) -> float:
    """By how much an interruption beats silence: p·B - (1-p)·C_FP + p·C_FN, GUMBO's rank."""
    p = stakes.p
    return p * stakes.benefit - (1 - p) * stakes.cost_fp + p * stakes.cost_fn


def expected(stakes: Stakes, moment: Moment) -> dict[Outcome, float]:
    """The expected utility of each act that is open; ``now`` only where one may interrupt.

    An offer with p = 0.8, B = 0.6, C_FP = 0.5 and C_FN = 0.4, in a meeting (m = 3) that lasts for
    another hour, with ten hours until the offer lapses and five until the digest:

    - now: 0.8·0.6 - 0.5·(0.2·3 + 0.8·2) = 0.48 - 1.1 = -0.62
    - later, k = 0.9: 0.8·(0.54 - 0.04) - 0.5·0.2 = 0.4 - 0.1 = 0.3
    - digest, k = 0.25: 0.8·(0.15 - 0.3) - 0.02 = -0.14
    - drop: -0.8·0.4 = -0.32
    """
    later = _left(moment.wait_s, moment.lasts_s)
    digest = DIGEST_SHARE * _left(moment.digest_in_s, moment.lasts_s)
    worth: dict[Outcome, float] = {
        "later": _worth(stakes, later) - _interruption(stakes, 1.0),
        "digest": _worth(stakes, digest) - DIGEST_ATTENTION,
        "drop": _worth(stakes, 0.0),
    }
    if moment.multiplier is not None:
        worth["now"] = _worth(stakes, 1.0) - _interruption(stakes, moment.multiplier)
    return worth


def best(worth: dict[Outcome, float]) -> Outcome:
    """The act that is worth most; among equals the quieter one, and now rather than later."""
    return max((act for act in _ON_A_TIE if act in worth), key=lambda act: worth[act])


def _worth(stakes: Stakes, kept: float) -> float:
    return stakes.p * (kept * stakes.benefit - (1 - kept) * stakes.cost_fn)


def _interruption(stakes: Stakes, multiplier: float) -> float:
    wrong, right = (1 - stakes.p) * multiplier, stakes.p * max(0.0, multiplier - 1)
    return stakes.cost_fp * (wrong + right)


def _left(delay_s: float, lasts_s: float) -> float:
    return max(0.0, 1 - delay_s / lasts_s) if lasts_s > 0 else 0.0
