"""What a preference set, a judge or a run should be asked before it is believed.

Each diagnostic is a pure function with a result of its own: numbers, the threshold it warns at,
and one sentence of warning. None of them stops anything.
"""

from typing import Protocol

from idiolect.preference.diagnostics.differential import (
    DifferentialInformation,
    differential_information,
    estimated_differential_information,
)
from idiolect.preference.diagnostics.displacement import Displacement, likelihood_displacement
from idiolect.preference.diagnostics.lengths import LengthRatio, length_ratio
from idiolect.preference.diagnostics.position import PositionFlips, position_flips
from idiolect.preference.diagnostics.run_report import PairsReport, RunReport, report_on_run
from idiolect.preference.diagnostics.separability import Separability, separability


class Diagnosis(Protocol):
    """What every result has."""

    @property
    def threshold(self) -> float:
        """Where it warns."""
        ...

    @property
    def warning(self) -> str:
        """One sentence, empty if there is nothing to warn of."""
        ...


__all__ = [
    "Diagnosis",
    "DifferentialInformation",
    "Displacement",
    "LengthRatio",
    "PairsReport",
    "PositionFlips",
    "RunReport",
    "Separability",
    "differential_information",
    "estimated_differential_information",
    "length_ratio",
    "likelihood_displacement",
    "position_flips",
    "report_on_run",
    "separability",
]
