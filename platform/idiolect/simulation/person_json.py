"""A simulated person as plain values, so that a file can hold their true preferences."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from idiolect.errors import InvalidInputError
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.people import Drift, Person
from idiolect.simulation.utility import Cycle, Interaction, Liking, Utility


def person_as_dict(person: Person) -> dict[str, Any]:
    """Plain values for JSON; ``person_from`` reads them back."""
    return {
        "id": person.id,
        "group": person.group,
        "utility": _utility_as_dict(person.utility),
        "choice": asdict(person.choice),
        "cycles": [asdict(cycle) for cycle in person.cycles],
        "drift": None
        if person.drift is None
        else {"toward": _utility_as_dict(person.drift.toward), "days": person.drift.days},
    }


def person_from(values: Mapping[str, Any]) -> Person:
    """The person that ``person_as_dict`` wrote down; further fields are passed over.

    Raises:
        InvalidInputError: they are not what it gives.
    """
    try:
        drift = values["drift"]
        return Person(
            id=values["id"],
            group=values["group"],
            utility=_utility(values["utility"]),
            choice=ChoiceModel(**values["choice"]),
            cycles=tuple(_cycle(cycle) for cycle in values["cycles"]),
            drift=None if drift is None else Drift(_utility(drift["toward"]), drift["days"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"this is no simulated person: {type(error).__name__}, {error}",
            hint="Give the field `person` of a truth.json that `idiolect simulate` wrote.",
        ) from error


def _utility_as_dict(utility: Utility) -> dict[str, Any]:
    return {
        "likings": {name: asdict(liking) for name, liking in utility.likings.items()},
        "interactions": [asdict(interaction) for interaction in utility.interactions],
        "scale": utility.scale,
        "offset": utility.offset,
    }


def _utility(values: Mapping[str, Any]) -> Utility:
    return Utility(
        likings={name: Liking(**liking) for name, liking in values["likings"].items()},
        interactions=tuple(Interaction(**one) for one in values["interactions"]),
        scale=values["scale"],
        offset=values["offset"],
    )


def _cycle(values: Mapping[str, Any]) -> Cycle:
    return Cycle(**{**values, "middle": tuple(values["middle"]), "spread": tuple(values["spread"])})
