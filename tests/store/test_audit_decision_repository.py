"""The audit's log: one decision an observation, paged, counted, and apart from others'."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from idiolect.errors import InvalidInputError
from idiolect.store.database import Database
from idiolect.store.models import AuditDecision, Observation
from idiolect.store.repositories.audit_decision import AuditDecisionRepository, RuleCount
from tests.conftest import add_user
from tests.usermodel.seeds import store, view

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """A migrated database of either kind."""
    made = Database(either_url)
    made.migrate()
    yield made
    made.close()


def decision(
    user_id: str, observation_id: str, verdict: str = "allow", **changes: object
) -> AuditDecision:
    values: dict[str, object] = {
        "observation_id": observation_id,
        "user_id": user_id,
        "verdict": verdict,
        "by": "no rule" if verdict == "allow" else "secret",
        "reason": "Because.",
        "sender": "user",
        "subject": "user",
        "recipient": "own model",
        "data_type": "statement",
        "principle": "told the assistant",
        "is_cut": False,
        "at": NOW,
    }
    return AuditDecision(**values | changes)


def seen(database: Database, user_id: str, *ids: str) -> None:
    store(
        database,
        user_id,
        *(view(id, id=id, application=f"App of {id}", title=f"Title of {id}") for id in ids),
    )


def test_a_newer_decision_replaces_the_older_one(database: Database, user_id: str) -> None:
    seen(database, user_id, "obs_1", "obs_2")
    later = NOW + timedelta(hours=1)
    with database.transaction() as session:
        log = AuditDecisionRepository(session, user_id)
        log.write([])
        log.write([decision(user_id, "obs_1"), decision(user_id, "obs_2", is_cut=True)])
        log.write([decision(user_id, "obs_1", "drop", at=later, sender="stranger")])
    with database.transaction() as session:
        found = AuditDecisionRepository(session, user_id).by_observation(["obs_1", "obs_2", "?"])
    assert {id: (one.verdict, one.sender, one.is_cut, one.at) for id, one in found.items()} == {
        "obs_1": ("drop", "stranger", False, later),
        "obs_2": ("allow", "user", True, NOW),
    }


def test_pages_go_back_in_time_with_where_it_was_seen(database: Database, user_id: str) -> None:
    ids = [f"obs_{number}" for number in range(5)]
    seen(database, user_id, *ids)
    with database.transaction() as session:
        log = AuditDecisionRepository(session, user_id)
        # Two of each moment, so that a page can end between equals.
        log.write(
            [
                decision(user_id, id, at=NOW + timedelta(minutes=number // 2))
                for number, id in enumerate(ids)
            ]
        )
        first = log.page(limit=3)
        rest = log.page(limit=3, cursor=first.next_cursor)
        with pytest.raises(InvalidInputError):
            log.page(cursor="made up")
    listed = [one.decision.observation_id for one in (*first.items, *rest.items)]
    assert listed == ["obs_4", "obs_3", "obs_2", "obs_1", "obs_0"]
    newest = first.items[0]
    assert (newest.application, newest.title, newest.kind) == (
        "App of obs_4",
        "Title of obs_4",
        "statement",
    )


def test_one_verdict_can_be_asked_for_and_rules_are_counted(
    database: Database, user_id: str
) -> None:
    seen(database, user_id, "obs_1", "obs_2", "obs_3")
    with database.transaction() as session:
        log = AuditDecisionRepository(session, user_id)
        log.write(
            [
                decision(user_id, "obs_1", "drop"),
                decision(user_id, "obs_2"),
                decision(user_id, "obs_3"),
            ]
        )
        dropped = [one.decision.observation_id for one in log.page(verdict="drop").items]
        counts = log.counts()
    assert dropped == ["obs_1"]
    assert counts == [RuleCount("no rule", "allow", 2), RuleCount("secret", "drop", 1)]


def test_decisions_are_their_user_s_alone_and_go_with_the_observation(
    database: Database, user_id: str
) -> None:
    seen(database, user_id, "obs_1")
    other = add_user(database, "Omar")
    with database.transaction() as session:
        AuditDecisionRepository(session, user_id).write([decision(user_id, "obs_1")])
        theirs = AuditDecisionRepository(session, other)
        assert theirs.page().items == []
        assert theirs.by_observation(["obs_1"]) == {}
        assert theirs.counts() == []
        session.execute(delete(Observation))
        assert AuditDecisionRepository(session, user_id).counts() == []
