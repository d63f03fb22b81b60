"""The observations that support a user's propositions, with how far each is trusted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.store.models import AuditDecision, Memory, Observation, ProvenanceLink
from idiolect.store.repositories.lookup import only_checked


@dataclass(frozen=True, slots=True)
class Support:
    """One observation behind a proposition.

    Attributes:
        trust: of its source; ``untrusted`` also where the audit took it for a stranger's words.
        quote: the words in it that carry the proposition.
    """

    observation_id: str
    occurred_at: datetime
    trust: str
    quote: str | None


def supports(
    session: Session, user_id: str, lineage_ids: Collection[str]
) -> dict[str, list[Support]]:
    """What supports each of one user's lineages, the latest first; no key without anything."""
    query = (
        select(
            Memory.lineage_id,
            Observation.id,
            Observation.occurred_at,
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
    for lineage_id, observation_id, occurred_at, trust, verdict, quote in session.execute(query):
        support = Support(
            observation_id, occurred_at, "untrusted" if verdict == "quote" else trust, quote
        )
        found.setdefault(lineage_id, []).append(support)
    return found
