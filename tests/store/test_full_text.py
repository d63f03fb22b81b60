"""The share of a query's words that propositions hold, on SQLite and on PostgreSQL."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete

from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.full_text import MOST_WORDS, FullText
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.rating import RatingRepository
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)

Find = Callable[..., dict[str, float]]


def learn(
    database: Database, user_id: str, text: str, reasoning: str = "", scope: str = "private"
) -> Memory:
    with database.transaction() as session:
        return MemoryRepository(session, user_id).add(
            "proposition", NOW, state="activated", text=text, reasoning=reasoning, scope=scope
        )


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """A migrated database of either kind."""
    made = Database(either_url)
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def find(database: Database, user_id: str) -> Find:
    def found(
        *words: str, limit: int = 10, of: str = user_id, scopes: tuple[str, ...] | None = None
    ) -> dict[str, float]:
        with database.transaction() as session:
            return FullText(session, of, scopes).coverage(words, limit)

    return found


def test_rare_words_count_more(database: Database, user_id: str, find: Find) -> None:
    both = learn(database, user_id, "Mara plays the piano and the organ.")
    common = learn(database, user_id, "Mara plays chess.")
    other = learn(database, user_id, "Mara plays tennis.")
    # "plays" is in 3 of 3: ln(1 + 0.5/3.5) = 0.1335; "organ" in 1: ln(1 + 2.5/1.5) = 0.9808.
    plays, organ = math.log(1 + 0.5 / 3.5), math.log(1 + 2.5 / 1.5)
    expected = {
        both.lineage_id: 1.0,
        common.lineage_id: plays / (plays + organ),
        other.lineage_id: plays / (plays + organ),
    }
    assert find("plays", "organ") == pytest.approx(expected)
    assert list(find("plays", "organ", limit=1)) == [both.lineage_id]


def test_forms_of_a_word_and_what_stands_in_the_reasoning_are_found(
    database: Database, user_id: str, find: Find
) -> None:
    one = learn(database, user_id, "Mara bakes on Sundays.", "She asked for sourdough recipes.")
    assert find("Baking") == find("recipe") == find("SUNDAY") == {one.lineage_id: 1.0}
    assert find("bicycle") == {}


def test_nobody_elses_words_are_found_or_counted(
    database: Database, user_id: str, find: Find
) -> None:
    mine = learn(database, user_id, "Mara plays the organ and chess.")
    learn(database, user_id, "Mara plays tennis.")
    before = find("organ", "tennis")
    omar = add_user(database, "Omar")
    theirs = learn(database, omar, "Omar plays the organ.")
    for number in range(5):
        learn(database, omar, f"Omar owns {number} organs.")
    assert find("organ", "tennis") == before
    assert mine.lineage_id in before
    assert theirs.lineage_id in find("organ", of=omar)
    assert mine.lineage_id not in find("organ", of=omar)


def test_only_what_acts_now_is_found(database: Database, user_id: str, find: Find) -> None:
    first = learn(database, user_id, "Mara plays the piano.")
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        revised = memories.revise(memories.get(first.id), NOW, text="Mara plays the organ.")
    assert find("piano") == {}
    assert find("organ") == {first.lineage_id: 1.0}
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        memories.transition(memories.get(revised.id), "archived", NOW)
    assert find("organ") == {}
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        memories.transition(memories.get(revised.id), "activated", NOW)
    assert find("organ") == {first.lineage_id: 1.0}
    with database.transaction() as session:
        MemoryRepository(session, user_id).purge(first.lineage_id, NOW)
    assert find("organ") == {}


def test_a_deleted_user_leaves_no_words(database: Database, find: Find) -> None:
    omar = add_user(database, "Omar")
    learn(database, omar, "Omar plays the organ.")
    with database.transaction() as session:
        session.execute(delete(Memory).where(Memory.user_id == omar))
    assert find("organ", of=omar) == {}


@pytest.mark.parametrize(
    "word", ['"', "'", "NOT", "a OR b", "owner:x", "piano*", "(", "🙂", ":word0", "%", "\\", ""]
)
def test_a_query_is_words_and_no_language(
    database: Database, user_id: str, find: Find, word: str
) -> None:
    learn(database, user_id, "Mara plays the piano.")
    assert find(word) in ({}, find("piano"))


def test_no_words_and_no_propositions_find_nothing(find: Find) -> None:
    assert find() == {}
    assert find("piano") == {}


def test_a_long_query_is_cut(database: Database, user_id: str, find: Find) -> None:
    learn(database, user_id, "Mara plays the piano.")
    assert find(*(f"word{number}" for number in range(MOST_WORDS)), "piano") == {}


def test_of_what_is_shared_nothing_else_is_found_or_counted(
    database: Database, user_id: str, find: Find
) -> None:
    scopes = ("assistants", "key_one")
    organ = learn(database, user_id, "Mara plays the organ and chess.", scope="key_one").lineage_id
    tennis = learn(database, user_id, "Mara plays tennis.", scope="assistants").lineage_id
    before = find("organ", "plays")
    assert find("organ", "plays", scopes=scopes) == pytest.approx(before)
    for number in range(5):
        learn(database, user_id, f"Mara owns {number} organs.", scope="key_two")
    assert find("organ", "plays", scopes=scopes) == pytest.approx(before)
    assert find("organ", "plays") != pytest.approx(before)
    assert list(find("plays", "organ", scopes=scopes, limit=1)) == [organ]
    assert find("plays", scopes=("assistants",)) == {tennis: 1.0}
    for nothing in (find("owns", scopes=scopes), find(scopes=scopes), find("organ", scopes=())):
        assert nothing == {}


def test_what_is_shared_follows_at_once(database: Database, user_id: str, find: Find) -> None:
    learned = learn(database, user_id, "Mara plays the organ.")
    for scope, found in (
        ("assistants", {learned.lineage_id: 1.0}),
        ("key_one", {}),
        ("private", {}),
    ):
        with database.transaction() as session:
            MemoryRepository(session, user_id).get(learned.id).scope = scope
        assert find("organ", scopes=("assistants",)) == found
        assert find("organ") == {learned.lineage_id: 1.0}


def test_what_was_rated_private_is_neither_found_nor_counted(
    database: Database, user_id: str, find: Find
) -> None:
    scopes = ("assistants",)
    learn(database, user_id, "Mara plays the organ.", scope="assistants")
    before = find("organ", "tennis", scopes=scopes)
    kept_back = [
        learn(database, user_id, f"Mara plays tennis {number}.", scope="assistants")
        for number in range(3)
    ]
    with database.transaction() as session:
        for memory in kept_back:
            ratings = RatingRepository(session, user_id)
            ratings.add(memory, "private", NOW, author="user", raw=0.5)
    assert find("organ", "tennis", scopes=scopes) == pytest.approx(before)
    assert find("tennis", scopes=scopes) == {}
    assert len(find("tennis")) == 3
