"""Emoji in a text, found by the package ``emoji`` (Unicode's own list)."""

import math
from types import ModuleType

from idiolect.errors import NotReadyError
from idiolect.simulation.attributes.attribute import Attribute, Measured, band_of

_SIGNS = frozenset("©®™")  # Unicode counts them, but in prose they are letters of the law
_BANDS = (("none", 0.0), ("some", 2.0), ("many", math.inf))


def without_emoji(text: str) -> str:
    """The text with every emoji taken out.

    Raises:
        NotReadyError: the package ``emoji`` is not installed.
    """
    package = _package()
    if text.isascii():  # no emoji is, and looking for them is what takes the time
        return text
    kept: str = package.replace_emoji(text, lambda found, _: found if found[0] in _SIGNS else "")
    return kept


def _measure(text: str) -> Measured:
    package = _package()
    found = [] if text.isascii() else package.emoji_list(text)
    count = float(sum(match["emoji"][0] not in _SIGNS for match in found))
    return Measured(count, band_of(count, _BANDS))


def _package() -> ModuleType:
    try:
        import emoji
    except ImportError as error:
        raise NotReadyError(
            "the package `emoji` is not installed",
            hint="Install what simulated people need: `pip install 'idiolect[simulation]'`.",
        ) from error
    return emoji


EMOJI = Attribute("emoji", "emoji", (0.0, math.inf), (0.0, 2.0), _measure)
