"""What a mark does to a proposition, to its author's others, and to who is shown it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from idiolect.errors import ConflictError, NotFoundError
from idiolect.store.database import Database
from idiolect.store.models import Memory, Rating
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import USER, MemoryEventRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.calibration.reading import Belief, read_beliefs
from idiolect.usermodel.calibration.report import ENOUGH
from idiolect.usermodel.memory.act import ASSISTANTS, PRIVATE
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from tests.conftest import add_user
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.seeds import MONDAY, days

PIANO, ORGAN = "Mara plays the piano.", "Mara plays the organ."


class Bench:
    """A user model over one database and Chroma, and its clock."""

    def __init__(self, database: Database, vectors: ChromaVectorStore, user_id: str) -> None:
        self.database, self.user_id = database, user_id
        self.now = MONDAY
        self.model = UserModel(
            database, vectors, HashingEmbedder(), (), RulesRelater(), lambda: self.now
        )

    def hold(self, text: str, **changes) -> str:
        fields = {"state": "activated", "confidence": 0.8, "durability": 0.5} | changes
        fields.setdefault("payload", {"author": "pattern"})
        with self.database.transaction() as session:
            memories = MemoryRepository(session, self.user_id)
            memory = memories.add("proposition", MONDAY, text=text, supported_at=MONDAY, **fields)
        self.model.reindex(self.user_id)
        return memory.id

    def rate(self, memory_id: str, *marks) -> Memory:
        for mark in marks:
            self.now += days(1)
            rated = self.model.ratings.rate(self.user_id, memory_id, mark)
        return rated

    def belief(self, memory: Memory) -> Belief:
        with self.database.transaction() as session:
            return read_beliefs(session, self.user_id, [memory])[memory.id]

    def ratings(self) -> list[Rating]:
        with self.database.transaction() as session:
            return list(session.scalars(select(Rating).order_by(Rating.at)))

    def found(self, query: str, **how) -> list[str]:
        return [one.memory.text for one in self.model.search(self.user_id, query, **how)]


@pytest.fixture
def bench(database: Database, user_id: str, tmp_path: Path) -> Iterator[Bench]:
    vectors = ChromaVectorStore.embedded("hashing-256", tmp_path / "chroma")
    yield Bench(database, vectors, user_id)
    vectors.close()


def test_a_rating_keeps_the_author_and_the_raw_confidence_of_its_moment(bench: Bench) -> None:
    piano = bench.hold(PIANO)
    bench.rate(piano, "false")
    [rating] = bench.ratings()
    assert (rating.author, rating.raw, rating.mark) == ("pattern", 0.8, "false")
    assert (rating.memory_id, rating.at) == (piano, MONDAY + days(1))


def test_true_confirms(bench: Bench) -> None:
    rated = bench.rate(bench.hold(PIANO), "true")
    assert (rated.state, rated.confidence, rated.payload["verdict"]) == (
        "activated",
        0.97,
        "confirmed",
    )
    assert rated.supported_at == MONDAY + days(1)
    assert bench.belief(rated) == Belief(0.97, mark="true")


def test_false_rejects(bench: Bench) -> None:
    rated = bench.rate(bench.hold(PIANO), "false")
    assert (rated.state, rated.confidence, rated.payload["verdict"]) == (
        "archived",
        0.01,
        "rejected",
    )
    assert bench.found("piano") == []


def test_partly_keeps_it_and_reads_as_a_half(bench: Bench) -> None:
    rated = bench.rate(bench.hold(PIANO), "partly")
    assert (rated.version, rated.state, rated.confidence) == (1, "activated", 0.8)
    assert bench.belief(rated) == Belief(0.5, mark="partly")
    [found] = bench.model.search(bench.user_id, "piano")
    assert found.confidence == 0.5


@pytest.mark.parametrize("verdict", ["true", "false"])
def test_partly_takes_a_verdict_back(bench: Bench, verdict: str) -> None:
    rated = bench.rate(bench.hold(PIANO), verdict, "partly")
    assert (rated.version, rated.state, rated.confidence) == (3, "activated", 0.8)
    assert "verdict" not in rated.payload
    assert rated.supported_at == MONDAY
    assert bench.belief(rated) == Belief(0.5, mark="partly")
    # The raw confidence that the map learns from is the author's each time, never a verdict's.
    assert [(rating.author, rating.raw) for rating in bench.ratings()] == [("pattern", 0.8)] * 2


def test_a_mind_changed_is_the_last_one(bench: Bench) -> None:
    rated = bench.rate(bench.hold(PIANO), "true", "false")
    assert (rated.state, rated.payload["verdict"]) == ("archived", "rejected")
    rated = bench.rate(rated.id, "true")
    assert (rated.state, rated.payload["verdict"]) == ("activated", "confirmed")
    assert bench.found("piano") == [PIANO]


def test_one_s_own_words_are_rated_as_one_s_own(bench: Bench) -> None:
    piano = bench.hold(PIANO)
    corrected = bench.model.correct(bench.user_id, piano, ORGAN)
    rated = bench.rate(corrected.id, "partly")
    assert [(one.author, one.raw) for one in bench.ratings()] == [(USER, 0.97)]
    assert bench.belief(rated) == Belief(0.5, mark="partly")
    assert bench.model.ratings.report(bench.user_id).overall.ratings == 0
    # Nor do they become the proposer's when they are no longer settled.
    assert rated.payload["author"] == USER


def test_what_was_said_of_an_author_outlasts_the_correction(bench: Bench) -> None:
    piano = bench.hold(PIANO)
    bench.rate(piano, "false")
    bench.model.correct(bench.user_id, piano, ORGAN)
    bench.rate(piano, "true")
    report = bench.model.ratings.report(bench.user_id)
    assert (report.overall.ratings, report.overall.mean_rating) == (1, 0.0)


def test_private_shares_with_nobody_and_is_found_by_its_owner_alone(bench: Bench) -> None:
    piano, _ = bench.hold(PIANO, scope=ASSISTANTS), bench.hold(ORGAN)
    rated = bench.rate(piano, "private")
    assert (rated.scope, rated.version, rated.confidence) == (PRIVATE, 1, 0.8)
    assert bench.found("plays") == [ORGAN]
    assert bench.found("") == [ORGAN]
    assert set(bench.found("plays", with_private=True)) == {PIANO, ORGAN}
    assert set(bench.found("", with_private=True)) == {PIANO, ORGAN}
    with bench.database.transaction() as session:
        [*_, event] = MemoryEventRepository(session, bench.user_id).oldest_first()
    assert (event.verb, event.actor, event.reason) == ("unshare", USER, "rated private")


def test_saying_that_it_is_true_does_not_give_away_what_is_private(bench: Bench) -> None:
    rated = bench.rate(bench.hold(PIANO), "private", "true")
    assert bench.belief(rated) == Belief(0.97, mark="true", private=True)
    assert bench.found("piano") == []


def test_ratings_can_be_taken_back(bench: Bench) -> None:
    piano, organ = bench.hold(PIANO), bench.hold(ORGAN)
    bench.rate(piano, "private", "false")
    freed = bench.model.ratings.withdraw(bench.user_id, piano)
    assert (freed.state, freed.confidence) == ("activated", 0.8)
    assert bench.belief(freed) == Belief(0.8)
    assert bench.ratings() == []
    assert set(bench.found("plays")) == {PIANO, ORGAN}
    # Where there is nothing to take back, nothing happens.
    assert bench.model.ratings.withdraw(bench.user_id, organ).version == 1


def test_what_was_no_longer_so_is_so_no_more_when_its_rating_is_taken_back(bench: Bench) -> None:
    rated = bench.rate(bench.hold(PIANO, state="archived"), "true")
    assert rated.state == "activated"
    assert bench.model.ratings.withdraw(bench.user_id, rated.id).state == "archived"


def test_a_correction_outlasts_what_was_said_of_it(bench: Bench) -> None:
    corrected = bench.model.correct(bench.user_id, bench.hold(PIANO), ORGAN)
    rejected = bench.rate(corrected.id, "false")
    assert rejected.payload["verdict"] == "rejected"
    freed = bench.model.ratings.withdraw(bench.user_id, corrected.id)
    assert (freed.text, freed.confidence, freed.state) == (ORGAN, 0.97, "activated")
    assert freed.payload["verdict"] == "corrected"


def test_what_the_user_stated_is_their_word_again_without_its_rating(bench: Bench) -> None:
    stated = bench.hold(PIANO, confidence=0.9, payload={"verdict": "stated"})
    rejected = bench.rate(stated, "false")
    assert (rejected.state, rejected.payload["verdict"]) == ("archived", "rejected")
    freed = bench.model.ratings.withdraw(bench.user_id, stated)
    assert (freed.state, freed.confidence, freed.payload["verdict"]) == ("activated", 0.9, "stated")
    assert bench.belief(bench.rate(stated, "partly")).confidence == 0.5


def test_ratings_of_one_author_turn_the_ranking(bench: Bench) -> None:
    sure = bench.hold(PIANO, confidence=0.9, payload={"author": "boaster"})
    bench.hold(ORGAN, confidence=0.85, payload={"author": "pattern"})
    assert bench.found("plays") == [PIANO, ORGAN]
    for number in range(10):
        wrong = bench.hold(
            f"Statement {number} of nothing.", confidence=0.9, payload={"author": "boaster"}
        )
        bench.rate(wrong, "false")
        right = bench.hold(
            f"Sentence {number} of something.", confidence=0.85, payload={"author": "pattern"}
        )
        bench.rate(right, "true")
    assert bench.found("plays", limit=2) == [ORGAN, PIANO]
    with bench.database.transaction() as session:
        assert MemoryRepository(session, bench.user_id).get(sure).confidence == 0.9


def test_the_report_is_the_user_s_own(bench: Bench) -> None:
    otto = add_user(bench.database, "Otto")
    for number in range(ENOUGH):
        bench.rate(
            bench.hold(f"Statement {number} of something."), "true" if number % 2 else "false"
        )
    report = bench.model.ratings.report(bench.user_id)
    assert report.overall.ratings == ENOUGH
    assert report.overall.mean_rating == 0.5
    # All were held with 0.8 and half are true: ((0.8 - 1)^2 + 0.8^2) / 2, and 0.8 - 0.5.
    assert report.overall.raw.brier == pytest.approx(0.34)
    assert report.overall.raw.calibration_error == pytest.approx(0.3)
    assert report.overall.calibrated.brier is not None
    assert list(report.authors) == ["pattern"]
    assert bench.model.ratings.report(otto).overall.ratings == 0


def test_what_is_not_one_s_own_proposition_is_not_rated(bench: Bench) -> None:
    otto = add_user(bench.database, "Otto")
    piano = bench.hold(PIANO)
    with bench.database.transaction() as session:
        memories = MemoryRepository(session, bench.user_id)
        profile = memories.add("profile", MONDAY, text="Be brief.", state="activated")
        merged = memories.add("proposition", MONDAY, text=ORGAN, state="activated")
        memories.transition(merged, "merged", MONDAY)
    for user_id, memory_id in [(otto, piano), (bench.user_id, profile.id), (bench.user_id, "mem_")]:
        with pytest.raises(NotFoundError):
            bench.model.ratings.rate(user_id, memory_id, "true")
        with pytest.raises(NotFoundError):
            bench.model.ratings.withdraw(user_id, memory_id)
    with pytest.raises(ConflictError):
        bench.rate(merged.id, "partly")
    assert bench.ratings() == []
