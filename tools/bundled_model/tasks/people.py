"""What a person says of themself, whoever they are: a claim, or a fact of the handbook."""

import functools
import random
from dataclasses import dataclass

from tools.bundled_model.bank import load_topics
from tools.bundled_model.knowledge import pluralize_verb
from tools.bundled_model.tasks.claims import Claim
from tools.bundled_model.tasks.claims_days import DAYS
from tools.bundled_model.tasks.claims_home import HOME
from tools.bundled_model.tasks.claims_work import WORK
from tools.bundled_model.tasks.frames import SPOKEN
from tools.bundled_model.tasks.words import Slots

CLAIMS: tuple[Claim, ...] = HOME + DAYS + WORK
FACT_SHARE = 0.4

_FIRST_PERSON = {"is": "am", "was": "was", "has": "have"}
_POSSESSIVES = {"their": "my", "themselves": "myself", "them": "me", "they": "I"}


@dataclass(frozen=True)
class Remark:
    """A sentence in the first person, and the predicate that it makes known."""

    said: str
    held: str


def draw_remark(slots: Slots, rng: random.Random) -> Remark:
    """Draw something that a person says of themself.

    Args:
        slots: the person's; those that the remark needs are drawn into a copy.
        rng: decides everything.
    """
    if rng.random() < FACT_SHARE:
        held = rng.choice(facts())
        said = f"{first_person(held)}."
    else:
        claim = rng.choice(CLAIMS)
        own = Slots(rng, slots["name"])
        said = rng.choice(claim.said).format_map(own)
        held = claim.held[0].format_map(own)
    return Remark(_typed(rng.choice(SPOKEN).format(said=capitalized(said)), rng), held)


@functools.cache
def facts() -> tuple[str, ...]:
    """All facts of the handbook, as predicates: "keeps bees"."""
    return tuple(dict.fromkeys(fact.text for topic in load_topics() for fact in topic.facts))


@functools.cache
def first_person(predicate: str) -> str:
    """Turn a predicate of "she" into a clause of one's own: "keeps bees" to "I keep bees"."""
    first, _, rest = predicate.partition(" ")
    verb = _FIRST_PERSON.get(first)
    clause = f"{verb} {rest}" if verb else pluralize_verb(predicate)
    return " ".join(["I", *(_POSSESSIVES.get(word, word) for word in clause.split())])


def capitalized(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _typed(said: str, rng: random.Random) -> str:
    """As people type: mostly carefully."""
    kind = rng.random()
    if kind < 0.3:
        said = said.replace("I am ", "I'm ").replace("I have a", "I've got a")
    if kind < 0.08:
        return said.lower().rstrip(".")
    return said
