"""How a new statement about a person stands to an old one."""

import random
from collections.abc import Callable, Mapping

from tools.bundled_model.context import Message, message
from tools.bundled_model.knowledge import pluralize_verb
from tools.bundled_model.tasks.claims import Claim
from tools.bundled_model.tasks.forms import relation_prompt
from tools.bundled_model.tasks.gold import Related, load_relations
from tools.bundled_model.tasks.people import CLAIMS, facts
from tools.bundled_model.tasks.words import WORDS, Slots, draw_name

LABELS = ("identical", "similar", "contradicts", "generalizes", "unrelated")

GOLD_SHARE = 0.2
FACT_SHARE = 0.3
"""Of the pairs, are made from the handbook's facts; the rest from claims."""

_Predicates = tuple[str, str]


def draw_relation(rng: random.Random) -> tuple[Message, ...]:
    """Draw two statements and the word for how the new one stands to the old one."""
    pair = (
        rng.choice(load_relations("training")) if rng.random() < GOLD_SHARE else compose_pair(rng)
    )
    prompt = relation_prompt(pair.old, pair.new)
    return (*(each.as_dict() for each in prompt), message("assistant", pair.label))


def compose_pair(rng: random.Random) -> Related:
    """Two statements about one person, each label as often as the others."""
    label = rng.choice(LABELS)
    name = draw_name(rng)
    from_facts = rng.random() < FACT_SHARE
    pair = None
    while pair is None:
        pair = _FROM_FACTS[label](rng) if from_facts else _from_claim(label, name, rng)
    old, new = (_stated(name, predicate) for predicate in pair)
    return Related(old, new, label)


def _from_claim(label: str, name: str, rng: random.Random) -> _Predicates | None:
    """Two predicates from a claim's own lists; None when it has none for the label."""
    claim = rng.choice(CLAIMS)
    slots = Slots(rng, name)
    old = rng.choice(claim.held).format_map(slots)
    if label == "unrelated":
        return old, _unrelated(claim, slots, rng)
    if label == "contradicts" and claim.change and rng.random() < 0.6:
        changed = slots.changed(rng.choice(claim.change))
        return old, rng.choice(claim.held).format_map(changed)
    lists = {
        "identical": [each for each in claim.held if each.format_map(slots) != old],
        "similar": claim.beside,
        "contradicts": claim.against,
        "generalizes": claim.less,
    }
    if not lists[label]:
        return None
    return old, rng.choice(lists[label]).format_map(slots)


def _unrelated(claim: Claim, slots: Slots, rng: random.Random) -> str:
    """Another matter, or the same of another person; words may be shared."""
    if rng.random() < 0.3:
        return _of_another(rng.choice(claim.held).format_map(slots), rng)
    other = claim
    while other is claim:
        other = rng.choice(CLAIMS)
    shares_words = rng.random() < 0.5
    return rng.choice(other.held).format_map(slots if shares_words else Slots(rng, slots["name"]))


def _of_another(predicate: str, rng: random.Random) -> str:
    who = rng.choice((*WORDS["relative"], *WORDS["other"]))
    return f"{_OTHERS}{who} {predicate}"


_OTHERS = "'s "
"""Begins what follows a name when the statement is about someone else of theirs."""


def _stated(name: str, predicate: str) -> str:
    gap = "" if predicate.startswith(_OTHERS) else " "
    return f"{name}{gap}{predicate}."


def _two_facts(rng: random.Random) -> _Predicates:
    old, new = rng.sample(facts(), 2)
    return (old, _of_another(old, rng)) if rng.random() < 0.3 else (old, new)


def _reworded(rng: random.Random) -> _Predicates:
    fact = rng.choice(facts())
    wordings = [fact, *(each.format(fact=fact, plural=pluralize_verb(fact)) for each in _WORDINGS)]
    old, new = rng.sample(wordings, 2)
    return old, new


def _denied(rng: random.Random) -> _Predicates:
    fact = rng.choice(facts())
    plural = pluralize_verb(fact)
    denied = rng.choice(_DENIALS).format(plural="be" + plural[3:] if _is_state(plural) else plural)
    pair = (fact, denied)
    return pair if rng.random() < 0.7 else (denied, fact)


def _is_state(plural: str) -> bool:
    return plural.startswith("are ")


def _less(rng: random.Random) -> _Predicates:
    fact = rng.choice(facts())
    return f"{fact}{_detailed(rng.choice(_DETAILS), rng)}", fact


def _more(rng: random.Random) -> _Predicates:
    fact = rng.choice(facts())
    old, new = (f"{fact}{_detailed(detail, rng)}" for detail in rng.sample(_DETAILS, 2))
    return old, new


def _detailed(detail: str, rng: random.Random) -> str:
    return detail.format_map(Slots(rng, ""))


_FROM_FACTS: Mapping[str, Callable[[random.Random], _Predicates]] = {
    "identical": _reworded,
    "similar": _more,
    "contradicts": _denied,
    "generalizes": _less,
    "unrelated": _two_facts,
}
_WORDINGS = (
    "is someone who {fact}",
    "says about themself: I {plural}",
    "is a person who {fact}",
    "is one of those who {plural}",
)
_DENIALS = (
    "does not {plural}",
    "does not {plural} any more",
    "has never been one to {plural}",
    "used to {plural}, and that is over",
)
_DETAILS = (
    ", often with {person}",
    ", mostly on {day}s",
    " and tells {person} about it",
    " and has done so since {year}",
    ", as {person} knows",
    " and wrote to {person} about it",
    ", and {person} helps with it",
    ", which costs {many} a month",
)
