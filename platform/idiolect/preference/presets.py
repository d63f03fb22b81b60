"""Published objectives as data: a name, a citation, parameters and a choice of five pieces."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from idiolect.errors import InvalidInputError
from idiolect.preference.objective import (
    FixedLabel,
    Logistic,
    LogRatio,
    Objective,
    PairWeight,
    ScaledGap,
    Square,
)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named combination of the five pieces.

    Attributes:
        citation: the paper and the place in it.
        parameters: what can be set, with the defaults.
        compose: makes the objective from exactly those parameters.
    """

    citation: str
    parameters: Mapping[str, float]
    compose: Callable[[Mapping[str, float]], Objective]


PRESETS: Mapping[str, Preset] = {
    "dpo": Preset(
        citation="Rafailov et al. 2023, Direct Preference Optimization, equation 7",
        parameters={"beta": 0.1},
        compose=lambda p: Objective(
            LogRatio(), ScaledGap(p["beta"]), Logistic(), FixedLabel(), PairWeight()
        ),
    ),
    "ln-dpo": Preset(
        citation="Lambert et al. 2024, Tulu 3, section on length-normalized DPO",
        parameters={"beta": 5.0},
        compose=lambda p: Objective(
            LogRatio(length="mean"), ScaledGap(p["beta"]), Logistic(), FixedLabel(), PairWeight()
        ),
    ),
    "cdpo": Preset(
        citation="Mitchell 2023, A note on DPO with noisy preferences, conservative DPO",
        parameters={"beta": 0.1, "flip_rate": 0.1},
        compose=lambda p: Objective(
            LogRatio(),
            ScaledGap(p["beta"]),
            Logistic(),
            FixedLabel(1.0 - p["flip_rate"]),
            PairWeight(),
        ),
    ),
    # Azar et al. call the strength of regularization tau; the name here is that of the others.
    "ipo": Preset(
        citation="Azar et al. 2023, A general theoretical paradigm, equation 17 (summed tokens)",
        parameters={"beta": 0.1},
        compose=lambda p: Objective(
            LogRatio(), ScaledGap(), Square(0.5 / p["beta"]), FixedLabel(), PairWeight()
        ),
    ),
}


def objective(name: str, **parameters: float) -> Objective:
    """The objective of this name; parameters that are not given keep the preset's defaults.

    Raises:
        InvalidInputError: there is no such preset, or it has no such parameter.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise InvalidInputError(
            f"there is no objective {name!r}", hint=f"Known objectives: {', '.join(PRESETS)}."
        )
    unknown = sorted(set(parameters) - set(preset.parameters))
    if unknown:
        raise InvalidInputError(
            f"the objective {name!r} has no parameter {', '.join(unknown)}",
            hint=f"It has: {', '.join(preset.parameters)}.",
        )
    return preset.compose({**preset.parameters, **parameters})
