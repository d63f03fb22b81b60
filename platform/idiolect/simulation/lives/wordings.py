"""The texts that lives are told in: data in ``words``, drawn without repeating one too soon."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent / "words"
_PARTED_BY_BARS = ("street", "company")
_PARTED_BY_SPACES = (
    *("women", "men", "last", "pet"),
    *("lasting", "states", "owned", "elsewhere", "light"),
)
"""Lists that are written as one string."""

Clip = Mapping[str, str]
"""A text by the channel on which it is seen: ``{"chat": "..."}``."""


@cache
def words(name: str) -> Mapping[str, Any]:
    """The content of a file of ``words``, by the name of the file."""
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        content = tomllib.load(file)
    for key in content.keys() & _PARTED_BY_BARS:
        content[key] = [one.strip() for one in content[key].split("|")]
    for key in content.keys() & _PARTED_BY_SPACES:
        content[key] = content[key].split()
    return content


def clip_of(clip: Clip) -> tuple[str, str]:
    """A clip's channel and text."""
    ((channel, text),) = clip.items()
    return channel, text


class Wordings:
    """Draws from lists, every member before any comes again.

    Args:
        rng: shuffles each list when it is first drawn from, and whenever it is used up.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._left: dict[int, tuple[Sequence[Any], list[Any]]] = {}

    def draw(self, members: Sequence[Any]) -> Any:
        """The next member of a list; lists are told apart by identity, so pass them as loaded."""
        # The list itself is kept beside what is left of it, so that no other gets its identity.
        _, left = self._left.setdefault(id(members), (members, []))
        if not left:
            left.extend(self._rng.sample(list(members), len(members)))
        return left.pop()
