"""The right topics are found, also for questions that were never indexed; nothing else is."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from idiolect.errors import ModelError
from idiolect.handbook.background import indexing
from idiolect.handbook.handbook import LEAST_NEARNESS, MARGIN, MOST_TOPICS, Handbook
from idiolect.handbook.topics import load_topics
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.store.vectors.chroma import ChromaVectorStore
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.handbook.measure import OUTSIDE, figures, outside_questions, shipped_index
from tests.handbook.topics import topic

LAPTOP = "How do I make an old laptop faster?"
FOLLOW_UPS = (
    *("Why?", "Why does that help?", "Can you give me an example?", "For example?", "What else?"),
    *("Tell me more.", "More ideas please.", "Shorter please.", "Can you make a list?"),
    *("Anything I should watch out for?", "What should I avoid?", "How long does that take?"),
    *("Go on", "And if it still does not work?", "Which of these is best?", "thanks, and then?"),
)
TOPICS = (topic("keeping bees", "Which hive is best?"), topic("baking bread", "Why knead dough?"))


class CountingEmbedder(HashingEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += len(texts)
        return super().embed(texts)


def names(found) -> list[str]:
    return [each.topic.name for each in found]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("my notebook takes ages to start, what now", "speeding up a slow computer"),
        ("What shall we eat this evening?", "deciding what to eat tonight"),
        ("A friend wants me to come to a wedding and I can't. How do I say no nicely?", "turning"),
        ("hi", "saying hello"),
    ],
)
def test_a_question_in_other_words_finds_its_topic(
    handbook: Handbook, question: str, name: str
) -> None:
    assert question not in {ask for topic in load_topics() for ask in topic.asks}
    found = handbook.find([question])
    assert found
    assert any(each.startswith(name) for each in names(found))


@pytest.mark.parametrize(
    "question",
    ["What is the capital of Peru?", "My car will not start.", "Who won the world cup in 1998?"],
)
def test_what_it_does_not_cover_finds_nothing(handbook: Handbook, question: str) -> None:
    assert handbook.find([question]) == []


def test_asks_that_are_not_indexed_find_their_topic() -> None:
    """Every fifth ask, left out of the index; all of them: ``python -m tests.handbook.measure``."""
    index = shipped_index()
    rows = range(0, len(index.owners), 5)
    figure = figures(index.left_out(rows), index.owners[rows])
    assert figure.nothing < 0.13
    assert figure.first > 0.52
    assert figure.noted > 0.64
    assert figure.among_three > 0.75
    assert figure.topics < 1.9


def test_few_questions_outside_it_find_something(embedder: BundledEmbedder) -> None:
    folder = Path(os.environ.get("IDIOLECT_DATA", ""))
    if not (folder / OUTSIDE["Arena-Hard"][0]).is_file():
        pytest.skip("IDIOLECT_DATA does not name a folder with arena-hard-prompts")
    questions = outside_questions(folder, "Arena-Hard")[::4]
    vectors = np.array(embedder.embed(questions), np.float32)
    found = shipped_index().nearness(vectors).max(axis=1) >= LEAST_NEARNESS
    assert found.mean() < 0.2


def test_what_was_measured_is_what_is_asked(handbook: Handbook, embedder: BundledEmbedder) -> None:
    index, questions = shipped_index(), [topic.asks[3] for topic in load_topics()[::60]]
    nearness = index.nearness(np.array(embedder.embed(questions), np.float32))
    for question, row in zip(questions, nearness, strict=True):
        found = handbook.find([question]) or []
        least = max(LEAST_NEARNESS, row.max() - MARGIN)
        best = [place for place in np.argsort(-row)[:MOST_TOPICS] if row[place] >= least]
        assert names(found) == [index.topics[place].name for place in best]
        assert [each.nearness for each in found] == pytest.approx(row[best], abs=2e-3)


@pytest.mark.parametrize("follow_up", FOLLOW_UPS)
def test_a_follow_up_keeps_the_topic(handbook: Handbook, follow_up: str) -> None:
    assert names(handbook.find([LAPTOP, follow_up]) or []) == ["speeding up a slow computer"]


def test_it_is_kept_over_many_follow_ups_and_lost_after_too_many(handbook: Handbook) -> None:
    assert handbook.find([LAPTOP, *["And then?"] * 7])
    assert handbook.find([LAPTOP, *["And then?"] * 8]) == []


def test_a_new_question_changes_the_subject(handbook: Handbook) -> None:
    for question in ("Any ideas for dinner?", "How can I teach my puppy to come when I call?"):
        found = handbook.find([LAPTOP, "Why?", question])
        assert "speeding up a slow computer" not in names(found or [])
        assert names(found or []) == names(handbook.find([question]) or [])


def test_the_points_nearest_to_the_question_come_first(handbook: Handbook) -> None:
    [found] = handbook.find(["My laptop is slow. Should I add memory?"]) or []
    assert "adding memory" in found.topic.points[found.best_first[0]].long
    assert sorted(found.best_first) == list(range(8))


def test_it_says_that_it_is_not_indexed(vectors: ChromaVectorStore) -> None:
    handbook = Handbook(vectors, HashingEmbedder(), TOPICS)
    assert not handbook.is_indexed
    assert handbook.find(["Which hive is best?"]) is None
    handbook.index()
    assert handbook.is_indexed
    assert names(handbook.find(["Which hive is best?"]) or []) == ["keeping bees"]
    assert handbook.find(["Xylophone"]) == []


def test_a_restart_embeds_nothing_and_a_change_embeds_again(tmp_path: Path) -> None:
    embedder = CountingEmbedder()

    def start(topics) -> Handbook:
        store = ChromaVectorStore.embedded(embedder.name, tmp_path)
        handbook = Handbook(store, embedder, topics)
        embedder.texts = 0
        handbook.index()
        assert handbook.is_indexed
        store.close()
        return handbook

    start(TOPICS)
    assert embedder.texts == 2 * (1 + 1 + 8 + 5)
    start(TOPICS)
    assert embedder.texts == 0
    start(TOPICS[:1])
    assert embedder.texts == 1 + 1 + 8 + 5
    # The earlier version is gone, so going back to it is a change as well.
    start(TOPICS)
    assert embedder.texts == 2 * (1 + 1 + 8 + 5)


def test_an_index_that_was_not_finished_is_made_again(vectors: ChromaVectorStore) -> None:
    handbook = Handbook(vectors, HashingEmbedder(), TOPICS)
    handbook.index()
    vectors.delete(handbook._means, ["keeping-bees"])
    assert not handbook.is_indexed
    handbook.index()
    assert handbook.is_indexed


def test_users_and_the_handbook_do_not_touch_each_other(vectors: ChromaVectorStore) -> None:
    embedder = HashingEmbedder()
    handbook = Handbook(vectors, embedder, TOPICS)
    handbook.index()
    [vector] = embedder.embed(["Which hive is best?"])
    assert vectors.query("usr_mara", vector, 5) == []
    vectors.upsert("usr_mara", ["mem_1"], [vector], [{}])
    vectors.drop("usr_mara")
    assert handbook.is_indexed
    vectors.upsert("usr_mara", ["mem_1"], [vector], [{}])
    Handbook(vectors, embedder, TOPICS[:1]).index()
    assert not handbook.is_indexed
    assert [match.id for match in vectors.query("usr_mara", vector, 5)] == ["mem_1"]


def test_it_can_be_stopped(vectors: ChromaVectorStore) -> None:
    embedder = CountingEmbedder()
    handbook = Handbook(vectors, embedder, [topic(f"topic no {n}", "How?") for n in range(40)])
    answers = iter([False, True])
    handbook.index(lambda: next(answers))
    assert embedder.texts == 16 * (1 + 1 + 8 + 5)
    assert not handbook.is_indexed


def test_it_is_indexed_beside_what_runs(vectors: ChromaVectorStore) -> None:
    handbook = Handbook(vectors, HashingEmbedder(), TOPICS)
    with indexing(handbook):
        for thread in threads():
            thread.join(10)
        assert handbook.is_indexed
    assert threads() == []
    with indexing(None):
        assert threads() == []


def test_an_embedder_that_fails_stops_nothing_else(vectors: ChromaVectorStore) -> None:
    class Broken(HashingEmbedder):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            raise ModelError("the embedding server went away")

    with capture_logs() as logs, indexing(Handbook(vectors, Broken(), TOPICS)):
        for thread in threads():
            thread.join(10)
    assert [entry["event"] for entry in logs] == ["handbook.not_indexed"]


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "handbook"]
