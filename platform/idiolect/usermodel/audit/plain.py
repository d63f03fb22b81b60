"""Text as a reader takes it, whatever it hides behind: for comparing, never for showing."""

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_SPELLED_OUT = re.compile(r"(?<!\S)(?:\w ){4,}\w(?!\S)")
_WORD = re.compile(r"\w+")
_OTHER_SCRIPTS = re.compile("[\u0370-\u052f]")
_LOOKALIKES = str.maketrans(
    dict(
        zip(
            "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u043a"
            "\u043c\u0442\u043d\u0432\u03b1\u03bf\u03b5\u03b9\u03bd\u03c1\u03c4\u03c5\u03ba",
            "aeopcyxijshdqkmthbaoeivptuk",
            strict=True,
        )
    )
)
"""Cyrillic and Greek letters by the Latin ones that they look like (Unicode TS 39's idea)."""


@lru_cache(maxsize=8)  # several rules look at the same text
def plain(text: str) -> str:
    """Small letters, one space between words, one apostrophe, and nothing that only programs see.

    Compatibility forms are unified (NFKC), invisible characters removed, words spelled out letter
    by letter joined, and letters of another script inside a Latin word replaced by those that they
    look like.
    """
    text = without_invisible(unicodedata.normalize("NFKC", text)).casefold().replace("\u2019", "'")
    text = _SPELLED_OUT.sub(lambda found: found[0].replace(" ", ""), text)
    if _OTHER_SCRIPTS.search(text):
        text = _WORD.sub(_in_one_script, text)
    return _SPACES.sub(" ", text).strip()


def bare(text: str) -> str:
    """As ``plain``, and without accents: for names and titles, which are written either way."""
    return _without(unicodedata.normalize("NFKD", plain(text)), "Mn")


def without_invisible(text: str) -> str:
    """Without format characters (Unicode category Cf): joiners, marks of direction, tags."""
    if text.isascii():
        return text
    return _without(text, "Cf")


def hides_text(text: str) -> bool:
    """Whether it holds letters that no reader sees: Unicode's tag characters outside of a flag.

    Flags of regions (of Scotland, say) are a black flag with tags; nothing else has a use of them.
    """
    return not text.isascii() and bool(_TAGS.search(_FLAG.sub("", text)))


_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f")
_TAGS = re.compile("[\U000e0020-\U000e007e]{4}")


def _without(text: str, category: str) -> str:
    """Without the letters of a category of Unicode's; each letter is looked up once."""
    left_out = {letter for letter in set(text) if unicodedata.category(letter) == category}
    return text.translate(dict.fromkeys(map(ord, left_out))) if left_out else text


def _in_one_script(found: re.Match[str]) -> str:
    word = found[0]
    is_mixed = any("a" <= letter <= "z" for letter in word) and not word.isascii()
    return word.translate(_LOOKALIKES) if is_mixed else word
