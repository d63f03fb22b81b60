"""What may act on a reply: prohibitions, then obligations, then what the user ratified, then taste.

An inferred preference can change how a standard is met, never whether. Where the two leave no
value in common, the preference is narrowed to a value that the standard admits, or held back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from idiolect.usermodel.charter.preferences import Preference
from idiolect.usermodel.charter.scope import areas, is_allowed
from idiolect.usermodel.charter.standards import Charter, Concern, Role, Standard
from idiolect.usermodel.charter.subjects import sentence, subject

Outcome = Literal["acted", "narrowed", "held_back"]
Reason = Literal[
    "nothing_against",
    "how_not_whether",
    "contrary",
    "proposition_contested",
    "standard_contested",
    "area_closed",
    "outweighed",
]

REASONS: dict[Reason, str] = {
    "nothing_against": "no standard speaks against it",
    "how_not_whether": "it changes how a standard is met, not whether",
    "contrary": "a standard leaves no room for it",
    "proposition_contested": "it is contested, and waits until that is settled",
    "standard_contested": "a standard on it is contested, and both wait until that is settled",
    "area_closed": "this area of life is used only with a permission that the user ratified",
    "outweighed": "something surer has settled the matter",
}


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What became of one preference, and why.

    Attributes:
        preference: as it was inferred.
        outcome: whether it acts as it is, acts within bounds, or does not act.
        reason: a key of ``REASONS``.
        standard_id: the standard that decided, if one did.
        value: of the preference's subject, as it acts; None where it does not act or informs.
    """

    preference: Preference
    outcome: Outcome
    reason: Reason
    standard_id: str | None = None
    value: str | None = None

    @property
    def instruction(self) -> str:
        """What the model is told for it; empty where it is told nothing."""
        if self.preference.subject is None or self.value is None:
            return ""
        return sentence(self.preference.subject, self.value)

    def as_dict(self) -> dict[str, object]:
        """For a reply's record and its page: evidence, standard, change."""
        return {
            "proposition_id": self.preference.proposition_id,
            "statement": self.preference.statement,
            "confidence": self.preference.confidence,
            "subject": self.preference.subject,
            "wished": self.preference.value,
            "acted": self.value,
            "outcome": self.outcome,
            "reason": REASONS[self.reason],
            "standard_id": self.standard_id,
            "instruction": self.instruction,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """What acts on a reply under a charter.

    Attributes:
        charter_version: of the charter that decided.
        role: whom it was asked for.
        standards: those in effect, the first to be obeyed first.
        overruled: standards in force that a higher one contradicts, with the id of that one.
        adaptations: one for each preference, the surest first.
    """

    charter_version: str
    role: Role
    standards: tuple[Standard, ...]
    overruled: tuple[tuple[Standard, str], ...]
    adaptations: tuple[Adaptation, ...]

    @property
    def withheld(self) -> frozenset[str]:
        """Ids of propositions whose own words must not be shown to the model.

        Shown as plain knowledge, a wish that was held back or narrowed would act all the same.
        """
        return frozenset(
            each.preference.proposition_id for each in self.adaptations if each.outcome != "acted"
        )

    def as_dict(self) -> dict[str, object]:
        """For a reply's record."""
        return {
            "charter_version": self.charter_version,
            "role": self.role,
            "standards": [each.id for each in self.standards],
            "overruled": [{"id": each.id, "by": by} for each, by in self.overruled],
            "adaptations": [each.as_dict() for each in self.adaptations],
        }


def order(standard: Standard) -> tuple[int, int]:
    """Where a standard stands; the lower goes first.

    Prohibitions, then the obligations of the role, then what the user brought in and permissions;
    within a rank the higher priority.
    """
    if standard.kind == "prohibition":
        rank = 0
    elif standard.kind == "obligation" and standard.source != "user":
        rank = 1
    else:
        rank = 2
    return rank, -standard.priority


def contradicts(one: Standard, other: Standard) -> bool:
    """Whether no reply in a role that both bind can keep both, as far as their concerns tell."""
    if "all" not in (one.role, other.role) and one.role != other.role:
        return False
    return any(
        mine.subject == theirs.subject
        and mine.subject not in areas()
        and not one.admitted(mine) & other.admitted(theirs)
        for mine in one.concerns
        for theirs in other.concerns
    )


def decide(charter: Charter, role: Role, preferences: Iterable[Preference]) -> Decision:
    """Decides what acts on a reply.

    Standards that are not in force have no effect. While one is suspended by a contest, its
    subjects are open: neither it nor a lower standard or a preference that goes against it acts,
    so that contesting a standard is no way around it.

    Args:
        charter: see ``lifecycle.review`` for what is overdue.
        role: in which the reply is given.
        preferences: what was inferred of the user; none to answer without personalization. Of two
            that are equally sure, the one that comes first settles a matter.
    """
    kept, below = _compatible(charter.of(role, "ratified", "contested"))
    standards = tuple(each for each in kept if each.is_in_force)
    overruled = tuple((each, by) for each, by in below if each.is_in_force)
    disputed = {
        concern.subject: standard.id
        for standard in charter.of(role, "contested")
        if not standard.is_in_force
        for concern in standard.concerns
    }
    opened, closed = _areas_by_standard(standards)
    adaptations, settled = list[Adaptation](), set[str]()
    for preference in sorted(preferences, key=lambda each: -each.confidence):
        touched = sorted(preference.areas)
        adaptation = (
            _suspended(preference, touched, disputed)
            or _out_of_scope(preference, touched, opened, closed, standards)
            or _under(standards, preference)
        )
        if preference.subject in settled and adaptation.outcome != "held_back":
            adaptation = Adaptation(preference, "held_back", "outweighed")
        if preference.subject is not None and adaptation.outcome != "held_back":
            settled.add(preference.subject)
        adaptations.append(adaptation)
    return Decision(charter.version, role, standards, overruled, tuple(adaptations))


def _compatible(
    agreed: Sequence[Standard],
) -> tuple[tuple[Standard, ...], tuple[tuple[Standard, str], ...]]:
    """The standards in order, without those that one before them contradicts, and these."""
    kept, overruled = list[Standard](), list[tuple[Standard, str]]()
    for standard in sorted(agreed, key=lambda each: (*order(each), each.id)):
        higher = next((each for each in kept if contradicts(each, standard)), None)
        if higher is None:
            kept.append(standard)
        else:
            overruled.append((standard, higher.id))
    return tuple(kept), tuple(overruled)


def _areas_by_standard(standards: Sequence[Standard]) -> tuple[set[str], dict[str, str]]:
    """Areas that the user ratified a permission for, and areas that a prohibition closes."""
    opened, closed = set[str](), dict[str, str]()
    for standard in standards:
        named = [each.subject for each in standard.concerns if each.subject in areas()]
        if standard.kind == "permission" and "user" in standard.ratified_by:
            opened.update(named)
        elif standard.kind == "prohibition":
            closed.update(dict.fromkeys(named, standard.id))
    return opened, closed


def _suspended(
    preference: Preference, touched: Sequence[str], disputed: dict[str, str]
) -> Adaptation | None:
    if preference.is_contested:
        return Adaptation(preference, "held_back", "proposition_contested")
    named = (preference.subject, *touched)
    standard_id = next((disputed[name] for name in named if name in disputed), None)
    if standard_id is None:
        return None
    return Adaptation(preference, "held_back", "standard_contested", standard_id)


def _out_of_scope(
    preference: Preference,
    touched: Sequence[str],
    opened: set[str],
    closed: dict[str, str],
    standards: Sequence[Standard],
) -> Adaptation | None:
    # How an act that a standard speaks of is done was agreed to be open to taste, and the model is
    # told the vocabulary's sentence for it, not the statement: only a prohibition closes that.
    may_be_said = preference.subject is not None and subject(preference.subject).kind == "action"
    is_governed = may_be_said and any(_on(standards, preference.subject))
    shut = [
        area
        for area in touched
        if not is_allowed(area, {*opened, *(touched if is_governed else ())}, closed)
    ]
    if not shut:
        return None
    by = next((closed[area] for area in shut if area in closed), None)
    return Adaptation(preference, "held_back", "area_closed", by)


def _under(standards: Sequence[Standard], preference: Preference) -> Adaptation:
    """The preference as far as the standards leave room for it."""
    value = preference.value
    passed = list[tuple[Standard, Concern]]()
    by: str | None = None
    for standard, concern in _on(standards, preference.subject):
        passed.append((standard, concern))
        if not standard.excludes(concern, value):
            continue
        value, by = concern.instead, standard.id
        if not value or any(each.excludes(its, value) for each, its in passed):
            return Adaptation(preference, "held_back", "contrary", standard.id)
    if by is not None:
        return Adaptation(preference, "narrowed", "how_not_whether", by, value)
    if passed:
        return Adaptation(preference, "acted", "how_not_whether", passed[0][0].id, value)
    return Adaptation(preference, "acted", "nothing_against", None, value)


def _on(standards: Sequence[Standard], name: str | None) -> Iterator[tuple[Standard, Concern]]:
    for standard in standards:
        for concern in standard.concerns:
            if concern.subject == name:
                yield standard, concern
