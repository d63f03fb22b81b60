"""Notes hold all that a reply from them may say, and nothing else."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.handbook.notes import ASK_BACK, FEWEST_POINTS, MOST_POINTS, lines, section
from idiolect.handbook.topics import Topic
from tools.bundled_model.bank import load_topics
from tools.bundled_model.notes import clause, fitted, join, neighbors, take_notes, unsaid
from tools.bundled_model.phrases import CLOSINGS, LEAD_INS, OPENINGS
from tools.bundled_model.replies import compose_reply
from tools.bundled_model.styles import ALL_STYLES, Style

TOPICS = load_topics()
_ALWAYS = {
    word
    for pool in (*OPENINGS.values(), *CLOSINGS.values(), *LEAD_INS.values())
    for phrase in pool
    for word in re.findall(r"[a-z']+", phrase.lower())
}


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))


@given(topic=st.sampled_from(TOPICS), style=st.sampled_from(ALL_STYLES), seed=st.integers(0, 99))
@settings(max_examples=120)
def test_a_reply_from_notes_says_what_they_say(topic: Topic, style: Style, seed: int) -> None:
    rng = random.Random(seed)
    noted = take_notes(topic, rng, style)
    reply = compose_reply(noted, style, rng)
    if reply is None:
        return
    sentences = {line.removeprefix(f"{ASK_BACK} ") for line in lines(noted)}
    if style.format == "prose" and style.tone in ("neutral", "formal"):  # nothing is contracted
        for sentence in sentences ^ {long for _, long in topic.points}:
            assert (sentence in reply) <= (sentence in sentences)
    shorts = {word for short, _ in noted.points for word in words(short)}
    said = words(" ".join(sentences)) | shorts | words(topic.name) | _ALWAYS
    strange = {word for word in words(reply) - said if "'" not in word}
    assert not strange


def test_there_is_enough_for_every_style() -> None:
    rng = random.Random(0)
    made = [
        compose_reply(take_notes(topic, rng, style), style, rng) is not None
        for topic in TOPICS[:30]
        for style in ALL_STYLES
    ]
    assert sum(made) / len(made) > 0.85


def test_points_stay_in_their_order() -> None:
    noted = take_notes(TOPICS[0], random.Random(1))
    longs = [long for _, long in TOPICS[0].points]
    places = [longs.index(long) for _, long in noted.points]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Close the window at night, because rain comes in.", "Close the window at night"),
        ("Write the name on it so that nobody takes it.", "Write the name on it"),
        ("Stop, and breathe out slowly.", "Stop, and breathe out slowly."),  # one word is too few
    ],
)
def test_a_list_says_the_beginning_of_a_sentence(sentence: str, said: str) -> None:
    assert clause(sentence) == said


def test_neighbors_are_other_topics() -> None:
    rng = random.Random(2)
    draws = [neighbors(TOPICS, TOPICS[0], 4, rng) for _ in range(60)]
    assert all(len({other.id for other in draw}) == 4 for draw in draws)
    drawn = [other for draw in draws for other in draw]
    assert TOPICS[0] not in drawn
    share = sum(other.area == TOPICS[0].area for other in drawn) / len(drawn)
    assert 0.35 < share < 0.65


def test_a_tie_joins_the_fact_to_a_noted_point_that_is_not_said_again() -> None:
    noted = take_notes(TOPICS[0], random.Random(3))
    tie, left = join("keep bees", noted)
    assert tie.startswith("Since you keep bees, ")
    rest = tie.removeprefix("Since you keep bees, ")
    assert rest[0].islower()
    [joined] = set(noted.points) - set(left.points)
    assert rest[1:] == joined.long[1:]


def test_what_was_said_is_left_out() -> None:
    noted = take_notes(TOPICS[0], random.Random(4))
    first, second, *others = noted.points
    said = f"Well, {first.long}\n- {second.short}"
    assert list(unsaid(noted, said).points) == others


def test_how_much_is_noted_tells_little_of_the_style() -> None:
    rng = random.Random(5)
    short = Style("short", "prose", "neutral", emoji=False, question=False)
    for brief, share in ((False, 0.5), (True, 0.3)):
        drawn = [take_notes(rng.choice(TOPICS), rng, short, brief=brief) for _ in range(400)]
        whole = [bool(noted.technical and noted.why and noted.caution) for noted in drawn]
        assert abs(sum(whole) / 400 - share) < 0.15
        assert 0.75 < sum(bool(noted.question) for noted in drawn) / 400 < 0.95


def test_other_topics_are_cut_as_the_platform_cuts_them() -> None:
    rng = random.Random(6)
    for topic in TOPICS[:60]:
        noted = fitted(topic, 700, rng)
        assert len(section(noted)) <= 700 or len(noted.points) == FEWEST_POINTS
        assert FEWEST_POINTS <= len(noted.points) <= MOST_POINTS
