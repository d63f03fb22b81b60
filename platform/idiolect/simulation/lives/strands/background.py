"""What a desk shows all day and from which nothing follows."""

import random
from collections.abc import Sequence

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Scene, Thread
from idiolect.simulation.lives.wordings import words

_LEAST, _MOST = 7, 11
"""Scenes a day."""


def background(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """News, weather, small talk, parcels."""
    del known
    who, texts = studio.who, words("background")
    scenes: list[Scene] = []
    for day in range(who.days):
        for _ in range(rng.randint(_LEAST, _MOST)):
            headline, headline2 = rng.sample(texts["headline"], 2)
            slots = who.slots(rng) | {"headline": headline, "headline2": headline2}
            scenes.append(studio.scene(who.wordings.draw(texts["clips"]), slots, day, rng))
    return Thread(scenes=tuple(scenes))
