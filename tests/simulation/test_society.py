"""People of a set like topics besides manners, and what they read about shows it."""

from statistics import fmean, pstdev

import pytest

from idiolect.handbook.topics import load_topics
from idiolect.simulation.attributes.areas import areas
from idiolect.simulation.attributes.topic import PREFIX
from idiolect.simulation.lives.strands.interests import liked_areas
from idiolect.simulation.people import Person
from idiolect.simulation.society import Design, Society
from idiolect.simulation.utility import Liking, Utility

AREAS = {topic.name: topic.area for topic in load_topics()}


@pytest.fixture(scope="module")
def society() -> Society:
    return Society.draw(Design(people=8, days=7, choices=4, seed=2))


def test_everybody_likes_two_areas(society: Society) -> None:
    for person in society.people:
        liked = [name for name in person.utility.likings if name.startswith(PREFIX)]
        assert len(liked) == 2
        assert set(liked) <= set(areas())
        assert all(person.utility.likings[name].weight > 0 for name in liked)


def test_what_somebody_comes_back_to_is_of_an_area_that_they_like(society: Society) -> None:
    for member in society.members():
        read_about = {
            AREAS[fact.statement.rstrip(".").partition(" is interested in ")[2]]
            for fact in member.life.truth.facts
            if fact.kind == "interest"
        }
        assert read_about
        assert read_about <= liked_areas(member.person)


def test_thumbs_show_a_liked_topic_and_pairs_on_one_question_do_not(society: Society) -> None:
    name = "topic:food and health"
    worths = {
        offered.context[0]["content"]: [society.features(reply)[name] for reply in offered.replies]
        for offered in society.candidates
    }
    within = fmean(pstdev(of_question) for of_question in worths.values())
    across = pstdev(fmean(of_question) for of_question in worths.values())
    assert within < across / 2
    # Who likes nothing but food approves of what is said about it, whatever its manner.
    eater = Person("eater", "all", Utility({name: Liking(1.0)}))
    eater = eater.standardized([society.features(r) for o in society.candidates for r in o.replies])
    asked = {topic_ask: topic.area for topic in load_topics() for topic_ask in topic.asks}
    of_area: dict[bool, list[float]] = {True: [], False: []}
    for offered in society.candidates:
        is_food = asked[offered.context[0]["content"]] == "food and health"
        of_area[is_food] += [eater.worth(society.features(reply)) for reply in offered.replies]
    assert fmean(of_area[True]) > 1.0
    assert fmean(of_area[False]) < 0.0
