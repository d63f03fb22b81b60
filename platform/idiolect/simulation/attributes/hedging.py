"""Words that hold a claim back: may, perhaps, I think.

Hyland 1998, Hedging in Scientific Research Articles, names the kinds: modal verbs, adverbs of
doubt, verbs of belief, and approximators. The list is our own.
"""

from idiolect.simulation.attributes.attribute import Attribute, Measured
from idiolect.simulation.attributes.words import phrase_pattern, share_of_sentences

# fmt: off
_HEDGES = phrase_pattern((
    "may", "might", "could be", "could have", "can be", "perhaps", "maybe", "possibly",
    "probably", "presumably", "apparently", "arguably", "conceivably", "likely", "unlikely",
    "seem*", "appear to", "appears to", "appeared to", "it appears", "suggests that", "tend to",
    "tends to", "i think", "i believe", "i guess", "i suppose", "i assume", "i suspect",
    "i imagine", "i'd say", "i am not sure", "i'm not sure", "not sure", "not certain",
    "not entirely", "as far as i know", "afaik", "iirc", "in my opinion", "imo", "in my view",
    "to my knowledge", "sort of", "kind of", "somewhat", "roughly", "approximately",
    "more or less", "in some cases", "in most cases", "sometimes", "often", "usually",
    "typically", "generally", "it depends", "depending on", "potentially", "possible that",
    "it is possible", "it's possible", "to some extent", "a chance",
))
# fmt: on


def _measure(text: str) -> Measured:
    return Measured(share_of_sentences(text, _HEDGES))


HEDGING = Attribute("hedging", "share of hedged sentences", (0.0, 1.0), (0.0, 0.5), _measure)
