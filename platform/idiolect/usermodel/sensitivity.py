"""Which sensitive categories a statement about somebody belongs to.

A category is learned about only by who opts in to it, so the question is asked of every draft. The
categories are the special ones of the GDPR (article 9: health, sex life and orientation, religion
or belief, politics, ethnic origin, union membership, genetic and biometric data; article 10:
criminal offences), with mental health and gender identity told apart from their neighbors because
people want them apart, and what privacy practice adds: immigration status, money trouble, suffered
abuse and the details of children.

Words decide, in ``sensitivity.toml``: each category has patterns between word boundaries, and
patterns of what only looks like it ("the Great Depression", "Church Street", "credit union"), which
are left out first. A topic counts as well as a state: "searched for signs of depression" tells as
much as "is depressed". So does what concerns people near the user. In doubt a text is sensitive:
what is missed is stored against somebody's will, what is wrongly kept out is one proposition less.
Being vegetarian, a nationality, a place of birth, having a child and what a nurse does at work are
of no category; an allergy and a dentist appointment are health.

Measured on English text, every alarm read by hand. "Unseen" is what no pattern was made on.

- ``tests/usermodel/sensitivity_texts.toml``, written before the patterns by their author: all of 55
  sensitive statements were found in the half that they were made on and all of 48 in the unseen
  half; none of 56 and none of 60 look-alikes was taken for one. Others' words tell more:
- 242 unseen persona sentences (Persona-Chat): 17 of 23 found, 1 of 219 others taken for sensitive.
- 300 unseen statements about speakers (LoCoMo): 19 of 25 found, 2 of 275 false. After the lists
  had grown by what these two showed, 250 further ones: 20 of 23, and none of 227. Missed is what is
  told around ("her transition", "friends from church"): a model that reads what is left is worth
  having.
- ``gold-user-model``: kept out are 5 of 703 propositions of screens (three tell of health, two of
  children) and 30 of 967 statements of pairs and talks, of which travel visas and a guinea pig are
  wrong. Simulated people: 100 of 3,448 facts, 97 of them health (a dentist, a physiotherapist, an
  allergy, hearing, color-blindness).
- 0.04 ms of processor time a statement, 0.9 ms a screen of 1,800 characters.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from idiolect.errors import InvalidInputError
from idiolect.usermodel.lexicon import Lexicon, Listed, alternatives

Category = Literal[
    "health",
    "mental_health",
    "sexuality",
    "gender_identity",
    "religion",
    "politics",
    "ethnicity",
    "immigration",
    "union_membership",
    "genetics",
    "biometrics",
    "legal_proceedings",
    "financial_hardship",
    "abuse",
    "children",
]

_CATEGORIES: dict[str, Category] = {name: name for name in get_args(Category)}
_DATA = Path(__file__).with_name("sensitivity.toml")
_SAME_SIGNS = str.maketrans("\u2019\u0131\u0130", "'iI")


def descriptions() -> dict[Category, str]:
    """Every category with one line for a settings page, in the order in which to show them."""
    return {known: _data()[known]["description"] for known in _CATEGORIES.values()}


def sensitive(text: str) -> frozenset[Category]:
    """The sensitive categories that a statement belongs to; none for most.

    Args:
        text: in English. Names must be written with their capitals.
    """
    plain = " ".join(text.translate(_SAME_SIGNS).split())
    found = _words().labels(plain)
    if not found:
        return found
    # Leaving look-alikes out takes categories away and adds none, so only these are left to ask.
    rest = _shared_look_alikes().sub(" ", plain)
    return frozenset(
        known for known in found if known in _words().labels(_look_alikes()[known].sub(" ", rest))
    )


def category_named(name: str) -> Category:
    """The category of this name.

    Raises:
        InvalidInputError: there is none.
    """
    if name not in _CATEGORIES:
        raise InvalidInputError(
            f"there is no sensitive category {name!r}",
            hint=f"Take one of {', '.join(_CATEGORIES)}.",
        )
    return _CATEGORIES[name]


@cache
def _data() -> dict[str, Any]:
    with _DATA.open("rb") as file:
        return tomllib.load(file)


@cache
def _words() -> Lexicon[Category]:
    """What tells each category: words in any case, and names as they are written."""
    return Lexicon(
        Listed(known, _whole_words(pattern), flags)
        for known in _CATEGORIES.values()
        for key, flags in (("words", re.IGNORECASE), ("names", re.NOFLAG))
        if key in _data()[known]
        for pattern in alternatives(_filled(_data()[known][key]))
    )


@cache
def _look_alikes() -> dict[Category, re.Pattern[str]]:
    """What looks like a category and is none."""
    return {known: _pattern(_data()[known]["look_alikes"]) for known in _CATEGORIES.values()}


@cache
def _shared_look_alikes() -> re.Pattern[str]:
    """What is of no category whatever it looks like."""
    return _pattern(_data()["shared"]["look_alikes"])


def _pattern(text: str) -> re.Pattern[str]:
    """A list as one pattern between word boundaries; an empty list matches nothing."""
    filled = _filled(text)
    return re.compile(_whole_words(filled) if filled else r"(?!)", re.IGNORECASE)


def _whole_words(pattern: str) -> str:
    return rf"(?<!\w)(?:{pattern})(?!\w)"


def _filled(text: str) -> str:
    """A list parted by bars as alternatives, with the fragments that it names."""
    fragments = _data()["fragments"]
    return re.sub(r"\{([a-z_]+)\}", lambda found: _joined(fragments[found[1]]), _joined(text))


def _joined(text: str) -> str:
    """A list of several lines in one; a bar that begins a line may stand in a group."""
    return re.sub(r"\s+\|\s+", "|", re.sub(r"\s*\n\|(?=\S)", "|", text.strip()).replace("\n", " "))
