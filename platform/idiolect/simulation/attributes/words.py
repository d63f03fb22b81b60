"""Words, sentences and lines of a text, counted in one way by all attributes."""

import re
from collections.abc import Sequence

_LIST_MARK = re.compile(r"^[ \t]*(?:[-*•‣◦]|\d{1,2}[.)])[ \t]+(?=\S)", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")  # noqa: RUF001 - the typographic apostrophe
_ABBREVIATIONS = ("e.g.", "i.e.", "etc.", "vs.", "Mr.", "Ms.", "Mrs.", "Dr.", "St.")
_SENTENCE_END = re.compile(
    "".join(rf"(?<!\b{re.escape(short)})" for short in _ABBREVIATIONS)
    + r"(?<=[.!?…])[\"'”’)\]]*\s+|\n+"  # noqa: RUF001 - typographic quotes
    r"|(?<=[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f])\s+(?=[A-Z])"  # an emoji for a full stop
)


def list_marks(text: str) -> list[str]:
    """The marks that begin lines of a list, as ``-`` or ``2.``."""
    return [mark.strip() for mark in _LIST_MARK.findall(text)]


def plain(text: str) -> str:
    """The text without the marks of its lists; typographic apostrophes become plain ones."""
    return _LIST_MARK.sub("", text).replace("\u2019", "'")


def words(text: str) -> list[str]:
    """Words as they are written; a hyphenated one is one, numbers count, marks of lists do not."""
    return _WORD.findall(plain(text))


def sentences(text: str) -> list[str]:
    """Sentences and lines that hold at least one word, each with the mark that ends it."""
    parts = (part.strip() for part in _SENTENCE_END.split(plain(text)))
    return [part for part in parts if _WORD.search(part)]


def phrase_pattern(phrases: Sequence[str]) -> re.Pattern[str]:
    """Finds any of the phrases as whole words, whatever their case; ``*`` stands for any ending."""
    ordered = sorted(phrases, key=len, reverse=True)
    body = "|".join(
        re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for phrase in ordered
    )
    return re.compile(rf"(?<![\w'])(?:{body})(?![\w'])", re.IGNORECASE)


def share_of_sentences(text: str, found: re.Pattern[str]) -> float:
    """The share of a text's sentences in which a pattern occurs; 0 of no sentences."""
    parts = sentences(text)
    return sum(found.search(part) is not None for part in parts) / len(parts) if parts else 0.0
