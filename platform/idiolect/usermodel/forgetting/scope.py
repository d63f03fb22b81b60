"""What is to be forgotten: a proposition, an application, a day, a topic, or everything."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OfProposition:
    """One statement, and the others that say the same.

    Attributes:
        id: of any of its versions.
        with_evidence: whether the observations go that it rests on. Otherwise they stay, without
            the spans that carried it, and it is not concluded from them again.
        keep: ids of what else would go and is to stay.
    """

    id: str
    with_evidence: bool = False
    keep: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OfApplication:
    """What was observed in one application, and what rests on nothing else.

    Attributes:
        name: as observations have it; letter case does not count.
    """

    name: str


@dataclass(frozen=True, slots=True)
class OfDay:
    """What was observed, said and suggested on one day.

    Attributes:
        day: by the user's clock.
    """

    day: date


@dataclass(frozen=True, slots=True)
class OfTopic:
    """Whatever is about something, by its meaning or by its words.

    Attributes:
        text: a few words that name it.
        keep: ids of what the preview lists and is to stay.
    """

    text: str
    keep: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OfEverything:
    """All that there is of the user, but for the user, their keys and the receipt of this."""


Scope = OfProposition | OfApplication | OfDay | OfTopic | OfEverything

NAMES: dict[type, str] = {
    OfProposition: "proposition",
    OfApplication: "application",
    OfDay: "day",
    OfTopic: "topic",
    OfEverything: "everything",
}
"""What receipts call them."""
