"""Candidate replies differ in what people judge by, and follow from the seed."""

import random
from dataclasses import replace
from statistics import fmean, pstdev
from typing import Any

import pytest

from idiolect.errors import InvalidInputError
from idiolect.handbook.topics import load_topics
from idiolect.simulation.attributes import ATTRIBUTES
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.writing import Manner, write_candidates, write_reply

PLAIN = Manner()
FEATURES = FeatureMap()


def mean(attribute: str, manner: Manner) -> float:
    """Of replies to thirty topics in one manner, on [0, 1]."""
    rng = random.Random(0)
    topics = load_topics()[:300:10]
    return fmean(FEATURES(write_reply(topic, manner, rng))[attribute] for topic in topics)


@pytest.mark.parametrize(
    ("attribute", "less", "more"),
    [
        ("length", {"points": 1, "is_full": False}, {"points": 6}),
        ("bullets", {}, {"layout": "bullets"}),
        ("emoji", {}, {"emoji": 2}),
        ("questions", {}, {"asks": True}),
        ("examples", {}, {"gives_example": True}),
        ("formality", {"voice": "casual"}, {"voice": "formal"}),
        ("enthusiasm", {"voice": "formal"}, {"voice": "warm"}),
        ("humor", {}, {"voice": "playful"}),
        ("hedging", {}, {"force": "suggesting"}),
        ("directness", {"force": "suggesting"}, {"force": "commanding"}),
        ("address", {"force": "own_view"}, {"force": "commanding"}),
        ("reading_level", {}, {"is_technical": True}),
        ("simplicity", {"voice": "formal"}, {"voice": "casual"}),
    ],
)
def test_a_manner_shows_in_its_attribute(
    attribute: str, less: dict[str, Any], more: dict[str, Any]
) -> None:
    assert mean(attribute, replace(PLAIN, **more)) > mean(attribute, replace(PLAIN, **less))


def test_candidates_differ_in_every_attribute() -> None:
    candidates = write_candidates(20, 6, seed=1)
    measured = [FEATURES(reply) for offered in candidates for reply in offered.replies]
    spreads = {name: pstdev(features[name] for features in measured) for name in ATTRIBUTES}
    assert min(spreads.values()) > 0.08, spreads


def test_candidates_follow_from_the_seed() -> None:
    assert write_candidates(5, 4, seed=1) == write_candidates(5, 4, seed=1)
    assert write_candidates(5, 4, seed=1) != write_candidates(5, 4, seed=2)


def test_every_topic_can_be_answered_in_different_ways() -> None:
    candidates = write_candidates(len(load_topics()), 3, seed=0)
    assert all(len(set(offered.replies)) == 3 for offered in candidates)
    assert len({offered.context[0]["content"] for offered in candidates}) > 600


@pytest.mark.parametrize(("number", "replies"), [(0, 3), (10**6, 3), (3, 1)])
def test_impossible_wishes_are_refused(number: int, replies: int) -> None:
    with pytest.raises(InvalidInputError, match="cannot be made"):
        write_candidates(number, replies, seed=0)
