"""Examples that a text gives, known by the words that introduce them."""

from idiolect.simulation.attributes.attribute import Attribute, Measured
from idiolect.simulation.attributes.words import phrase_pattern, sentences

# fmt: off
_INTRODUCTIONS = phrase_pattern((
    "for example", "for instance", "e.g", "eg", "such as", "as an example", "an example",
    "to illustrate", "by way of example", "including", "among them", "imagine", "suppose",
    "let us say", "let's say", "take the case", "one case", "examples",
))
# fmt: on


def _measure(text: str) -> Measured:
    found = sum(len(_INTRODUCTIONS.findall(part)) for part in sentences(text))
    return Measured(float(found), "given" if found else "none")


EXAMPLES = Attribute("examples", "introductions", (0.0, float("inf")), (0.0, 2.0), _measure)
