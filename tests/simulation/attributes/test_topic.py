"""A topic is told by its words, or by an embedder that is passed in."""

import math
from collections.abc import Sequence

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.attributes.topic import (
    Topic,
    topic_by_embedding,
    topic_by_words,
    topics_from,
)

GARDEN = ["Water the tomato plants.", "Gardens need rain and seeds.", "Plant seeds in the garden."]
MUSIC = ["Tune the guitar strings.", "The guitar chord sounds wrong.", "Sing along with the chord."]


class TwoWays:
    """Embeds by whether a text speaks of plants or of a guitar."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors = []
        for text in texts:
            plants, guitar = float("plant" in text.lower()), float("guitar" in text.lower())
            length = math.hypot(plants, guitar) or 1.0
            vectors.append([plants / length, guitar / length])
        return vectors


def test_words_of_a_topic_are_those_it_uses_more_than_the_others() -> None:
    garden, music = topics_from({"garden": GARDEN, "music": MUSIC})
    assert {"garde", "plant", "seeds"} <= garden.stems
    assert {"guita", "chord"} <= music.stems
    assert not garden.stems & music.stems


def test_interest_is_the_share_of_content_words() -> None:
    measure = topic_by_words(Topic("garden", frozenset({"garde", "plant"})))
    # "the" is too short to count: gardener and plants of gardener, waters, plants
    assert measure("The gardener waters the plants").value == pytest.approx(2 / 3)
    assert measure("").value == 0
    assert measure.name == "topic:garden"


def test_an_embedder_tells_by_the_difference_of_cosines() -> None:
    measure = topic_by_embedding("garden", ["A plant", "Plants"], ["A guitar"], TwoWays())
    assert measure("My plants").value == pytest.approx(1.0)
    assert measure("My guitar").value == pytest.approx(-1.0)
    assert measure("My guitar among plants").value == pytest.approx(0.0)
    assert measure(" ").value == 0


@pytest.mark.parametrize(
    "texts",
    [
        {"garden": GARDEN},
        {"garden": GARDEN, "same": GARDEN},
        {"garden": GARDEN, "nothing": [""]},
        {"a": ["bread"], "b": ["bread"]},  # a single word in all
        {"a": [""], "b": [""]},
    ],
)
def test_topics_that_cannot_be_told_apart_are_refused(texts: dict[str, Sequence[str]]) -> None:
    with pytest.raises(InvalidInputError):
        topics_from(texts)


def test_a_topic_by_embedding_needs_texts_of_both_kinds() -> None:
    with pytest.raises(InvalidInputError, match="about others"):
        topic_by_embedding("garden", GARDEN, [], TwoWays())
