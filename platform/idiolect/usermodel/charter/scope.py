"""How far personalization may go: an allow-list of areas by the risk of using them.

Zhi-Xuan et al. 2024 (arXiv 2408.16984) would have an assistant held to the standards of its role,
not to everything that its user was seen to like. So style may be personalized without asking;
what touches health, politics, morals and the like may not, unless the user ratified a permission
for it. That somebody opted in to such things being learned is not enough: to know is not to use.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from idiolect.usermodel.sensitivity import descriptions, sensitive

STYLE, EVERYDAY = "style", "everyday"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a person's life.

    Attributes:
        name: as standards name it.
        about: what belongs to it, for people.
        is_open: whether it may be used without being asked for.
        words: find it in a statement, besides what tells a sensitive category.
    """

    name: str
    about: str
    is_open: bool
    words: re.Pattern[str] | None = None


@cache
def areas() -> Mapping[str, Area]:
    """Every area by its name: those of the allow-list, and the sensitive categories."""
    file = Path(__file__).resolve().parent / "areas.toml"
    listed = tomllib.loads(file.read_text(encoding="utf-8"))
    found = dict[str, Area]()
    for category, about in descriptions().items():
        found[category] = Area(category, about, is_open=False)
    for name, entry in listed.items():
        words = _any_of(entry.get("words", ()))
        found[name] = Area(name, entry["about"], entry["is_open"], words)
    return found


def areas_of(statement: str) -> frozenset[str]:
    """The areas whose words a statement has; ``everyday`` for one that has none of them.

    Words find what is said openly. What a statement only lets one guess ("takes the oncologist's
    bus on Mondays") they do not find.
    """
    listed = {each.name for each in areas().values() if each.words and each.words.search(statement)}
    return frozenset(sensitive(statement) | listed or {EVERYDAY})


def is_allowed(area: str, opened: Collection[str] = (), closed: Collection[str] = ()) -> bool:
    """Whether personalization may use what belongs to an area.

    An area that is not on the list is closed, as one is that a standard prohibits, whoever else
    permits it.

    Args:
        area: its name.
        opened: areas for which the user ratified a permission.
        closed: areas that a prohibition in force names.
    """
    if area in closed or area not in areas():
        return False
    return area in opened or areas()[area].is_open


def _any_of(words: Collection[str]) -> re.Pattern[str] | None:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None
