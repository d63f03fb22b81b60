"""Published objectives as data: a name, a citation, parameters and a choice of pieces.

Names are the distinct ones: "APO" is ``apo_zero``, ``apo_down``, ``step_apo`` or an accelerated
loop; "rDPO" is ``robust`` or ``context_dual``; "R-DPO" is ``length_reg``.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from idiolect.errors import InvalidInputError
from idiolect.preference.objective import Objective
from idiolect.preference.presets.groups import GROUPS
from idiolect.preference.presets.pairwise import PAIRWISE
from idiolect.preference.presets.pointwise import POINTWISE
from idiolect.preference.presets.preset import Preset

__all__ = ["PRESETS", "Preset", "objective", "preset"]

PRESETS: Mapping[str, Preset] = {**PAIRWISE, **POINTWISE, **GROUPS}


def preset(name: str) -> Preset:
    """The preset of this name.

    Raises:
        InvalidInputError: there is none.
    """
    found = PRESETS.get(name)
    if found is None:
        near = get_close_matches(name, PRESETS)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise InvalidInputError(
            f"there is no objective {name!r}", hint=f"{hint}There are: {', '.join(PRESETS)}."
        )
    return found


def objective(name: str, **parameters: Any) -> Objective:
    """The objective of this name; parameters that are not given keep the preset's defaults.

    Raises:
        InvalidInputError: there is no such preset, or it has no such parameter or value.
    """
    return preset(name)(name, parameters)
