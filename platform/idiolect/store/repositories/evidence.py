"""What a user's memories rest on: what supports them now, and each reason they had at a moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from idiolect.store.models import AuditDecision, Memory, Observation, ProvenanceLink
from idiolect.store.repositories.lookup import only_checked


@dataclass(frozen=True, slots=True)
class Support:
    """One observation behind a proposition.

    Attributes:
        application: in which it was seen; None where the source tells none.
        trust: of its source; ``untrusted`` also where the audit took it for a stranger's words.
        quote: the words in it that carry the proposition.
    """

    observation_id: str
    occurred_at: datetime
    application: str | None
    trust: str
    quote: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason that a memory had.

    Attributes:
        relation: supports, contradicts, derived_from or trained_on.
        source_type: observation, memory, preference or message.
        quote: the words of the source that carry it.
        known_at: since when the memory had this reason.
        occurred_at: of an observation, when it was made; None of anything else and once it is gone.
        application: of an observation, where it was made.
    """

    relation: str
    source_type: str
    source_id: str
    quote: str | None
    known_at: datetime
    occurred_at: datetime | None
    application: str | None


def reasons_at(
    session: Session, user_id: str, lineage_ids: Collection[str], moment: datetime
) -> dict[str, list[Reason]]:
    """What each of one user's lineages rested on at a moment, the earliest known first.

    What was erased since is left out. Of a reason that several versions have, the first is given.
    """
    query = (
        select(Memory.lineage_id, ProvenanceLink, Observation.occurred_at, Observation.application)
        .join(ProvenanceLink, ProvenanceLink.memory_id == Memory.id)
        .outerjoin(
            Observation,
            and_(
                ProvenanceLink.source_type == "observation",
                Observation.id == ProvenanceLink.source_id,
                Observation.user_id == user_id,
            ),
        )
        .where(
            only_checked(Memory.user_id) == user_id,
            Memory.lineage_id.in_(list(lineage_ids)),
            ProvenanceLink.created_at <= moment,
        )
        .order_by(ProvenanceLink.created_at, ProvenanceLink.id)
    )
    found: dict[str, dict[tuple[str, str, str], Reason]] = {}
    for lineage_id, link, occurred_at, application in session.execute(query):
        reason = Reason(
            relation=link.relation,
            source_type=link.source_type,
            source_id=link.source_id,
            quote=link.quote,
            known_at=link.created_at,
            occurred_at=occurred_at,
            application=application,
        )
        key = (reason.source_type, reason.source_id, reason.relation)
        found.setdefault(lineage_id, {}).setdefault(key, reason)
    return {lineage_id: list(reasons.values()) for lineage_id, reasons in found.items()}


def supports(
    session: Session, user_id: str, lineage_ids: Collection[str]
) -> dict[str, list[Support]]:
    """What supports each of one user's lineages, the latest first; no key without anything."""
    query = (
        select(
            Memory.lineage_id,
            Observation.id,
            Observation.occurred_at,
            Observation.application,
            Observation.trust,
            AuditDecision.verdict,
            ProvenanceLink.quote,
        )
        .join(ProvenanceLink, ProvenanceLink.memory_id == Memory.id)
        .join(Observation, Observation.id == ProvenanceLink.source_id)
        .outerjoin(AuditDecision, AuditDecision.observation_id == Observation.id)
        .where(
            only_checked(Memory.user_id) == user_id,
            only_checked(Observation.user_id) == user_id,
            Memory.lineage_id.in_(list(lineage_ids)),
            only_checked(ProvenanceLink.source_type) == "observation",
            ProvenanceLink.relation == "supports",
        )
        .order_by(Observation.occurred_at.desc(), Observation.id)
    )
    found: dict[str, list[Support]] = {}
    for lineage_id, id, occurred_at, application, trust, verdict, quote in session.execute(query):
        held = "untrusted" if verdict == "quote" else trust
        support = Support(id, occurred_at, application, held, quote)
        found.setdefault(lineage_id, []).append(support)
    return found
