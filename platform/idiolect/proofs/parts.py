"""What a proof is: arms that are measured, and checks of what is claimed of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Role = Literal["treatment", "control", "trivial", "population", "sham", "oracle"]
"""Why an arm is there.

treatment: what the paper proposes. control: what it is compared with. trivial: what doing nothing
gives. population: what knowing the average but not the case gives. sham: the treatment with its
active part taken out, which must not work. oracle: what the best knowledge there is would give.
"""

Verdict = Literal["shown", "not-shown", "opposite"]


FIRST_SEED = 1000
"""Whoever writes a proof tries it on lower seeds, so that what is reported is news to them too."""


class Seeds(NamedTuple):
    """How many seeds a proof takes, and what each of them is."""

    full: int
    quick: int
    of: str = "seeds"


TABULAR_SEEDS = Seeds(full=8, quick=3)
LANGUAGE_MODEL_SEEDS = Seeds(full=5, quick=2)
PEOPLE_SEEDS = Seeds(full=20, quick=4, of="people")

Measured = Mapping[str, Mapping[str, float]]
"""Values by arm and then by measure."""

ArmDone = Callable[[], None]
"""Called each time an arm of a trial is done, for the progress."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A way of doing it.

    Attributes:
        role: why it is there.
        says: what it is, in a few words.
    """

    role: Role
    says: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is claimed: that an effect lies beyond a bound.

    The effect is the treatment's measure less the control's; without a control, the treatment's
    measure itself.

    Attributes:
        says: the claim, in a few words.
        measure: what is compared.
        treatment: the arm that the claim is about.
        control: the arm that it is compared with, if any.
        bound: in units of the measure. 0 asks for any difference; a bound on the other side of
            zero asks only for no worse a difference than that.
        lower: the effect is claimed to be below the bound instead of above it.
    """

    says: str
    measure: str
    treatment: str
    control: str | None = None
    bound: float = 0.0
    lower: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """What one seed gave.

    Attributes:
        measured: values by arm and measure; an arm may lack a measure that it has no sense for.
        curves: how the headline measure moved, by arm, for the plot.
    """

    measured: Measured
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One system from the literature and what of it must show at a small scale.

    Attributes:
        paper: whose claim it is.
        claim: one sentence, with what would refute it.
        measure: the headline measure, which every arm has.
        arms: by name, in the order of the report.
        checks: what must hold; the first is the headline. All must be shown for the claim to be.
        trial: runs everything for a seed. The second argument is the scale: 1 is the proof; less
            makes it smaller, for tests of the proof itself, whose verdict means nothing. Calls
            the third after each arm.
        curve: names of the curves' two axes, if there are curves.
        curve_at: where their points lie on the first; at 1, 2, 3 and so on if empty.
        seeds: how many the full proof takes, and the quick one; fewer where each takes long.
    """

    paper: str
    claim: str
    measure: str
    arms: Mapping[str, Arm]
    checks: Sequence[Check]
    trial: Callable[[int, float, ArmDone], Trial]
    curve: tuple[str, str] = ("", "")
    curve_at: Sequence[float] = ()
    seeds: Seeds = TABULAR_SEEDS
