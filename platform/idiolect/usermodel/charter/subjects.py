"""The words in which standards and preferences can be compared: subjects and their values.

A standard and a preference collide when they speak of the same subject and leave no value in
common. So both are put in one small vocabulary, ``subjects.toml``; what it does not hold cannot
be seen to collide.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal, cast

from idiolect.errors import InvalidInputError

SubjectKind = Literal["manner", "action"]

NEVER, ALWAYS = "never", "always"
"""Whether an action is done. An action's other values say how."""

_ABOUT_REPLIES = re.compile(
    r"\b(?:assistant|bot|AI|answer\w*|repl(?:y|ies)|respon[sd]\w*|explanations?|advice|advise\w*"
    r"|feedback|reviews?|comments?|summar\w+|it to|told|tutor|coach|help with)\b"
)
_WISHES = re.compile(
    r"\b(?:prefers?|wants?|likes?|loves?|asks?|asked|expects?|enjoys?|insists?|favou?rs?|tells?"
    r"|dislikes?|hates?|avoids?|refuses?|objects?|annoyed|tired|minds?|needs?|wishes|would)\b"
)
_REFUSES = re.compile(
    r"\b(?:dislikes?|hates?|avoids?|refuses?|objects?|annoyed|tired|minds|never|not|no|nor|without"
    r"|nothing|none|stop|skips?|skipped|leaves? out|left out|instead of|rather than|free of)\b"
    r"|n['’]t\b"  # noqa: RUF001 - people type it so
)
_PARTS = re.compile(r"[.;!]\s+|,?\s+\bbut\b\s+")


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a reply can do in more than one way.

    Attributes:
        name: as standards and preferences name it.
        kind: a manner of saying, or an act.
        values: each with the sentence that asks a model for it.
        words: patterns that name a value in a statement about the user.
    """

    name: str
    kind: SubjectKind
    values: Mapping[str, str]
    words: Mapping[str, re.Pattern[str]]


@cache
def subjects() -> Mapping[str, Subject]:
    """Every subject by its name."""
    content = tomllib.loads(
        (Path(__file__).resolve().parent / "subjects.toml").read_text(encoding="utf-8")
    )
    return {
        name: Subject(
            name,
            cast(SubjectKind, entry["kind"]),
            entry["values"],
            {
                value: re.compile(pattern, re.IGNORECASE)
                for value, pattern in entry.get("words", {}).items()
            },
        )
        for name, entry in content.items()
    }


def subject(name: str) -> Subject:
    """The subject of this name.

    Raises:
        InvalidInputError: there is none.
    """
    found = subjects().get(name)
    if found is None:
        near = get_close_matches(name, subjects(), n=1)
        raise InvalidInputError(
            f"{name!r} is no subject of standards{f'; did you mean {near[0]}?' if near else ''}",
            hint=f"Use one of {', '.join(subjects())}.",
        )
    return found


def sentence(name: str, value: str) -> str:
    """What a model is told for a subject's value.

    Raises:
        InvalidInputError: there is no such subject, or no such value of it.
    """
    values = subject(name).values
    if value not in values:
        raise InvalidInputError(
            f"{value!r} is no value of {name}", hint=f"Use one of {', '.join(values)}."
        )
    return values[value]


def wishes_of(statement: str) -> dict[str, str]:
    """Subject → value for what a statement says that the user wants of replies.

    >>> wishes_of("Mara wants answers without caveats.")
    {'disclose_uncertainty': 'never'}

    Of an action it is told whether it is wanted, by the parity of the refusals that stand before
    its name ("does not want answers without caveats" wants them), and how, where that is said.
    """
    found: dict[str, str] = {}
    for part in _PARTS.split(statement):
        if _ABOUT_REPLIES.search(part) and _WISHES.search(part):
            for name, value in _wishes_of_part(part):
                found.setdefault(name, value)
    return found


def _wishes_of_part(part: str) -> Iterator[tuple[str, str]]:
    for each in subjects().values():
        value = _manner(each, part) if each.kind == "manner" else _action(each, part)
        if value is not None:
            yield each.name, value


def _manner(wanted: Subject, part: str) -> str | None:
    for value, pattern in wanted.words.items():
        named = pattern.search(part)
        if named is not None and not _refused(part, named.start()):
            return value
    return None


def _action(wanted: Subject, part: str) -> str | None:
    named = [(pattern.search(part), value) for value, pattern in wanted.words.items()]
    whether = [(at.start(), value) for at, value in named if at and value in (NEVER, ALWAYS)]
    if not whether:
        return None
    start, value = min(whether)
    if (value == ALWAYS) == _refused(part, start):
        return NEVER
    how = (value for at, value in named if at and value not in (NEVER, ALWAYS))
    return next(how, ALWAYS)


def _refused(part: str, end: int) -> bool:
    return sum(refusal.start() < end for refusal in _REFUSES.finditer(part)) % 2 == 1
