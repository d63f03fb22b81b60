"""The vectors that ship are those of the topics and the embedder that ship."""

import numpy as np
import pytest

from idiolect.handbook import vectors
from idiolect.handbook.topics import load_topics
from idiolect.handbook.vectors import (
    TopicVectors,
    embed_topics,
    key_of,
    read_shipped,
    texts,
    topic_vectors,
    write_shipped,
)
from idiolect.lm.embedding.bundled import BundledEmbedder
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.handbook.topics import topic


def test_they_are_of_these_very_texts(embedder: BundledEmbedder) -> None:
    topics = load_topics()
    shipped = read_shipped(key_of(topics, embedder))
    assert shipped is not None, "run `python -m idiolect.handbook.vectors`"
    assert shipped.means.shape == (616, 384)
    assert shipped.asks.shape == (616 * 8, 384)
    some = [0, 300, 615]
    made = embed_topics([topics[place] for place in some], embedder)
    assert made is not None
    asks = shipped.asks.reshape(616, 8, 384)[some].reshape(-1, 384)
    for stored, fresh in ((shipped.means[some], made.means), (asks, made.asks)):
        # A component is rounded to a step of 1/127 of the largest, some 0.3: by 0.0012 at most.
        assert np.abs(stored - fresh).max() < 0.0013
        lengths = np.linalg.norm(stored, axis=1) * np.linalg.norm(fresh, axis=1)
        assert ((stored * fresh).sum(axis=1) / lengths).min() > 0.999


def test_a_changed_text_or_another_embedder_has_another_key(embedder: BundledEmbedder) -> None:
    bees, ants = topic("keeping bees", "How?"), topic("keeping ants", "How?")
    assert len({key_of([bees], embedder), key_of([ants], embedder)}) == 2
    assert key_of([bees], HashingEmbedder()) != key_of([bees], embedder)
    assert read_shipped(key_of([bees], embedder)) is None


def test_a_mean_is_of_all_texts_and_asks_come_topic_by_topic() -> None:
    bees, ants = topic("keeping bees", "Which hive?", "When?"), topic("keeping ants", "What farm?")
    made = topic_vectors([bees, ants], HashingEmbedder(), lambda: False)
    assert made is not None
    assert texts(bees)[:3] == ("Which hive?", "When?", "keeping bees")
    assert len(texts(bees)) == 2 + 1 + 8 + 5
    expected = np.mean(HashingEmbedder().embed(texts(bees)), axis=0)
    assert made.means[0] == pytest.approx(expected, abs=1e-6)
    assert made.asks == pytest.approx(
        np.array(HashingEmbedder().embed(["Which hive?", "When?", "What farm?"]))
    )


def test_it_can_be_stopped() -> None:
    assert topic_vectors([topic("keeping bees", "How?")], HashingEmbedder(), lambda: True) is None


def test_what_is_written_is_read_under_its_key_alone(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "SHIPPED_FILE", tmp_path / "vectors.npz")
    assert read_shipped("any") is None
    made = TopicVectors(np.array([[0.5, -0.254]], np.float32), np.array([[1.27, 0.0]], np.float32))
    write_shipped("ours", made)
    read = read_shipped("ours")
    assert read is not None
    # The largest is 1.27, so a step is 0.01: -0.254 becomes -0.25.
    assert read.means == pytest.approx(np.array([[0.5, -0.25]]))
    assert read.asks == pytest.approx(np.array([[1.27, 0.0]]))
    assert read_shipped("another") is None
