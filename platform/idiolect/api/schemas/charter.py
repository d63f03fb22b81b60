"""The charter: its standards, what is done to them, how votes on them went; and contests."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from idiolect.api.schemas.base import FilledText, Input, Output
from idiolect.store.models import Memory, MemoryEvent
from idiolect.store.repositories.memory_event import LONGEST_REASON
from idiolect.usermodel.charter.contests import Outcome
from idiolect.usermodel.charter.preferences import is_contested
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.standards import LONGEST_TEXT, Concern, Kind, Role, Standard

Reason = Annotated[FilledText, Field(max_length=LONGEST_REASON)]
Score = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(max_length=40)]
Values = Annotated[tuple[Name, ...], Field(max_length=10)]


class ConcernOut(Output):
    """What a standard says about a subject."""

    subject: str
    admits: list[str]
    excludes: list[str]
    instead: str


class EventOut(Output):
    """One step in the life of a standard."""

    act: str
    party: str
    at: datetime
    reason: str


class StandardOut(Output):
    """One norm; a contested one is in force only if it protects others than the parties."""

    id: str
    text: str
    kind: str
    role: str
    source: str
    rationale: str
    scope: str
    priority: int
    protects_others: bool
    version: int
    status: str
    is_in_force: bool
    concerns: list[ConcernOut]
    check: str
    ratified_by: list[str]
    review_by: datetime | None
    history: list[EventOut]


class CharterOut(Output):
    """All standards; ``version`` names what they say and which have effect."""

    version: str
    standards: list[StandardOut]


class StandingOut(Output):
    """How an option did in a vote."""

    option: str
    worst: float
    mean: float
    firsts: int
    is_vetoed: bool


class TallyOut(Output):
    """The result of a vote: what was chosen by the worst-off, and what the majority would have."""

    chosen: str
    majority: str
    standings: list[StandingOut]
    agreeing: list[str]
    dissenting: list[str]
    cost: float


class SettledOut(Output):
    """The charter after a vote, and how the vote went."""

    charter: CharterOut
    tally: TallyOut


class CharterStepOut(Output):
    """What was done to the charter, by whom and why, and its version after that."""

    at: datetime
    actor: str
    step: str
    standard_id: str | None
    reason: str
    charter_version: str | None


class ConcernIn(Input):
    """See ``Concern``: a manner, an action or an area, and which of its values are left."""

    subject: Name
    admits: Values = ()
    excludes: Values = ()
    instead: Name = ""

    def concern(self) -> Concern:
        """As the domain has it."""
        return Concern(self.subject, self.admits, self.excludes, self.instead)


Concerns = Annotated[tuple[ConcernIn, ...], Field(max_length=10)]


class SeenIn(Input):
    """The version of the charter on which the user decides."""

    version: str = Field(max_length=40)


class ProposalIn(SeenIn):
    """A standard that the user brings in."""

    id: str = Field(max_length=40)
    text: FilledText = Field(max_length=LONGEST_TEXT)
    kind: Kind = "obligation"
    role: Role = "all"
    rationale: Reason
    scope: FilledText = Field("always", max_length=200)
    priority: int = Field(0, ge=-100, le=100)
    concerns: Concerns = ()
    review_by: AwareDatetime | None = None

    def standard(self) -> Standard:
        """As the domain has it."""
        return Standard(
            id=self.id,
            text=self.text,
            kind=self.kind,
            role=self.role,
            source="user",
            rationale=self.rationale,
            scope=self.scope,
            priority=self.priority,
            concerns=tuple(each.concern() for each in self.concerns),
            review_by=self.review_by,
        )


class ObjectionIn(SeenIn):
    """Why a standard is contested or taken back."""

    reason: Reason


class BallotIn(SeenIn):
    """The user's vote: how well they can live with each option, from 0 (not at all) to 1."""

    scores: dict[Name, Score] = Field(min_length=1, max_length=3)
    vetoes: Values = ()
    reason: Reason

    def ballot(self) -> Ballot:
        """As the domain has it."""
        return Ballot("user", self.scores, self.reason, frozenset(self.vetoes))


class AmendmentIn(Input):
    """What a contested standard would say instead; what is left out stays as it is."""

    text: FilledText | None = Field(None, max_length=LONGEST_TEXT)
    rationale: Reason | None = None
    scope: FilledText | None = Field(None, max_length=200)
    priority: int | None = Field(None, ge=-100, le=100)
    concerns: Concerns | None = None

    def of(self, standard: Standard) -> Standard:
        """The standard as it would be."""
        changes = self.model_dump(exclude_none=True, exclude={"concerns"})
        if self.concerns is not None:
            changes["concerns"] = tuple(each.concern() for each in self.concerns)
        return replace(standard, **changes)


class SettlementIn(BallotIn):
    """The user's vote on a contest: on ``uphold``, ``retire`` and, with one, the amendment."""

    amendment: AmendmentIn | None = None
    review_by: AwareDatetime | None = None


class ContestIn(Input):
    """Why the user contests a proposition; the reason does not repeat what it says."""

    reason: Reason


class ContestSettlementIn(ContestIn):
    """How a contest of a proposition ends; ``text`` is what it is amended to."""

    outcome: Outcome
    text: FilledText | None = Field(None, max_length=1000)


class ContestedOut(Output):
    """A proposition, and whether it waits to be settled."""

    id: str
    lineage_id: str
    version: int
    state: str
    contested: bool


def step_of(event: MemoryEvent) -> CharterStepOut:
    """An act on the charter; one that no step of a standard led to has the memory's verb."""
    return CharterStepOut(
        at=event.at,
        actor=event.actor,
        step=event.detail.get("step", event.verb),
        standard_id=event.detail.get("standard"),
        reason=event.reason,
        charter_version=event.detail.get("charter"),
    )


def contested_of(memory: Memory) -> ContestedOut:
    """Where a proposition stands."""
    return ContestedOut(
        id=memory.id,
        lineage_id=memory.lineage_id,
        version=memory.version,
        state=memory.state,
        contested=is_contested(memory.payload),
    )
