"""Notes hold all that a reply from them may say, and nothing else."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.handbook.notes import ASK_BACK, heading
from idiolect.handbook.topics import Topic
from tools.bundled_model.bank import load_topics
from tools.bundled_model.notes import clause, neighbors, take_notes, tie_of
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
    notes = take_notes(topic, rng, style)
    reply = compose_reply(notes.topic, style, rng)
    if reply is None:
        return
    sentences = {line.removeprefix(f"{ASK_BACK} ") for line in notes.lines}
    if style.format == "prose" and style.tone in ("neutral", "formal"):  # nothing is contracted
        for sentence in sentences ^ {long for _, long in topic.points}:
            assert (sentence in reply) <= (sentence in sentences)
    shorts = {word for short, _ in notes.topic.points for word in words(short)}
    said = words(" ".join(sentences)) | shorts | words(topic.name) | _ALWAYS
    strange = {word for word in words(reply) - said if "'" not in word}
    assert not strange


def test_there_is_enough_for_every_style() -> None:
    rng = random.Random(0)
    made = [
        compose_reply(take_notes(topic, rng, style).topic, style, rng) is not None
        for topic in TOPICS[:30]
        for style in ALL_STYLES
    ]
    assert sum(made) / len(made) > 0.85


def test_notes_are_a_list_under_their_topic() -> None:
    notes = take_notes(TOPICS[0], random.Random(1))
    first, *lines = notes.section.split("\n")
    assert first == heading(TOPICS[0].name) == f"Notes on {TOPICS[0].name}:"
    assert lines == [f"- {line}" for line in notes.lines]
    longs = [long for _, long in TOPICS[0].points]
    places = [longs.index(long) for _, long in notes.topic.points]
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
    drawn = neighbors(TOPICS, TOPICS[0], 200, random.Random(2))
    assert TOPICS[0] not in drawn
    share = sum(other.area == TOPICS[0].area for other in drawn) / len(drawn)
    assert 0.35 < share < 0.65


def test_a_tie_joins_the_fact_to_a_noted_point() -> None:
    notes = take_notes(TOPICS[0], random.Random(3))
    tie = tie_of("keep bees", notes, random.Random(3))
    assert tie.startswith("Since you keep bees, ")
    rest = tie.removeprefix("Since you keep bees, ")
    assert rest[0].islower()
    assert any(rest[1:] == long[1:] for _, long in notes.topic.points)
