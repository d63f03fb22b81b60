"""The charter's routes as methods, and what they answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast
from urllib.parse import quote

from idiolect.client.responses import Page
from idiolect.client.transport import Transport


class Concern(TypedDict):
    """What a standard says about a subject."""

    subject: str
    admits: list[str]
    excludes: list[str]
    instead: str


class StandardEvent(TypedDict):
    """One step in the life of a standard."""

    act: str
    party: str
    at: str
    reason: str


class Standard(TypedDict):
    """One norm, and where it stands."""

    id: str
    text: str
    kind: Literal["obligation", "permission", "prohibition"]
    role: str
    source: str
    rationale: str
    scope: str
    priority: int
    protects_others: bool
    version: int
    status: Literal["proposed", "ratified", "contested", "retired"]
    is_in_force: bool
    concerns: list[Concern]
    check: str
    ratified_by: list[str]
    review_by: str | None
    history: list[StandardEvent]


class Charter(TypedDict):
    """All standards; every act names the ``version`` that it was decided on."""

    version: str
    standards: list[Standard]


class Standing(TypedDict):
    """How an option did in a vote."""

    option: str
    worst: float
    mean: float
    firsts: int
    is_vetoed: bool


class Tally(TypedDict):
    """The result of a vote, and what the majority would have chosen."""

    chosen: str
    majority: str
    standings: list[Standing]
    agreeing: list[str]
    dissenting: list[str]
    cost: float


class Settled(TypedDict):
    """The charter after a vote, and how the vote went."""

    charter: Charter
    tally: Tally


class CharterStep(TypedDict):
    """What was done to the charter."""

    at: str
    actor: str
    step: str
    standard_id: str | None
    reason: str
    charter_version: str | None


class Contested(TypedDict):
    """A proposition, and whether it waits to be settled."""

    id: str
    lineage_id: str
    version: int
    state: str
    contested: bool


class CharterClient:
    """Reads the charter of the key's user, and takes part in it.

    ``version`` is that of the charter which the user saw; when it has changed since, the act is
    refused with a ConflictError, CHARTER_CHANGED.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def read(self) -> Charter:
        """The charter as it stands."""
        return cast("Charter", self._transport.get("/api/charter"))

    def history(self, *, limit: int = 50, cursor: str | None = None) -> Page[CharterStep]:
        """What was done to it, the latest first."""
        answer = self._transport.get("/api/charter/history", limit=limit, cursor=cursor)
        return cast("Page[CharterStep]", answer)

    def propose(self, version: str, standard: Mapping[str, Any]) -> Charter:
        """Brings in a standard: id, text and rationale; kind, role, scope, priority, concerns."""
        body = {"version": version, **standard}
        return cast("Charter", self._transport.send("POST", "/api/charter/standards", body))

    def ratify(
        self, version: str, standard_id: str, scores: Mapping[str, float], reason: str
    ) -> Settled:
        """Votes on a proposal: ``ratify`` and ``reject``, each from 0 to 1."""
        body = {"version": version, "scores": dict(scores), "reason": reason}
        return cast("Settled", self._act(standard_id, "ratify", body))

    def contest(self, version: str, standard_id: str, reason: str) -> Charter:
        """Calls a standard into question."""
        body = {"version": version, "reason": reason}
        return cast("Charter", self._act(standard_id, "contest", body))

    def settle(
        self,
        version: str,
        standard_id: str,
        scores: Mapping[str, float],
        reason: str,
        *,
        vetoes: Sequence[str] = (),
        amendment: Mapping[str, Any] | None = None,
        review_by: str | None = None,
    ) -> Settled:
        """Votes on a contest: ``uphold``, ``retire`` and, with an amendment, ``amend``."""
        body = {
            "version": version,
            "scores": dict(scores),
            "reason": reason,
            "vetoes": list(vetoes),
            "amendment": None if amendment is None else dict(amendment),
            "review_by": review_by,
        }
        return cast("Settled", self._act(standard_id, "settle", body))

    def retire(self, version: str, standard_id: str, reason: str) -> Charter:
        """Takes back a standard of the user's."""
        body = {"version": version, "reason": reason}
        return cast("Charter", self._act(standard_id, "retire", body))

    def contest_proposition(self, proposition_id: str, reason: str) -> Contested:
        """Suspends what is believed of the user."""
        path = f"/api/propositions/{quote(proposition_id, safe='')}/contest"
        answer = self._transport.send("PUT", path, {"reason": reason}, repeatable=True)
        return cast("Contested", answer)

    def settle_proposition(
        self, proposition_id: str, outcome: str, reason: str, *, text: str | None = None
    ) -> Contested:
        """Ends a contest: ``uphold``, ``retire``, or ``amend`` with a text."""
        path = f"/api/propositions/{quote(proposition_id, safe='')}/settle"
        body = {"outcome": outcome, "reason": reason, "text": text}
        return cast("Contested", self._transport.send("PUT", path, body))

    def _act(self, standard_id: str, step: str, body: Mapping[str, Any]) -> Any:
        path = f"/api/charter/standards/{quote(standard_id, safe='')}/{step}"
        return self._transport.send("POST", path, dict(body))
