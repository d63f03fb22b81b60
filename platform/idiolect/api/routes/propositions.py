"""Propositions: what is believed of the user; reading, rating, correcting, searching.

A key of the user's own is shown everything, any other one what is shared with it.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from idiolect.api.auth import Admin, Reader, Trainer
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.schemas.base import Listing, PlainText
from idiolect.api.schemas.job import JobOut
from idiolect.api.schemas.proposition import (
    EvidenceOut,
    FoundPropositionsOut,
    PropositionChangeIn,
    PropositionDetailOut,
    PropositionOut,
    RefreshOut,
    found_propositions,
    proposition_fields,
    version_of,
)
from idiolect.api.schemas.rating import RatingIn
from idiolect.errors import NotFoundError
from idiolect.observe.batches import close_batches
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.usermodel.calibration.reading import read_beliefs
from idiolect.usermodel.calibration.recalibrate import Mark

router = APIRouter(prefix="/api", tags=["propositions"])

PropositionState = Literal["activated", "generated", "merged", "archived", "expired"]
SearchText = Annotated[PlainText, Query(max_length=1000)]


@router.get("/propositions")
def propositions(
    who: Reader,
    services: ServicesDep,
    state: PropositionState = "activated",
    query: SearchText = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[PropositionOut]:
    """What is believed of the user now, the newest first; ``query`` filters by words in it."""
    with services.database.transaction() as session:
        memories = MemoryRepository(session, who.user_id)
        page = memories.page(
            "proposition",
            states=(state,),
            containing=query,
            scopes=who.shown,
            limit=limit,
            cursor=cursor,
        )
        counts = memories.evidence_counts([memory.lineage_id for memory in page.items])
        beliefs = read_beliefs(session, who.user_id, page.items)
    return Listing(
        items=[
            PropositionOut(
                **proposition_fields(memory, beliefs[memory.id], counts[memory.lineage_id])
            )
            for memory in page.items
        ],
        next_cursor=page.next_cursor,
    )


@router.get("/search")
def search(
    who: Reader, services: ServicesDep, query: SearchText, limit: Limit = 10
) -> FoundPropositionsOut:
    """What is believed of the user that fits a query by meaning, the best first."""
    found = services.user_model.search(
        who.user_id,
        query,
        limit,
        services.clock(),
        with_private=who.is_owner,
        scopes=who.shown,
    )
    with services.database.transaction() as session:
        counts = MemoryRepository(session, who.user_id).evidence_counts(
            [each.memory.lineage_id for each in found]
        )
    return FoundPropositionsOut(items=found_propositions(found, counts))


@router.post("/propositions/refresh", status_code=202)
def refresh(who: Trainer, services: ServicesDep) -> RefreshOut:
    """Has every observation read that has not been; the job that reads the earliest of them."""
    with services.database.transaction() as session:
        jobs = close_batches(
            session, who.user_id, services.batch_limits, now=services.clock(), partial=True
        )
    return RefreshOut(job=JobOut.model_validate(jobs[0]) if jobs else None)


@router.get("/propositions/{proposition_id}")
def proposition(proposition_id: Id, who: Reader, services: ServicesDep) -> PropositionDetailOut:
    """One statement with its evidence and history; any of its versions' ids will do."""
    with services.database.transaction() as session:
        memory = _current(session, who.user_id, proposition_id)
        shown = MemoryRepository(session, who.user_id).shared([memory.lineage_id], who.shown)
        if not shown:
            raise NotFoundError(f"no memory {proposition_id}")
        return _detail(session, who.user_id, memory)


@router.patch("/propositions/{proposition_id}")
def change_proposition(
    proposition_id: Id, change: PropositionChangeIn, who: Admin, services: ServicesDep
) -> PropositionDetailOut:
    """Puts the user's own words, or their verdict, above what was inferred."""
    with services.database.transaction() as session:
        known = _current(session, who.user_id, proposition_id)
    if change.text is not None:
        memory = services.user_model.correct(who.user_id, known.id, change.text)
    elif change.verdict is not None:
        mark: Mark = "true" if change.verdict == "confirmed" else "false"
        memory = services.user_model.ratings.rate(who.user_id, known.id, mark)
    with services.database.transaction() as session:
        return _detail(session, who.user_id, memory)


@router.put("/propositions/{proposition_id}/rating")
def rate_proposition(
    proposition_id: Id, rating: RatingIn, who: Admin, services: ServicesDep
) -> PropositionDetailOut:
    """Says that a statement is true, partly so or false, or that it is private.

    The first three teach how far its author is to be believed. Private keeps it from assistants
    and hosted models; it stays so, whatever else is said, until the ratings are taken back.
    """
    memory = services.user_model.ratings.rate(who.user_id, proposition_id, rating.mark)
    with services.database.transaction() as session:
        return _detail(session, who.user_id, memory)


@router.delete("/propositions/{proposition_id}/rating")
def withdraw_rating(proposition_id: Id, who: Admin, services: ServicesDep) -> PropositionDetailOut:
    """Takes back whatever the user said of a statement by rating it."""
    memory = services.user_model.ratings.withdraw(who.user_id, proposition_id)
    with services.database.transaction() as session:
        return _detail(session, who.user_id, memory)


def _current(session: Session, user_id: str, proposition_id: str) -> Memory:
    memory = MemoryRepository(session, user_id).current(proposition_id)
    if memory.kind != "proposition":
        raise NotFoundError(f"{proposition_id} is not a proposition")
    return memory


def _detail(session: Session, user_id: str, memory: Memory) -> PropositionDetailOut:
    memories = MemoryRepository(session, user_id)
    links = {
        link.source_id: link
        for link in memories.evidence(memory.lineage_id)
        if link.source_type == "observation"
    }
    seen = ObservationRepository(session, user_id).many(links)
    count = memories.evidence_counts([memory.lineage_id])[memory.lineage_id]
    belief = read_beliefs(session, user_id, [memory])[memory.id]
    return PropositionDetailOut(
        **proposition_fields(memory, belief, count),
        evidence=[
            EvidenceOut(
                observation_id=row.id,
                quote=links[row.id].quote,
                application=row.application,
                title=row.title,
                kind=row.kind,
                occurred_at=row.occurred_at,
            )
            for row in seen
        ],
        history=[version_of(version) for version in memories.history(memory.lineage_id)],
    )
