"""How plain a text's words are: the share that is short.

Bjornsson 1968 (LIX) counts words of seven letters or more as long; Anderson 1983, "Lix and Rix:
Variations on a little-known readability index", Journal of Reading 26, shows that they tell hard
texts from easy ones in many languages. Sentences are left to the reading level.
"""

from idiolect.simulation.attributes.attribute import Attribute, Measured
from idiolect.simulation.attributes.words import words

LONG_LETTERS = 7


def _measure(text: str) -> Measured:
    found = words(text)
    if not found:
        return Measured(1.0)
    return Measured(sum(len(word) < LONG_LETTERS for word in found) / len(found))


SIMPLICITY = Attribute("simplicity", "share of short words", (0.0, 1.0), (0.6, 1.0), _measure)
