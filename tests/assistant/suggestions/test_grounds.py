"""Offers rest on what may act: what the charter holds back makes none."""

from idiolect.assistant.suggestions.grounds import known, still_held
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.standards import Concern
from idiolect.usermodel.charter.stored import StoredCharters
from tests.usermodel.charter.seeds import standard
from tests.usermodel.seeds import MONDAY

ASTHMA = "Mara has an appointment about her asthma on Friday."
REVIEW = "Mara has a design review on Friday."


def believe(database: Database, user_id: str, text: str) -> str:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        return memories.add(
            "proposition", MONDAY, reason="seen", state="activated", text=text, confidence=0.9
        ).lineage_id


def test_what_is_of_a_closed_area_makes_offers_by_a_ratified_permission_alone(
    database: Database, user_id: str
) -> None:
    asthma, review = (believe(database, user_id, text) for text in (ASTHMA, REVIEW))
    charters = StoredCharters(database, lambda: MONDAY)

    def grounds() -> tuple[set[str], set[str]]:
        with database.transaction() as session:
            found = {one.id for one in known(session, user_id, MONDAY)}
            return found, still_held(session, user_id, {asthma, review}, MONDAY)

    assert grounds() == ({review}, {review})

    permission = standard(
        "health", kind="permission", text="You may help with health.", concerns=(Concern("health"),)
    )
    proposed = charters.propose(user_id, permission, seen=charters.of(user_id).version)
    assert grounds() == ({review}, {review})

    aye = Ballot("user", {"ratify": 1.0}, "I want help with it.")
    charters.ratify(user_id, "health", aye, seen=proposed.version)
    assert grounds() == ({asthma, review}, {asthma, review})
