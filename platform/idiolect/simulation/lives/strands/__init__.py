"""The threads of a life, in the order in which they are drawn: each knows those before it.

What is true comes first; what only seems true is then drawn about other things.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Protocol

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Thread
from idiolect.simulation.lives.strands.background import background
from idiolect.simulation.lives.strands.falsehoods import falsehoods
from idiolect.simulation.lives.strands.habits import habits
from idiolect.simulation.lives.strands.hobbies import hobbies
from idiolect.simulation.lives.strands.home import home
from idiolect.simulation.lives.strands.interests import interests
from idiolect.simulation.lives.strands.misreadings import misreadings
from idiolect.simulation.lives.strands.plans import plans
from idiolect.simulation.lives.strands.relations import relations
from idiolect.simulation.lives.strands.styles import styles
from idiolect.simulation.lives.strands.tastes import tastes
from idiolect.simulation.lives.strands.work import work


class Strand(Protocol):
    """Draws one thread of a life."""

    def __call__(self, studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
        """The thread.

        Args:
            studio: whose life it is, and where its scenes are made.
            known: what is true already.
            rng: decides everything.
        """
        ...


STRANDS: Mapping[str, Strand] = {
    "work": work,
    "home": home,
    "relations": relations,
    "habits": habits,
    "plans": plans,
    "tastes": tastes,
    "hobbies": hobbies,
    "styles": styles,
    "interests": interests,
    "misreadings": misreadings,
    "falsehoods": falsehoods,
    "background": background,
}
