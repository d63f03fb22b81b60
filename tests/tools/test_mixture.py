"""The stages share out the lessons as they say, and nothing held out is among them."""

import random
from pathlib import Path

import pytest

from idiolect.handbook.notes import NOTHING_NOTED, heading
from idiolect.personalize.conditioning import KNOWLEDGE_HEADING
from tools.bundled_model.bank import held_out_ask, load_style_messages, load_topics, style_of
from tools.bundled_model.conversations import (
    MOST_CHARACTERS,
    draw_everyday,
    draw_stretch,
    draw_talk,
    everyday_replies,
)
from tools.bundled_model.mixture import STAGES, Lesson, Mixture, published_dialogues
from tools.bundled_model.styles import TRAINING_STYLES

PUBLISHED = [
    [
        {"role": "user" if turn % 2 == 0 else "assistant", "content": f"turn {turn} " + "x" * 90}
        for turn in range(40)
    ]
]
MIXTURE = Mixture(load_topics(), load_style_messages(held_out=False), PUBLISHED)


def test_stages_cover_the_run_with_kinds_that_there_are() -> None:
    assert [stage.until for stage in STAGES] == sorted(stage.until for stage in STAGES)
    assert STAGES[-1].until == 1.0
    for stage in STAGES:
        assert sum(stage.shares.values()) == pytest.approx(1.0)
        for kind in stage.shares:
            assert MIXTURE.kind(kind)(random.Random(0)).messages


@pytest.mark.parametrize(("progress", "stage"), [(0.0, 0), (0.3, 1), (0.9, 2), (1.0, 2)])
def test_lessons_are_drawn_by_the_shares_of_their_stage(progress: float, stage: int) -> None:
    rng = random.Random(1)
    lessons = [MIXTURE.draw(rng, progress) for _ in range(1500)]
    published = sum(lesson.whole for lesson in lessons) / len(lessons)
    assert published == pytest.approx(STAGES[stage].shares["published"], abs=0.04)


def test_the_same_seed_draws_the_same() -> None:
    draws = [[MIXTURE.draw(random.Random(seed), 0.9) for _ in range(3)] for seed in (2, 2, 3)]
    assert draws[0] == draws[1] != draws[2]


def test_no_held_out_topic_is_noted_or_asked_about() -> None:
    held_out = load_topics(held_out=True)
    every = [*held_out, *load_topics()]
    asks = {ask for topic in held_out for ask in topic.asks} | {held_out_ask(t.id) for t in every}
    headings = [heading(topic.name) for topic in held_out]
    assert len(held_out) > 50
    rng = random.Random(3)
    for _ in range(600):
        lesson: Lesson = MIXTURE.draw(rng, 0.9)
        said = [message["content"] for message in lesson.messages]
        assert asks.isdisjoint(said)
        assert not any(line in said[0].split("\n") for line in headings)


def test_no_held_out_message_or_combination_is_in_any_lesson() -> None:
    messages = [message.text for message in load_style_messages(held_out=True)]
    rng = random.Random(6)
    for kind in STAGES[-1].shares:
        for _ in range(200):
            system = MIXTURE.kind(kind)(rng).messages[0]["content"]
            assert not any(system.startswith(message) for message in messages)
    styles = {style_of(reply["values"]) for _, reply in everyday_replies(held_out=False)}
    assert styles <= set(TRAINING_STYLES)
    apart, learned = (everyday_replies(held_out=held_out) for held_out in (True, False))
    assert len(apart) + len(learned) == 3 * 1039
    assert {reply["text"] for _, reply in apart}.isdisjoint(r["text"] for _, r in learned)


def test_talks_stand_under_empty_notes_now_and_then() -> None:
    rng = random.Random(7)
    noted = [NOTHING_NOTED in draw_talk(rng)[0]["content"] for _ in range(200)]
    assert 0.35 < sum(noted) / len(noted) < 0.65


def test_a_stretch_begins_with_the_user_and_fits() -> None:
    rng = random.Random(4)
    starts = set()
    for _ in range(50):
        stretch = draw_stretch(PUBLISHED, rng)
        assert stretch[0]["role"] == "user"
        assert sum(len(message["content"]) for message in stretch) <= MOST_CHARACTERS
        starts.add(stretch[0]["content"])
    assert len(starts) > 5


def test_a_reply_that_uses_a_fact_is_told_it() -> None:
    rng = random.Random(5)
    told = [KNOWLEDGE_HEADING in draw_everyday(rng)[0]["content"] for _ in range(300)]
    assert 0.2 < sum(told) / len(told) < 0.9


def test_published_dialogues_must_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDIOLECT_DATA", raising=False)
    with pytest.raises(SystemExit, match="Set IDIOLECT_DATA"):
        published_dialogues(held_out=False)
    monkeypatch.setenv("IDIOLECT_DATA", str(Path(__file__).parent))
    with pytest.raises(FileNotFoundError):
        published_dialogues(held_out=False)
