"""Each strand draws as much as it says, however long a life is."""

import random
from collections import Counter
from datetime import date

import pytest

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.desk import Desk
from idiolect.simulation.lives.protagonist import Protagonist
from idiolect.simulation.lives.strands import STRANDS
from idiolect.simulation.lives.strands.falsehoods import PER_DAY
from idiolect.simulation.lives.strands.misreadings import FRAMES_PER_DAY
from tests.simulation.lives.people import people


def studio(days: int, seed: int = 0) -> Studio:
    """Of somebody who lives so many days from a Monday on."""
    rng = random.Random(seed)
    who = Protagonist.draw(people(1)[0], date(2026, 3, 2), days, rng, "sim")
    return Studio(who, Desk.draw(who.first, rng))


@pytest.mark.parametrize("days", [2, 30, 400])
def test_falsehoods_come_as_often_in_a_long_life(days: int) -> None:
    thread = STRANDS["falsehoods"](studio(days), (), random.Random(0))
    assert len(thread.scenes) + len(thread.entries) == round(PER_DAY * days)
    assert len({trap.id for trap in thread.traps}) == len(thread.traps)
    assert len({trap.statement for trap in thread.traps}) == len(thread.traps)
    assert len({entry.id for entry in thread.entries}) == len(thread.entries)
    lured = Counter(id for scene in thread.scenes for id in scene.traps)
    lured.update(id for entry in thread.entries for id in entry.traps)
    assert set(lured) == {trap.id for trap in thread.traps}
    # Whatever comes again comes as often as the others, or once more.
    assert max(lured.values()) - min(lured.values()) <= 1


@pytest.mark.parametrize("days", [2, 30, 400])
def test_misreadings_come_as_often_in_a_long_life(days: int) -> None:
    thread = STRANDS["misreadings"](studio(days), (), random.Random(0))
    said = [id for scene in thread.scenes for id in scene.traps if "/misread-" in id]
    assert len(said) == round(FRAMES_PER_DAY * days)
    traps = {trap.id: trap for trap in thread.traps}
    assert len(traps) == len(thread.traps)
    assert set(said) <= set(traps)
