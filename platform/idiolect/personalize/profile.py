"""How a user wants to be answered, read from what is known of them.

A proposition is about style when it says that the user likes or dislikes something about
answers; the words it uses then name a value of a subject (``usermodel.charter.subjects``), which
has the sentence that asks a model for it. Everything else that is known is knowledge, for
``conditioning``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

STYLE_QUERY = "prefers answers and replies that are short or long, with lists, a tone, or emoji"
"""Finds propositions about style by meaning."""

_ABOUT_ANSWERS = re.compile(
    r"\b(?:answers?|answered|repl(?:y|ies)|responses?|explanations?|assistant|"
    r"emojis?|bullet|bullets|bulleted|numbered|jargon|follow-up|tone(?!\s+of)|"
    r"questions?\s+at\s+the\s+end)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"\b(?:"
    r"(?P<refuses>dislikes?|hates?|avoids?|refuses?|never\s+wants?|"
    r"(?:does|do)(?:\s+not|n['’]t)\s+(?:want|like))|"  # noqa: RUF001 - people type it so
    r"(?P<wants>prefers?|wants?|likes?|loves?|ask(?:s|ed)?\s+for|favou?rs?|appreciates?|enjoys?)|"
    r"(?P<turns>without|not?|rather\s+than|instead\s+of|over)|"
    r"(?P<resumes>and|but|with)"
    r")\b|(?P<pauses>[,;])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class StyleRule:
    """Words that name a value of a subject, and the value that is wanted by whoever likes it.

    ``refused`` is wanted by those who do not.
    """

    subject: str
    words: re.Pattern[str]
    wanted: str
    refused: str


def _rule(subject: str, words: str, wanted: str, refused: str) -> StyleRule:
    return StyleRule(subject, re.compile(rf"\b(?:{words})\b", re.IGNORECASE), wanted, refused)


RULES: tuple[StyleRule, ...] = (
    _rule("length", "short|brief|concise|terse|to the point", "short", "long"),
    _rule("length", "long|detailed|thorough|in detail|in depth", "long", "brief"),
    _rule("format", "bullets?|bulleted|dashes", "bullets", "no_bullets"),
    _rule("format", "numbered|steps?|step[- ]by[- ]step", "steps", "no_steps"),
    _rule("format", "prose|paragraphs?|running text", "prose", "list"),
    _rule("format", "lists?", "bullets", "prose"),
    _rule("tone", "warm|friendly|kind", "warm", "neutral"),
    _rule("tone", "playful|funny|jokes?|humou?r", "playful", "neutral"),
    _rule("tone", "formal|polite|professional", "formal", "friendly"),
    _rule("tone", "neutral|plain tone|matter[- ]of[- ]fact", "neutral", "warm"),
    _rule("words", "(?:plain|simple) (?:words|language)", "plain", "technical"),
    _rule("examples", "examples?", "given", "none"),
    _rule("emoji", "emojis?", "used", "none"),
    _rule(
        "question",
        "follow-up questions?|(?:a )?questions? at the end|closing questions?",
        "asked",
        "none",
    ),
)
"""The first rule of a subject that fits a clause decides."""


def style_of(statement: str) -> dict[str, str]:
    """Subject → value for a proposition about style; empty for any other.

    >>> style_of("Mara prefers short answers and dislikes emoji.")
    {'length': 'short', 'emoji': 'none'}
    """
    if not _ABOUT_ANSWERS.search(statement):
        return {}
    wishes: dict[str, str] = {}
    for clause, refused in _clauses(statement):
        for rule in RULES:
            if rule.words.search(clause):
                wishes.setdefault(rule.subject, rule.refused if refused else rule.wanted)
    return wishes


def _clauses(statement: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a statement that say what is liked (False) or not (True).

    ``likes`` and ``dislikes`` set the stance; ``without`` and the like turn it until a comma
    or an ``and``.
    """
    stance: bool | None = None
    marks = list(_MARKS.finditer(statement))
    starts = [mark.start() for mark in marks] + [len(statement)]
    for mark, end in zip(marks, starts[1:], strict=True):
        refused = stance
        match mark.lastgroup:
            case "wants" | "refuses":
                refused = stance = mark.lastgroup == "refuses"
            case "turns" if stance is not None:
                refused = not stance
        if refused is not None:
            yield statement[mark.end() : end], refused
