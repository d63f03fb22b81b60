"""Finding propositions: several questions at once, what is surest, and what a reader is shown."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel import search as module
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.search import Asker, PropositionSearch, Question
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.seeds import MONDAY, days


class CountingEmbedder(HashingEmbedder):
    """Remembers what it was asked to embed."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls.append(list(texts))
        return super().embed(texts)


class Bench:
    """A search over one database and Chroma."""

    def __init__(self, database: Database, vectors: ChromaVectorStore, user_id: str) -> None:
        self.database, self.user_id = database, user_id
        self.embedder = CountingEmbedder()
        self.index = PropositionIndex(database, vectors, self.embedder)
        self.search = PropositionSearch(database, vectors, self.embedder)

    def believe(self, *texts: str, **fields: Any) -> None:
        given = {"state": "activated", "confidence": 0.8, "durability": 0.5, **fields}
        with self.database.transaction() as session:
            memories = MemoryRepository(session, self.user_id)
            for text in texts:
                memories.add(
                    "proposition", MONDAY, **{"text": text, "supported_at": MONDAY, **given}
                )
        self.index.rebuild(self.user_id)
        self.embedder.calls.clear()

    def find(self, *texts: str, limit: int = 10, **who: Any) -> list[list[str | None]]:
        asker = Asker(self.user_id, MONDAY, **who)
        found = self.search.find(asker, [Question(text, limit) for text in texts])
        return [[each.memory.text for each in one] for one in found]


@pytest.fixture
def bench(database: Database, user_id: str, tmp_path: Path) -> Iterator[Bench]:
    vectors = ChromaVectorStore.embedded("hashing-256", tmp_path / "chroma")
    yield Bench(database, vectors, user_id)
    vectors.close()


def test_several_questions_are_embedded_at_once_and_answered_in_order(bench: Bench) -> None:
    bench.believe("Mara plays the cello.", confidence=0.5)
    bench.believe("Mara bakes bread.")

    assert bench.find("who bakes", "", "the cello", limit=1) == [
        ["Mara bakes bread."],
        ["Mara bakes bread."],
        ["Mara plays the cello."],
    ]
    assert bench.embedder.calls == [["who bakes", "the cello"]]


def test_without_a_question_the_surest_and_freshest_come_first(bench: Bench) -> None:
    # Durability 0.5 halves in 13.509 days: 0.9 · 1/2 = 0.45 lies between 0.6 and 0.3.
    bench.believe("Mara was in Leeds.", confidence=0.9, supported_at=MONDAY - days(13.509))
    bench.believe("Mara plays chess.", confidence=0.3)
    bench.believe("Mara bakes bread.", confidence=0.6)
    bench.believe("Mara swims.", confidence=0.95, state="archived")

    expected = ["Mara bakes bread.", "Mara was in Leeds.", "Mara plays chess."]
    assert bench.find("  ") == [expected]
    assert bench.find("", limit=2) == [expected[:2]]
    assert bench.embedder.calls == []


def test_of_very_many_only_the_surest_are_looked_at(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.believe("Mara was in Leeds.", confidence=0.9, supported_at=MONDAY - days(1000))
    bench.believe("Mara bakes bread.", confidence=0.6)
    assert bench.find("") == [["Mara bakes bread.", "Mara was in Leeds."]]
    monkeypatch.setattr(module, "SUREST", 1)
    assert bench.find("") == [["Mara was in Leeds."]]


@pytest.mark.parametrize("few", [0, 2000])  # looked for among all, or in what is shared
def test_one_is_shown_what_is_shared_with_one(
    bench: Bench, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEW_SHARED", few)
    bench.believe("Mara plays the cello.", scope="assistants")
    bench.believe("Mara plays the organ.", scope="key_one")
    bench.believe("Mara plays the lute.")

    for question in ("plays", ""):
        [shown] = bench.find(question, scopes=("assistants", "key_one"))
        assert sorted(map(str, shown)) == ["Mara plays the cello.", "Mara plays the organ."]
        assert bench.find(question, scopes=("assistants",)) == [["Mara plays the cello."]]
        assert bench.find(question, scopes=()) == [[]]
        assert len(bench.find(question)[0]) == 3


@pytest.mark.parametrize("few", [0, 2000])
def test_what_is_shared_is_found_behind_much_that_is_nearer(
    bench: Bench, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Function words have a part in what is near and are not looked up, so nearness alone finds it;
    # of the two neighbors that are fetched at first none is shared.
    for name, value in (("FEW_SHARED", few), ("POOL", 1), ("LEAST_POOL", 1), ("WIDER", 2)):
        monkeypatch.setattr(module, name, value)
    bench.believe("Mara walks with dogs.", scope="assistants")
    bench.believe(*(f"Mara is with the {noun}." for noun in ("cat", "hen", "cow", "goat")))

    assert bench.find("with the", limit=1, scopes=("assistants",)) == [["Mara walks with dogs."]]


def test_what_lost_its_vector_is_still_found_by_its_words(
    bench: Bench, database: Database, user_id: str
) -> None:
    bench.believe("Mara plays the cello.", scope="assistants")
    with database.transaction() as session:
        MemoryRepository(session, user_id).add(
            "proposition", MONDAY, state="activated", text="Mara tunes cellos.", confidence=0.9,
            scope="assistants", supported_at=MONDAY,
        )  # fmt: skip

    for scopes in (None, ("assistants",)):
        [found] = bench.find("cello", scopes=scopes)
        assert sorted(map(str, found)) == ["Mara plays the cello.", "Mara tunes cellos."]
