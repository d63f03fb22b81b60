"""Suggestions are kept, listed, answered once and forgotten, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from idiolect.errors import ConflictError, NotFoundError
from idiolect.store.database import Database
from idiolect.store.repositories.suggestion import SuggestionRepository
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """A migrated database of either kind."""
    made = Database(either_url)
    made.migrate()
    yield made
    made.close()


def add(suggestions: SuggestionRepository, text: str, **changes: Any) -> str:
    fields: dict[str, Any] = {
        "kind": "event",
        "prompt": "Help me.",
        "evidence": ["mem_1"],
        "stakes": {"p": 0.5, "benefit": 0.6, "cost_fp": 0.4, "cost_fn": 0.4},
        "outcome": "digest",
        "reason": "It may be of use.",
        "valid_until": NOW + 10 * HOUR,
        "now": NOW,
    }
    return suggestions.add(text=text, **{**fields, **changes}).id


def test_pages_go_by_state_and_outcome_newest_first(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        suggestions = SuggestionRepository(session, user_id)
        first = add(suggestions, "First?")
        second = add(suggestions, "Second?", outcome="now", now=NOW + HOUR)
        third = add(suggestions, "Third?", now=NOW + 2 * HOUR)
        suggestions.answer(third, "dismissed", NOW + 3 * HOUR)
        page = suggestions.page(limit=1)
        rest = suggestions.page(limit=1, cursor=page.next_cursor)
        assert [[row.id for row in each.items] for each in (page, rest)] == [[second], [first]]
        assert rest.next_cursor is None
        assert [row.id for row in suggestions.page(outcome="digest").items] == [first]
        assert [row.id for row in suggestions.page(states=("dismissed",)).items] == [third]


def test_an_answer_is_given_once(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        suggestions = SuggestionRepository(session, user_id)
        row = suggestions.answer(add(suggestions, "Shall we?"), "accepted", NOW + HOUR)
        assert (row.state, row.answered_at) == ("accepted", NOW + HOUR)
        with pytest.raises(ConflictError) as error:
            suggestions.answer(row.id, "dismissed", NOW + 2 * HOUR)
        assert error.value.reason_code == "SUGGESTION_ANSWERED"
        assert suggestions.get(row.id).state == "accepted"


def test_other_users_see_and_change_nothing(database: Database, user_id: str) -> None:
    otto = add_user(database, "Otto")
    with database.transaction() as session:
        hers = add(SuggestionRepository(session, user_id), "Shall we?")
        his = SuggestionRepository(session, otto)
        with pytest.raises(NotFoundError):
            his.get(hers)
        with pytest.raises(NotFoundError):
            his.answer(hers, "accepted", NOW)
        assert his.page().items == his.waiting() == []
        his.delete_waiting()
        assert his.lapse(NOW + 20 * HOUR) == []
        assert SuggestionRepository(session, user_id).get(hers).state == "waiting"


def test_what_was_shown_is_ignored_at_its_end_and_what_was_not_is_gone(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        suggestions = SuggestionRepository(session, user_id)
        shown, unseen, lasting = (
            add(suggestions, text, valid_until=NOW + hours * HOUR)
            for text, hours in (("Shown?", 1), ("Unseen?", 1), ("Lasting?", 3))
        )
        suggestions.show([suggestions.get(shown)], NOW)
        assert [row.id for row in suggestions.lapse(NOW + 2 * HOUR)] == [shown]
        assert suggestions.lapse(NOW + 2 * HOUR) == []
        row = suggestions.get(shown)
        assert (row.state, row.shown_at, row.answered_at) == ("ignored", NOW, NOW + HOUR)
        with pytest.raises(NotFoundError):
            suggestions.get(unseen)
        assert [row.id for row in suggestions.open()] == [lasting]


def test_texts_are_recent_while_young_or_still_of_use(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        suggestions = SuggestionRepository(session, user_id)
        for text, made, ends in (("Old?", -30, -28), ("Old and open?", -30, 5), ("Young?", -3, -1)):
            made_id = add(suggestions, text, now=NOW + made * HOUR, valid_until=NOW + ends * HOUR)
            suggestions.answer(made_id, "dismissed", NOW)
        add(suggestions, "Waiting?")
        texts = suggestions.recent_texts(since=NOW - 20 * HOUR, now=NOW)
    assert texts == ["Old and open?", "Young?"]
