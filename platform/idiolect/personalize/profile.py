"""How a user wants to be answered, read from what is known of them.

A proposition is about style when it says that the user likes or dislikes something about
answers; the words it uses then name a value of one dimension, and that value has one sentence
of instruction. Everything else that is known is knowledge, for ``conditioning``.
"""

import re
from collections.abc import Iterable, Iterator
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
    """Words that name a value of a dimension, and what to tell the assistant for it.

    ``refused`` is said when the user does not want that value.
    """

    dimension: str
    words: re.Pattern[str]
    wanted: str
    refused: str


def _rule(dimension: str, words: str, wanted: str, refused: str) -> StyleRule:
    return StyleRule(dimension, re.compile(rf"\b(?:{words})\b", re.IGNORECASE), wanted, refused)


RULES: tuple[StyleRule, ...] = (
    _rule("length", "short|brief|concise|terse|to the point", "Keep it short.", "Go into detail."),
    _rule("length", "long|detailed|thorough|in detail|in depth", "Go into detail.", "Be brief."),
    _rule("format", "bullets?|bulleted|dashes", "Use bullet points.", "Use no bullet points."),
    _rule("format", "numbered|steps?|step[- ]by[- ]step", "Use numbered steps.", "Use no steps."),
    _rule("format", "prose|paragraphs?|running text", "Use flowing prose.", "Use a list."),
    _rule("format", "lists?", "Use bullet points.", "Use flowing prose."),
    _rule("tone", "warm|friendly|kind", "Be warm and kind.", "Use a neutral tone."),
    _rule("tone", "playful|funny|jokes?|humou?r", "Be playful.", "Use a neutral tone."),
    _rule("tone", "formal|polite|professional", "Be formal.", "Use a friendly tone."),
    _rule(
        "tone",
        "neutral|plain tone|matter[- ]of[- ]fact",
        "Use a neutral tone.",
        "Be warm and kind.",
    ),
    _rule(
        "words", "(?:plain|simple) (?:words|language)", "Use plain words.", "Use technical terms."
    ),
    _rule("examples", "examples?", "Give an example.", "Give no examples."),
    _rule("emoji", "emojis?", "Use emoji.", "Use no emoji."),
    _rule(
        "question",
        "follow-up questions?|(?:a )?questions? at the end|closing questions?",
        "End with a question.",
        "Do not end with a question.",
    ),
)
"""The first rule of a dimension that fits a clause decides."""


def style_of(statement: str) -> dict[str, str]:
    """Dimension → instruction for a proposition about style; empty for any other.

    >>> style_of("Mara prefers short answers and dislikes emoji.")
    {'length': 'Keep it short.', 'emoji': 'Use no emoji.'}
    """
    if not _ABOUT_ANSWERS.search(statement):
        return {}
    instructions: dict[str, str] = {}
    for clause, refused in _clauses(statement):
        for rule in RULES:
            if rule.words.search(clause):
                sentence = rule.refused if refused else rule.wanted
                instructions.setdefault(rule.dimension, sentence)
    return instructions


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


def style_paragraph(statements: Iterable[str]) -> str:
    """The instructions that follow from propositions, the strongest first.

    A dimension is settled by the first proposition that names it.
    """
    settled: dict[str, str] = {}
    for statement in statements:
        for dimension, sentence in style_of(statement).items():
            settled.setdefault(dimension, sentence)
    return " ".join(settled.values())
