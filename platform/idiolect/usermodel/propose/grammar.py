"""From "I am learning the piano" to "Mara is learning the piano."."""

import re

from idiolect.usermodel.propose.vocabulary import (
    ADVERBS,
    COMMON_VERBS,
    IRREGULAR_PAST,
    LY_VERBS,
    MODALS,
)

_AUXILIARIES = {
    "am": "is",
    "am not": "is not",
    "was": "was",
    "have": "has",
    "haven't": "hasn't",
    "don't": "doesn't",
    "do not": "does not",
    "do": "does",
}
_CONTRACTIONS = (
    (re.compile(r"\bI['\u2019]m\b", re.IGNORECASE), "I am"),
    (re.compile(r"\bI['\u2019]ve\b", re.IGNORECASE), "I have"),
    (re.compile(r"\bI['\u2019]ll\b", re.IGNORECASE), "I will"),
    (re.compile(r"\bI['\u2019]d (?=(?:rather|like|love|prefer)\b)", re.IGNORECASE), "I would "),
)
_PRONOUNS = {
    "i": "they",
    "me": "them",
    "my": "their",
    "mine": "theirs",
    "myself": "themself",
    "we": "they",
    "us": "them",
    "our": "their",
    "ours": "theirs",
    "ourselves": "themselves",
}
_PRONOUN = re.compile(r"\b(?:I am|I was|" + "|".join(_PRONOUNS) + r")\b", re.IGNORECASE)
_SECOND_VERB = re.compile(r"\band (\w+)\b")
_VERB_ES = re.compile(r"(?:s|x|z|ch|sh|o)$")
_VERB_Y = re.compile(r"[^aeiou]y$")


def expand(sentence: str) -> str:
    """The sentence with "I'm", "I've" and their like written out."""
    for pattern, full in _CONTRACTIONS:
        sentence = pattern.sub(full, sentence)
    return sentence


def third_person(clause: str, name: str) -> str | None:
    """A first-person clause as a sentence about ``name``; None when it has another subject.

    Args:
        clause: starts with "I" or "my", contractions written out, no final stop.
        name: how the user is called.
    """
    words = clause.split()
    if len(words) < 2:
        return None
    if words[0].casefold() == "my":
        return _finish(f"{name}'s", words[1:])
    if words[0] not in ("I", "i"):
        return None
    rest = words[1:]
    adverbs: list[str] = []
    while rest and _is_adverb(rest[0].casefold()):
        adverbs.append(rest.pop(0))
    if not rest:
        return None
    verb, remaining = _conjugate(rest)
    return _finish(" ".join([name, *adverbs, verb]), remaining)


def _is_adverb(word: str) -> bool:
    return word in ADVERBS or (word.endswith("ly") and word not in LY_VERBS)


def _conjugate(words: list[str]) -> tuple[str, list[str]]:
    two = " ".join(words[:2]).casefold().replace("\u2019", "'")
    if two in _AUXILIARIES:
        return _AUXILIARIES[two], words[2:]
    verb = words[0].casefold().replace("\u2019", "'")
    if verb in _AUXILIARIES:
        return _AUXILIARIES[verb], words[1:]
    if verb in MODALS or is_past(verb):
        return words[0], words[1:]
    return _present(verb), words[1:]


def _present(verb: str) -> str:
    if verb in _AUXILIARIES:
        return _AUXILIARIES[verb]
    if _VERB_Y.search(verb):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if _VERB_ES.search(verb) else f"{verb}s"


def is_past(verb: str) -> bool:
    """Whether a verb's form is a past one (regular, or one of the common irregular ones)."""
    return verb in IRREGULAR_PAST or (verb.endswith("ed") and verb not in ("need", "feed"))


def _finish(subject: str, words: list[str]) -> str | None:
    if not words and " " not in subject:
        return None
    rest = _PRONOUN.sub(_pronoun, " ".join(words)).strip(" ,;:-\u2013—")
    rest = _SECOND_VERB.sub(_second_verb, rest)
    return f"{subject} {rest}".strip().rstrip(".!…") + "."


def _second_verb(found: re.Match[str]) -> str:
    verb = found[1].casefold()
    return f"and {_present(verb)}" if verb in COMMON_VERBS or verb in _AUXILIARIES else found[0]


def _pronoun(found: re.Match[str]) -> str:
    word = found.group().casefold()
    if word in ("i am", "i was"):
        return {"i am": "they are", "i was": "they were"}[word]
    return _PRONOUNS[word]
