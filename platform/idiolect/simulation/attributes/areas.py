"""The handbook's areas as topics that people may care about: food and health, travel and places."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from idiolect.handbook.topics import load_topics
from idiolect.simulation.attributes.attribute import Checker
from idiolect.simulation.attributes.topic import topic_by_words, topics_from


@cache
def areas() -> Mapping[str, Checker]:
    """What measures how much a text is about an area, by the feature's name.

    The words are learned from everything that the handbook says, once in a process.
    """
    texts: dict[str, list[str]] = defaultdict(list)
    for topic in load_topics():
        texts[topic.area] += [*topic.asks, *(point.long for point in topic.points), topic.why]
    checkers = [topic_by_words(topic) for topic in topics_from(texts)]
    return {checker.name: checker for checker in checkers}
