"""How sure to be of a proposition when it is read: its author's map, the trust, the user's word."""

import pytest
from sqlalchemy.orm import Session

from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.rating import RatingRepository
from idiolect.usermodel.calibration.reading import (
    Belief,
    author_of,
    ratings_to_learn,
    read_beliefs,
)
from idiolect.usermodel.calibration.recalibrate import Mark
from idiolect.usermodel.confidence import Trust
from tests.conftest import add_user
from tests.usermodel.seeds import MONDAY, days, store, view

PRIOR_AT_A_PLACE = 60 / 21
"""The weight of the prior, in ratings, at each of 0, 0.05 ... 1."""

DOUBTED = (0.7 + 0.75 + 0.8) * PRIOR_AT_A_PLACE / (3 * PRIOR_AT_A_PLACE + 1)
"""What one *false* at 0.8 leaves there: a block with what the prior says at 0.7, 0.75 and 0.8."""

TRUSTED = ((0.8 + 0.85) * PRIOR_AT_A_PLACE + 1) / (2 * PRIOR_AT_A_PLACE + 1)
"""What one *true* at 0.8 lifts it to: a block with what the prior says at 0.8 and 0.85."""


@pytest.fixture
def otto(database: Database) -> str:
    return add_user(database, "Otto")


def held(
    session: Session, user_id: str, text: str, *, author: str | None = "pattern", **changes
) -> Memory:
    payload = {} if author is None else {"author": author}
    fields = {"state": "activated", "confidence": 0.8, "payload": payload, **changes}
    return MemoryRepository(session, user_id).add("proposition", MONDAY, text=text, **fields)


def rate(session: Session, memory: Memory, mark: Mark, *, later: float = 0.0) -> None:
    RatingRepository(session, memory.user_id).add(
        memory, mark, MONDAY + days(later), author=author_of(memory), raw=memory.confidence
    )


def seen(database: Database, user_id: str, trust: Trust) -> str:
    [observation_id] = store(database, user_id, view("I swim.", id=f"obs_{trust}", trust=trust))
    return observation_id


def confidence(session: Session, memory: Memory) -> float:
    return read_beliefs(session, memory.user_id, [memory])[memory.id].confidence


def test_without_ratings_raw_confidence_is_read(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memory = held(session, user_id, "Mara swims.")
        assert read_beliefs(session, user_id, [memory]) == {memory.id: Belief(0.8)}
        assert read_beliefs(session, user_id, []) == {}


def test_one_rating_moves_all_that_its_author_holds(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        rated, other = held(session, user_id, "Mara swims."), held(session, user_id, "Mara sings.")
        rate(session, rated, "false")
        assert confidence(session, other) == pytest.approx(DOUBTED)
        assert pytest.approx(0.67, abs=0.002) == DOUBTED
        assert other.confidence == 0.8  # what is stored stays raw


def test_an_author_never_rated_is_read_by_what_was_learned_of_others(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        rate(session, held(session, user_id, "Mara swims."), "false")
        other = held(session, user_id, "Mara sings.", author="model")
        assert confidence(session, other) == pytest.approx(DOUBTED)


def test_another_user_s_ratings_do_not_matter(database: Database, user_id: str, otto: str) -> None:
    with database.transaction() as session:
        rate(session, held(session, user_id, "Mara swims."), "false")
        assert confidence(session, held(session, otto, "Otto swims.")) == 0.8


def test_the_newest_rating_of_a_proposition_counts(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        rated, other = held(session, user_id, "Mara swims."), held(session, user_id, "Mara sings.")
        rate(session, rated, "true", later=1)
        rate(session, rated, "false", later=2)
        assert confidence(session, other) == pytest.approx(DOUBTED)
        rate(session, rated, "private", later=3)  # says nothing of truth
        assert confidence(session, other) == pytest.approx(DOUBTED)
        assert len(ratings_to_learn(RatingRepository(session, user_id).oldest_first())) == 1


@pytest.mark.parametrize(
    ("trust", "expected"),
    [("typed", TRUSTED), ("read", 0.85), ("untrusted", 0.8), (None, 0.8)],
)
def test_a_map_raises_no_further_than_the_evidence_is_trusted(
    database: Database, user_id: str, trust: Trust | None, expected: float
) -> None:
    assert pytest.approx(0.851, abs=0.001) == TRUSTED
    evidence = seen(database, user_id, trust) if trust else None
    with database.transaction() as session:
        rate(session, held(session, user_id, "Mara swims."), "true")
        other = held(session, user_id, "Mara sings.")
        if evidence:
            MemoryRepository(session, user_id).link(
                other.id, "observation", evidence, "supports", MONDAY
            )
        assert confidence(session, other) == pytest.approx(expected)


def test_what_speaks_against_a_proposition_does_not_raise_it(
    database: Database, user_id: str
) -> None:
    evidence = seen(database, user_id, "typed")
    with database.transaction() as session:
        rate(session, held(session, user_id, "Mara swims."), "true")
        other = held(session, user_id, "Mara sings.")
        MemoryRepository(session, user_id).link(
            other.id, "observation", evidence, "contradicts", MONDAY
        )
        assert confidence(session, other) == 0.8


@pytest.mark.parametrize("verdict", ["confirmed", "rejected", "corrected"])
def test_what_the_user_settled_is_not_mapped(
    database: Database, user_id: str, verdict: str
) -> None:
    with database.transaction() as session:
        rate(session, held(session, user_id, "Mara swims."), "false")
        payload = {"author": "pattern", "verdict": verdict}
        settled = held(session, user_id, "Mara sings.", payload=payload, confidence=0.97)
        assert confidence(session, settled) == 0.97


def test_what_the_user_made_is_neither_mapped_nor_learned_from(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        own = held(session, user_id, "Mara swims.", author=None)
        rate(session, own, "false")
        assert confidence(session, held(session, user_id, "Mara sings.")) == 0.8
        rate(session, held(session, user_id, "Mara runs."), "false")
        assert confidence(session, own) == 0.8
        assert len(ratings_to_learn(RatingRepository(session, user_id).oldest_first())) == 1


def test_what_is_partly_true_reads_as_a_half_whatever_comes(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        memory = held(session, user_id, "Mara swims.")
        rate(session, memory, "partly")
        later = MemoryRepository(session, user_id).revise(memory, MONDAY, confidence=0.95)
        [belief] = read_beliefs(session, user_id, [later]).values()
        assert belief == Belief(0.5, mark="partly")


def test_private_stays_whatever_else_is_said(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memory = held(session, user_id, "Mara swims.")
        rate(session, memory, "private", later=1)
        rate(session, memory, "partly", later=2)
        assert read_beliefs(session, user_id, [memory]) == {
            memory.id: Belief(0.5, mark="partly", private=True)
        }
