"""The groups of people that a simulation draws unless told otherwise."""

from dataclasses import replace

from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.population import PeopleGroup
from idiolect.simulation.utility import Liking

CHOICE = ChoiceModel(temperature=0.3, ties=0.3, slips=0.05, fatigue=0.02)
"""How they choose: with ties, slips and fatigue."""

GROUPS: tuple[PeopleGroup, ...] = (
    PeopleGroup(
        "brisk",
        share=0.3,
        common={"length": Liking(-1.5), "bullets": Liking(1.0), "enthusiasm": Liking(-0.5)},
    ),
    PeopleGroup(
        "warm",
        share=0.25,
        common={"enthusiasm": Liking(1.2), "emoji": Liking(1.0), "questions": Liking(0.6)},
    ),
    PeopleGroup(
        "thorough",
        share=0.25,
        common={"length": Liking(1.2), "examples": Liking(0.8), "reading_level": Liking(0.8)},
    ),
    PeopleGroup("various", share=0.2),
)
"""What they have in common, and one group of people who have nothing in common."""

INDIVIDUALITY, CONCERNS, DRIFTING, CYCLIC = 0.6, 3, 0.1, 0.1


def default_groups(choice: ChoiceModel = CHOICE) -> tuple[PeopleGroup, ...]:
    """The groups, with members who choose like this; a tenth of them drift, a tenth go round."""
    return tuple(
        replace(
            group,
            individuality=INDIVIDUALITY,
            concerns=CONCERNS,
            drifting_share=DRIFTING,
            cyclic_share=CYCLIC,
            choice=choice,
        )
        for group in GROUPS
    )
