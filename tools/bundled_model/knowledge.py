"""Statements about a user, as they stand in the system message: subjects, verbs, distractors."""

import random
from collections.abc import Sequence

from idiolect.handbook.topics import Topic
from tools.bundled_model.phrases import HABITS, NAMES

MAX_PROPOSITIONS = 6

_IRREGULAR = {"is": "are", "has": "have", "does": "do", "goes": "go", "was": "were"}
_ADVERBS = {"also", "always", "just", "never", "now", "often", "rarely", "sometimes", "still"}


def pluralize_verb(predicate: str) -> str:
    """Turn a predicate of "she" into one of "they" or "you": "keeps bees" to "keep bees"."""
    first, _, rest = predicate.partition(" ")
    if first in _ADVERBS and rest:
        return f"{first} {pluralize_verb(rest)}"
    return f"{_plural(first)} {rest}".rstrip()


def _plural(verb: str) -> str:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(("sses", "shes", "ches", "xes")):
        return verb[:-2]
    if verb.endswith("s") and not verb.endswith("ss"):
        return verb[:-1]
    return verb


def proposition(predicate: str, subject: str) -> str:
    """State a predicate of a subject: "The user keeps bees.", "They keep bees."."""
    verb_phrase = pluralize_verb(predicate) if subject == "They" else predicate
    return f"{subject} {verb_phrase}."


def draw_subject(rng: random.Random) -> str:
    """Name the user in one of the three ways that propositions do."""
    return rng.choice(("The user", "The user", "They", rng.choice(NAMES)))


def draw_distractors(
    topics: Sequence[Topic], topic: Topic, count: int, rng: random.Random
) -> list[str]:
    """Draw predicates that have nothing to do with a topic: facts of others, and habits."""
    predicates = []
    for _ in range(count):
        other = rng.choice([t for t in rng.sample(topics, 8) if t.area != topic.area] or [topic])
        if rng.random() < 0.6:
            predicates.append(rng.choice(other.facts).text)
        else:
            habit = rng.choice(HABITS)
            predicates.append(habit.format(topic=other.name, name=rng.choice(NAMES)))
    return predicates
