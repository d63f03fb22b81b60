"""Small tasks that only copying from the context solves: no reply can be known by heart.

Names are made of random syllables and words are drawn at random, so a model lowers its loss on them
only by learning to find a line and to repeat it, which is what writing from notes takes.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from idiolect.handbook.notes import heading

_CONSONANTS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "z",
    "br",
    "cl",
    "dr",
    "fl",
    "gr",
    "kr",
    "pl",
    "st",
    "tr",
    "sh",
    "th",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "oo"]
_ENDINGS = ("", "", "n", "r", "s", "l", "x", "nd", "rk")

THINGS = (
    "ferry", "lesson", "recipe", "parcel", "meeting", "garden", "lamp", "report", "choir", "shop",
    "bicycle", "letter", "museum", "bakery", "script", "password hint", "tent", "piano", "tax form",
)  # fmt: skip
PLACES = (
    "under the stairs", "in the blue folder", "on the third shelf", "behind the station",
    "next to the old well", "in the top drawer", "at the north gate", "beside the printer",
)  # fmt: skip


@dataclass(frozen=True)
class CopyTask:
    """Some notes, a question to one of them, and the only right reply."""

    notes: str
    ask: str
    reply: str


def draw_copy_task(vocabulary: Sequence[str], rng: random.Random) -> CopyTask:
    """Draw a task of any kind.

    Args:
        vocabulary: words to draw from.
        rng: decides everything.
    """
    return _KINDS[rng.choice(tuple(_KINDS))](vocabulary, rng)


def invented_name(rng: random.Random) -> str:
    """A pronounceable name that nobody has: "Drefloon"."""
    syllables = [rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(rng.randint(1, 3))]
    return "".join(syllables).capitalize() + rng.choice(_ENDINGS)


def _words_of_one(vocabulary: Sequence[str], rng: random.Random) -> CopyTask:
    """Several names with words; one name's words are asked for."""
    names = _names(rng.randint(2, 6), rng)
    words = {name: " ".join(rng.choices(vocabulary, k=rng.randint(2, 7))) for name in names}
    asked = rng.choice(names)
    lines = [f"{name}: {said}." for name, said in words.items()]
    ask = rng.choice(("What is noted on {}?", "{}?", "Tell me the words of {}."))
    return CopyTask(_section("words", lines), ask.format(asked), f"{words[asked]}.")


def _line_of_one(vocabulary: Sequence[str], rng: random.Random) -> CopyTask:
    """Sentences about things of invented people; one is asked for in other words."""
    people = _names(rng.randint(2, 5), rng)
    facts = [(name, rng.choice(THINGS), *_fact(rng)) for name in people]
    lines = [f"The {thing} of {name} {said}." for name, thing, said, _ in facts]
    name, thing, said, ask = rng.choice(facts)
    return CopyTask(
        _section(rng.choice(vocabulary), lines),
        f"{ask} the {thing} of {name}?",
        f"The {thing} of {name} {said}.",
    )


def _all_in_order(vocabulary: Sequence[str], rng: random.Random) -> CopyTask:
    """All lines, one after the other, as a list."""
    lines = [
        " ".join(rng.choices(vocabulary, k=rng.randint(2, 6))) for _ in range(rng.randint(2, 5))
    ]
    ask = rng.choice(("Repeat the notes.", "List all of it.", "What do the notes say?"))
    section = _section(rng.choice(vocabulary), lines)
    return CopyTask(section, ask, "\n".join(f"- {line}" for line in lines))


_KINDS: Mapping[str, Callable[[Sequence[str], random.Random], CopyTask]] = {
    "words of one": _words_of_one,
    "line of one": _line_of_one,
    "all in order": _all_in_order,
}


def _fact(rng: random.Random) -> tuple[str, str]:
    """What is said, and how the question to it begins."""
    if rng.random() < 0.5:
        return f"is {rng.choice(PLACES)}", "Where is"
    return f"begins at {rng.randint(1, 12)}:{rng.randint(0, 59):02d}", "When is"


def _names(count: int, rng: random.Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names[invented_name(rng)] = None
    return list(names)


def _section(topic: str, lines: Sequence[str]) -> str:
    return "\n".join([heading(topic), *(f"- {line}" for line in lines)])
