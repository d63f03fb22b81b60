"""Standards, ballots and preferences for the charter's tests."""

from datetime import UTC, datetime
from typing import Any

from idiolect.usermodel.charter.lifecycle import propose, ratify
from idiolect.usermodel.charter.preferences import Preference
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.standards import Charter, Concern, Party, Standard

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def standard(id: str = "short", **changes: Any) -> Standard:
    """The user's own obligation to be short, unless changed."""
    fields: dict[str, Any] = {
        "text": "Be short.",
        "kind": "obligation",
        "role": "all",
        "source": "user",
        "rationale": "There is little time.",
        "concerns": (Concern("length", admits=("short", "brief")),),
    }
    return Standard(id=id, **{**fields, **changes})


def vote(party: Party, option: str, reason: str = "") -> Ballot:
    """A ballot for one option and against every other."""
    return Ballot(party, {option: 1.0}, reason)


def charter(*standards: Standard) -> Charter:
    """These standards, ratified by everyone."""
    everyone = [vote(party, "ratify") for party in ("user", "platform", "administrator")]
    made = Charter()
    for each in standards:
        made = ratify(propose(made, each), each.id, everyone, at=MONDAY).charter
    return made


def wish(subject: str | None = "length", value: str | None = "long", **changes: Any) -> Preference:
    """A wish of Mara's with confidence 0.8, unless changed."""
    fields: dict[str, Any] = {
        "proposition_id": "mem_1",
        "statement": "Mara likes it so.",
        "confidence": 0.8,
        "subject": subject,
        "value": value,
    }
    return Preference(**{**fields, **changes})
