"""The school grade that reads a text with ease.

Coleman and Liau 1975, "A computer readability formula designed for machine scoring", Journal of
Applied Psychology 60: grade = 0.0588 L - 0.296 S - 15.8, with L letters and S sentences for 100
words. Chosen over formulas that count syllables: the packages that do so fetch a pronouncing
dictionary when they are first used, or carry a licence that this one cannot take in.
"""

import math

from idiolect.simulation.attributes.attribute import Attribute, Measured, band_of
from idiolect.simulation.attributes.words import sentences, words

_BANDS = (("elementary", 5.0), ("middle", 9.0), ("high", 12.0), ("college", math.inf))


def coleman_liau_grade(text: str) -> float:
    """Grade of the United States' schools, cut to [0, 20]; 0 of a text without words."""
    found = words(text)
    if not found:
        return 0.0
    letters = sum(char.isalnum() for word in found for char in word)
    per_100 = 100.0 / len(found)
    grade = 0.0588 * letters * per_100 - 0.296 * len(sentences(text)) * per_100 - 15.8
    return min(20.0, max(0.0, grade))


def _measure(text: str) -> Measured:
    grade = coleman_liau_grade(text)
    return Measured(grade, band_of(grade, _BANDS))


READING_LEVEL = Attribute("reading_level", "school grade", (0.0, 20.0), (0.0, 14.0), _measure)
