"""How formal the wording is: marks of formal writing against marks of casual talk.

Heylighen and Dewaele 2002, "Variation in the contextuality of language", measure formality by
parts of speech; without a tagger, we count the marks that style guides name. Each side is a count,
and the balance (formal - casual) / (formal + casual + 1) is near 0 where there is little of either.
Emoji and exclamation marks are casual too, but attributes of their own, so they don't count here.
"""

import re

from idiolect.simulation.attributes.attribute import Attribute, Measured, band_of
from idiolect.simulation.attributes.words import phrase_pattern, plain, sentences

# fmt: off
_FORMAL = phrase_pattern((
    "however", "therefore", "furthermore", "moreover", "thus", "hence", "consequently",
    "nevertheless", "in addition", "in order to", "prior to", "regarding", "concerning",
    "with respect to", "due to", "as well as", "whether", "which", "whom", "one may",
    "one should", "one can", "shall", "upon", "please", "kindly", "i recommend",
    "i would recommend", "it is advisable", "advisable", "recommended", "i regret",
    "i would suggest", "i suggest", "permit me", "allow me", "it would be", "my pleasure",
    "certainly", "indeed", "would you like", "do you require", "may i", "sincerely", "dear",
    "ensure*", "require*", "obtain*", "provide*", "assist*", "additional*", "appropriate*",
    "sufficient*", "various", "approximately", "frequently", "primarily", "subsequently",
    "commence*", "purchase*", "inform*", "consult*", "determine*", "indicate*", "remain*",
    "permit*", "prefer*", "select*", "consider*", "*tion", "*tions", "*ment", "*ments", "*ance",
    "*ence", "*ity",
))
_CASUAL = phrase_pattern((
    "hey", "hi", "yeah", "yep", "yup", "nope", "nah", "ok", "okay", "gonna", "wanna", "gotta",
    "kinda", "sorta", "dunno", "lemme", "gimme", "ya", "y'all", "cuz", "btw", "lol", "omg", "thx",
    "pls", "plz", "u", "ur", "im", "dont", "cant", "wont", "doesnt", "isnt", "ive", "thats",
    "whats", "cool", "awesome", "stuff", "guys", "guy", "dude", "folks", "kids", "yay", "wow",
    "oh", "ah", "aw", "ugh", "oops", "yum", "yummy", "super", "pretty much", "a bit", "a lot",
    "lots of", "tons of", "bunch", "big", "huge", "grab", "pop", "toss", "go for", "let's",
    "lets", "just", "so", "it's", "that's", "there's", "here's", "what's", "who's", "he's",
    "she's", "how's", "where's", "*n't", "*'re", "*'ll", "*'ve", "*'d", "*'m",
))
# fmt: on
_LOWER_START = re.compile(r"^[a-z]")
_LOWER_I = re.compile(r"(?<![\w'])i(?![\w'])")
_BANDS = (("casual", -0.25), ("neutral", 0.25), ("formal", 1.0))


def _measure(text: str) -> Measured:
    body, parts = plain(text), sentences(text)
    formal = len(_FORMAL.findall(body))
    casual = len(_CASUAL.findall(body)) + len(_LOWER_I.findall(body))
    casual += sum(_LOWER_START.match(part) is not None for part in parts)
    balance = (formal - casual) / (formal + casual + 1)
    return Measured(balance, band_of(balance, _BANDS))


FORMALITY = Attribute(
    "formality", "formal less casual marks, of all", (-1.0, 1.0), (-0.8, 0.8), _measure
)
