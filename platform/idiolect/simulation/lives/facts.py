"""What is true of a simulated person, and what only seems to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from idiolect.errors import InvalidInputError

FactKind = Literal[
    "work", "home", "relation", "habit", "hobby", "taste", "style", "interest", "plan", "desk"
]
Revelation = Literal["stated", "shown", "incidental", "hidden"]
"""Said outright; shown without being said; true by the way (which program, which file); never seen.

Only what is stated or shown has to be found. What is incidental or hidden is right to believe.
"""

# fmt: off
TrapKind = Literal[
    "spam", "advertisement", "phishing",
    "other person", "quotation", "not so", "joke", "guess", "invitation",
]
# fmt: on
PLANTED: frozenset[TrapKind] = frozenset({"spam", "advertisement", "phishing"})
"""Falsehoods that strangers plant; the other traps are honest words that can be misread."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something true of a person, while it is.

    Attributes:
        id: unique within a life.
        kind: what it is about.
        statement: in the third person, with the person's first name.
        wordings: other ways to say all or the main part of it.
        durability: how long such a thing stays true, in [0, 1], 1 lasting longest.
        revelation: how the stream shows it.
        days_needed: on how many days it must be seen to be known.
        valid_from: since when it is true; None: since before the stream begins.
        valid_to: until when it is true; None: beyond the stream's end.
        is_dated: the statement names its day, so it stays right to believe when that has passed.
        revealed_at: when an attentive reader could know it; None: not within the stream.
        evidence: idempotency keys of the observations that show it.
    """

    id: str
    kind: FactKind
    statement: str
    wordings: tuple[str, ...] = ()
    durability: float = 0.7
    revelation: Revelation = "stated"
    days_needed: int = 1
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    is_dated: bool = False
    revealed_at: datetime | None = None
    evidence: tuple[str, ...] = ()

    def is_true(self, moment: datetime) -> bool:
        """Whether it is right to believe it at a moment."""
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.is_dated or not self.has_ended(moment))

    def has_ended(self, moment: datetime) -> bool:
        """Whether it was true and is no more."""
        return self.valid_to is not None and self.valid_to <= moment

    def is_to_be_found(self, moment: datetime) -> bool:
        """Whether a good reader knows it at a moment: it holds, and was stated or shown."""
        wanted = self.revelation in ("stated", "shown")
        seen = self.revealed_at is not None and self.revealed_at <= moment
        return wanted and seen and self.is_true(moment) and not self.has_ended(moment)


@dataclass(frozen=True, slots=True)
class Trap:
    """A statement that would be wrong to believe, and what invites to it.

    Attributes:
        id: unique within a life.
        kind: what invites to it.
        statement: in the third person, with the person's first name.
        shown_at: when it was first there to be believed; None: not within the stream.
        evidence: idempotency keys of the observations that invite to it.
    """

    id: str
    kind: TrapKind
    statement: str
    shown_at: datetime | None = None
    evidence: tuple[str, ...] = ()

    @property
    def is_planted(self) -> bool:
        """Whether a stranger planted it."""
        return self.kind in PLANTED


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that propositions about one person can be held against.

    Attributes:
        name: the person's first name, with which statements begin.
        ends_at: when the stream ends.
        facts: what is or was true.
        traps: what never was.
    """

    name: str
    ends_at: datetime
    facts: tuple[Fact, ...]
    traps: tuple[Trap, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``of`` reads them back."""
        return {
            "name": self.name,
            "ends_at": self.ends_at.isoformat(),
            "facts": [_plain(fact) for fact in self.facts],
            "traps": [_plain(trap) for trap in self.traps],
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Truth":
        """From plain values.

        Raises:
            InvalidInputError: they are not what ``as_dict`` gives.
        """
        try:
            return cls(
                name=str(values["name"]),
                ends_at=datetime.fromisoformat(values["ends_at"]),
                facts=tuple(_fact(one) for one in values["facts"]),
                traps=tuple(_trap(one) for one in values["traps"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInputError(
                f"this is no truth of a simulated person: {type(error).__name__}, {error}",
                hint="Give a truth.json that `idiolect simulate` wrote.",
            ) from error


_MOMENTS = ("valid_from", "valid_to", "revealed_at", "shown_at")


def _plain(one: Fact | Trap) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in one.__slots__}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _fact(values: Mapping[str, Any]) -> Fact:
    fact = Fact(**_read(values, "wordings"))
    if fact.kind not in get_args(FactKind) or fact.revelation not in get_args(Revelation):
        raise ValueError(f"the fact {fact.id} is of no known kind or revelation")
    return fact


def _trap(values: Mapping[str, Any]) -> Trap:
    trap = Trap(**_read(values))
    if trap.kind not in get_args(TrapKind):
        raise ValueError(f"the trap {trap.id} is of no known kind")
    return trap


def _read(values: Mapping[str, Any], *lists: str) -> dict[str, Any]:
    read = dict(values)
    for name in _MOMENTS:
        if read.get(name) is not None:
            read[name] = datetime.fromisoformat(read[name])
    for name in ("evidence", *lists):
        read[name] = tuple(read.get(name) or ())
    return read
