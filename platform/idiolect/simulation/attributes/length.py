"""How long a text is."""

import math

from idiolect.simulation.attributes.attribute import Attribute, Measured, band_of
from idiolect.simulation.attributes.words import words

BANDS = (("short", 28.0), ("medium", 65.0), ("long", math.inf))
"""Upper ends in words, as the bundled model's system messages ask for them."""


def _measure(text: str) -> Measured:
    count = float(len(words(text)))
    return Measured(count, band_of(count, BANDS))


LENGTH = Attribute("length", "words", (0.0, math.inf), (0.0, 130.0), _measure)
