"""Whether a text is laid out as a list."""

from idiolect.simulation.attributes.attribute import Attribute, Measured
from idiolect.simulation.attributes.words import list_marks

LEAST_ITEMS = 2
"""One marked line alone is a dash, not a list."""


def _measure(text: str) -> Measured:
    marks = list_marks(text)
    if len(marks) < LEAST_ITEMS:
        return Measured(0.0, "prose")
    lines = sum(bool(line.strip()) for line in text.splitlines())
    numbered = sum(mark[0].isdigit() for mark in marks)
    return Measured(len(marks) / lines, "steps" if 2 * numbered > len(marks) else "bullets")


BULLETS = Attribute("bullets", "share of lines that are items", (0.0, 1.0), (0.0, 1.0), _measure)
