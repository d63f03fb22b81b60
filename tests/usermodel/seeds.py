"""Observations, drafts and memories for the user model's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from idiolect.kit.hashing import sha256_text
from idiolect.store.database import Database
from idiolect.store.models import Memory, Observation
from idiolect.usermodel.confidence import Trust
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def view(
    text: str = "",
    *,
    id: str = "obs_1",
    kind: str = "statement",
    trust: Trust = "typed",
    application: str | None = None,
    title: str | None = None,
    url: str | None = None,
    at: datetime = MONDAY,
    duration_s: float | None = None,
) -> ObservationView:
    """An observation as proposers see it."""
    return ObservationView(
        id=id,
        kind=kind,
        source="test",
        application=application,
        title=title,
        url=url,
        text=text,
        trust=trust,
        occurred_at=at,
        duration_s=duration_s,
    )


def store(database: Database, user_id: str, *views: ObservationView) -> list[str]:
    """Inserts observations and gives their ids."""
    with database.transaction() as session:
        for item in views:
            session.add(
                Observation(
                    id=item.id,
                    user_id=user_id,
                    idempotency_key=item.id,
                    kind=item.kind,
                    source=item.source,
                    application=item.application,
                    title=item.title,
                    url=item.url,
                    text=item.text,
                    trust=item.trust,
                    occurred_at=item.occurred_at,
                    recorded_at=item.occurred_at,
                    duration_s=item.duration_s,
                    content_hash=sha256_text(item.text),
                    masked={},
                )
            )
    return [item.id for item in views]


def draft(text: str, *observation_ids: str, **changes: Any) -> Draft:
    """A draft with confidence 0.5 and durability 0.5 unless changed."""
    fields: dict[str, Any] = {
        "text": text,
        "reasoning": "",
        "confidence": 0.5,
        "durability": 0.5,
        "evidence": tuple(Evidence(id, "quote") for id in observation_ids or ("obs_1",)),
        "valid_from": MONDAY,
    }
    return Draft(**{**fields, **changes})


def days(number: float) -> timedelta:
    """A number of days."""
    return timedelta(days=number)


def proposition(lineage_id: str, **changes: Any) -> Memory:
    """A proposition that is in no database."""
    fields: dict[str, Any] = {
        "id": lineage_id,
        "lineage_id": lineage_id,
        "kind": "proposition",
        "state": "activated",
        "confidence": 0.5,
        "durability": 0.5,
        "payload": {},
        "supported_at": MONDAY,
        "recorded_at": MONDAY,
    }
    return Memory(**{**fields, **changes})
