"""Whether a text speaks of the one who writes it or to the one who reads it."""

from idiolect.simulation.attributes.attribute import Attribute, Measured, band_of
from idiolect.simulation.attributes.words import words

_FIRST = frozenset(["i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"])
_SECOND = frozenset(["you", "your", "yours", "yourself", "yourselves", "u", "ur"])
_BANDS = (("first", -1 / 3), ("neither", 1 / 3), ("second", 1.0))


def _measure(text: str) -> Measured:
    stems = [word.lower().split("'")[0] for word in words(text)]
    first, second = sum(s in _FIRST for s in stems), sum(s in _SECOND for s in stems)
    balance = (second - first) / (second + first) if second + first else 0.0
    return Measured(balance, band_of(balance, _BANDS))


ADDRESS = Attribute(
    "address", "second less first person, of their sum", (-1.0, 1.0), (-1.0, 1.0), _measure
)
