"""Standards and the charter that holds them: what a role owes, may do and must not do.

After Zhi-Xuan et al. 2024, *Beyond Preferences in AI Alignment* (arXiv 2408.16984): an assistant
answers to standards that fit its role and that those concerned have agreed on; what a user was
seen to like comes after them. The paper argues and gives no algorithm; the form here is ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.kit.hashing import sha256_json
from idiolect.usermodel.charter.checks import check_of
from idiolect.usermodel.charter.scope import areas
from idiolect.usermodel.charter.subjects import NEVER, Subject, sentence, subject, subjects

Kind = Literal["obligation", "permission", "prohibition"]
Role = Literal["all", "assistant", "tutor", "reviewer", "coach"]
Party = Literal["user", "platform", "administrator"]
Status = Literal["proposed", "ratified", "contested", "retired"]
Act = Literal["ratified", "contested", "upheld", "amended", "retired", "dissented"]

LONGEST_TEXT = 200
"""Characters of a standard: a model is to read all of them before every answer."""

VERSION_DIGITS = 12

_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Event:
    """One step in the life of a standard: who did what, when and why."""

    act: Act
    party: Party
    at: datetime
    reason: str = ""

    def __post_init__(self) -> None:
        _require_aware(self.at)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Concern:
    """What a standard says about a subject, in a form that a program can compare.

    Without ``admits`` and ``excludes`` it is the act itself that is owed or forbidden: an
    obligation excludes ``never``, a prohibition everything else. An area of life is named alone.

    Attributes:
        subject: a manner, an action or an area.
        admits: the only values that are left.
        excludes: the values that are not left.
        instead: the admitted value to which a contrary preference is narrowed; empty where such
            a preference has to be held back.
    """

    subject: str
    admits: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    instead: str = ""

    def __post_init__(self) -> None:
        if self.admits and self.excludes:
            raise InvalidInputError(
                f"the concern with {self.subject} both admits and excludes", hint="Name one."
            )
        named = (*self.admits, *self.excludes, *((self.instead,) if self.instead else ()))
        if self.subject in areas():
            if named:
                raise InvalidInputError(f"the area {self.subject} has no values", hint="Name none.")
            return
        for value in named:
            sentence(self.subject, value)
        if not (self.admits or self.excludes) and subject(self.subject).kind == "manner":
            raise InvalidInputError(
                f"every reply has a {self.subject}, so it can be neither owed nor forbidden",
                hint="Say which values the standard admits or excludes.",
            )


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Standard:
    """One norm.

    Attributes:
        id: a name that is never used again.
        text: what the model is told, one plain sentence or two.
        kind: whether it is owed, allowed or forbidden.
        role: whom it binds.
        scope: when it applies, for people.
        rationale: why it holds.
        source: the party that brought it in.
        priority: among standards of the same rank the higher goes first.
        protects_others: whether it protects people who have no vote here, such as those who read
            a reply that the user passes on. It then stays in force while it is contested, since
            none of the parties can waive it for them.
        version: counts the amendments, from 1.
        status: where it stands in its life; see ``is_in_force``.
        concerns: what it is about.
        check: the check that a reply under it must pass; see ``checks``.
        ratified_by: the parties that voted for it as it stands.
        review_by: from then on it has to be looked at again.
        history: what became of it, the oldest first.
    """

    id: str
    text: str
    kind: Kind
    role: Role
    source: Party
    rationale: str
    scope: str = "always"
    priority: int = 0
    protects_others: bool = False
    version: int = 1
    status: Status = "proposed"
    concerns: tuple[Concern, ...] = ()
    check: str = ""
    ratified_by: tuple[Party, ...] = ()
    review_by: datetime | None = None
    history: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        if not self.id.isidentifier():
            raise InvalidInputError(
                f"{self.id!r} cannot name a standard", hint="Use letters, digits and underscores."
            )
        # A line break would let a standard pass for two, or for a heading.
        if not self.text.strip() or "\n" in self.text or len(self.text) > LONGEST_TEXT:
            raise InvalidInputError(
                f"the text of {self.id} is empty, too long or not one line",
                hint=f"Say it in one line of at most {LONGEST_TEXT} characters.",
            )
        if self.review_by is not None:
            _require_aware(self.review_by)
        if self.check:
            check_of(self.check)
        for concern in self.concerns:
            is_left = concern.subject in areas() or self.admitted(concern)
            if not is_left or self.excludes(concern, concern.instead or None):
                raise InvalidInputError(
                    f"{self.id} leaves no {concern.subject}, or narrows to one that it excludes",
                    hint="Admit at least one value, and among the admitted the one to narrow to.",
                )

    @property
    def is_in_force(self) -> bool:
        """Whether it has effect: while ratified, and while contested if it protects others."""
        return self.status == "ratified" or (self.status == "contested" and self.protects_others)

    def binds(self, role: Role) -> bool:
        """Whether it is about this role."""
        return self.role in ("all", role)

    def excludes(self, concern: Concern, value: str | None) -> bool:
        """Whether one of the standard's concerns leaves no room for a subject's value."""
        if self.kind == "permission" or value is None:
            return False
        if concern.admits:
            return value not in concern.admits
        if concern.excludes:
            return value in concern.excludes
        return (value == NEVER) == (self.kind == "obligation")

    def admitted(self, concern: Concern) -> frozenset[str]:
        """The values that a concern leaves; none for an area, which has no values."""
        known: Subject | None = subjects().get(concern.subject)
        values = known.values if known is not None else ()
        return frozenset(value for value in values if not self.excludes(concern, value))


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Charter:
    """All standards, those that have no effect included; never changed, only replaced."""

    standards: tuple[Standard, ...] = field(default=())

    def __post_init__(self) -> None:
        ids = [standard.id for standard in self.standards]
        if len(set(ids)) < len(ids):
            raise InvalidInputError(
                "two standards have the same id", hint="Give each standard an id of its own."
            )

    @property
    def version(self) -> str:
        """Names what the charter says and which of it has effect: a hash of that content.

        A hash and not a counter: a reply's record so names exactly one content on every machine,
        equal charters have equal versions however they came about, and nothing can be changed
        without a change of the version. How it came about (``history``) is left out: a standard
        that was contested and upheld says what it said before.
        """
        content = [
            {name: value for name, value in each.items() if name != "history"}
            for each in sorted(self.as_dict()["standards"], key=lambda each: str(each["id"]))
        ]
        return sha256_json(content)[:VERSION_DIGITS]

    def get(self, standard_id: str) -> Standard:
        """The standard of this id.

        Raises:
            NotFoundError: there is none.
        """
        for standard in self.standards:
            if standard.id == standard_id:
                return standard
        ids = ", ".join(each.id for each in self.standards)
        raise NotFoundError(
            f"the charter has no standard {standard_id!r}",
            hint=f"Use one of {ids}." if ids else "Propose one; the charter is empty.",
        )

    def of(self, role: Role, *statuses: Status) -> tuple[Standard, ...]:
        """The standards that bind a role and have one of these statuses."""
        return tuple(
            each for each in self.standards if each.binds(role) and each.status in statuses
        )

    def put(self, standard: Standard) -> "Charter":
        """The charter with a standard in the place of its namesake, or added at the end."""
        kept = [standard if each.id == standard.id else each for each in self.standards]
        return Charter(tuple(kept if standard in kept else (*kept, standard)))

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; ``charter_from`` reads it again."""
        content: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return content


def charter_from(content: Mapping[str, Any]) -> Charter:
    """A charter from JSON or TOML values.

    Raises:
        InvalidInputError: a field is missing, unknown or of the wrong form.
    """
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidInputError(
            f"the charter cannot be read at {place}: {first['msg']}",
            hint="Correct that field; `Standard` lists them all.",
        ) from error


def require_party(name: str) -> None:
    """Refuses who is no party.

    Raises:
        InvalidInputError: nobody of this name has a say.
    """
    if name not in get_args(Party):
        raise InvalidInputError(
            f"{name!r} is no party to the charter", hint=f"Use one of {', '.join(get_args(Party))}."
        )


def _require_aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise InvalidInputError(
            f"{moment.isoformat()} has no time zone", hint="Give the time in UTC."
        )


_ADAPTER = TypeAdapter(Charter)
