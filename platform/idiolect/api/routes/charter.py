"""The charter: reading it, taking part in it, and contesting what is believed of the user."""

from fastapi import APIRouter

from idiolect.api.auth import Admin, Reader
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.schemas.base import Listing
from idiolect.api.schemas.charter import (
    BallotIn,
    CharterOut,
    CharterStepOut,
    ContestedOut,
    ContestIn,
    ContestSettlementIn,
    ObjectionIn,
    ProposalIn,
    SettledOut,
    SettlementIn,
    contested_of,
    step_of,
)

router = APIRouter(prefix="/api", tags=["charter"])


@router.get("/charter")
def charter(who: Reader, services: ServicesDep) -> CharterOut:
    """The standards that go before what the user was seen to like, and where each stands."""
    return CharterOut.model_validate(services.charters.of(who.user_id))


@router.get("/charter/history")
def charter_history(
    who: Reader, services: ServicesDep, limit: Limit = 50, cursor: Cursor = None
) -> Listing[CharterStepOut]:
    """What was done to the charter, the newest first; nothing while it is as it ships."""
    page = services.charters.history(who.user_id, limit=limit, cursor=cursor)
    return Listing(items=[step_of(event) for event in page.items], next_cursor=page.next_cursor)


@router.post("/charter/standards", status_code=201)
def propose_standard(proposal: ProposalIn, who: Admin, services: ServicesDep) -> CharterOut:
    """Brings in a standard; it has effect from its ratification on."""
    changed = services.charters.propose(who.user_id, proposal.standard(), seen=proposal.version)
    return CharterOut.model_validate(changed)


@router.post("/charter/standards/{standard_id}/ratify")
def ratify_standard(
    standard_id: Id, ballot: BallotIn, who: Admin, services: ServicesDep
) -> SettledOut:
    """Votes on a proposal, on ``ratify`` and ``reject``; it takes effect if the vote carries it.

    The platform votes with the user where the proposal would overrule one of its standards.
    """
    settled = services.charters.ratify(
        who.user_id, standard_id, ballot.ballot(), seen=ballot.version
    )
    return SettledOut.model_validate(settled)


@router.post("/charter/standards/{standard_id}/contest")
def contest_standard(
    standard_id: Id, objection: ObjectionIn, who: Admin, services: ServicesDep
) -> CharterOut:
    """Calls a standard into question: it is suspended, unless it protects others than the user."""
    changed = services.charters.contest(
        who.user_id, standard_id, objection.reason, seen=objection.version
    )
    return CharterOut.model_validate(changed)


@router.post("/charter/standards/{standard_id}/settle")
def settle_standard(
    standard_id: Id, settlement: SettlementIn, who: Admin, services: ServicesDep
) -> SettledOut:
    """Votes on a contested standard: it is upheld, retired or amended.

    The platform votes with the user where the standard is its own.
    """
    standard = services.charters.of(who.user_id).get(standard_id)
    amendment = settlement.amendment.of(standard) if settlement.amendment else None
    settled = services.charters.settle(
        who.user_id,
        standard_id,
        settlement.ballot(),
        seen=settlement.version,
        amendment=amendment,
        review_by=settlement.review_by,
    )
    return SettledOut.model_validate(settled)


@router.post("/charter/standards/{standard_id}/retire")
def retire_standard(
    standard_id: Id, objection: ObjectionIn, who: Admin, services: ServicesDep
) -> CharterOut:
    """Takes back a standard that the user brought in."""
    changed = services.charters.retire(
        who.user_id, standard_id, objection.reason, seen=objection.version
    )
    return CharterOut.model_validate(changed)


@router.put("/propositions/{proposition_id}/contest")
def contest_proposition(
    proposition_id: Id, objection: ContestIn, who: Admin, services: ServicesDep
) -> ContestedOut:
    """Suspends what is believed of the user: it does not act until they settle it."""
    return contested_of(services.contests.contest(who.user_id, proposition_id, objection.reason))


@router.put("/propositions/{proposition_id}/settle")
def settle_proposition(
    proposition_id: Id, settlement: ContestSettlementIn, who: Admin, services: ServicesDep
) -> ContestedOut:
    """Ends a contest: the statement holds (``uphold``), is false (``retire``), or is reworded."""
    return contested_of(
        services.contests.settle(
            who.user_id,
            proposition_id,
            settlement.outcome,
            settlement.reason,
            text=settlement.text,
        )
    )
