"""The composing program keeps its promises: styles are what they say, facts are in the context."""

import dataclasses
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.handbook.notes import NOTHING_NOTED, heading, section
from idiolect.personalize.conditioning import KNOWLEDGE_HEADING
from idiolect.personalize.profile import RULES
from idiolect.usermodel.charter.subjects import sentence
from tools.bundled_model import styles
from tools.bundled_model.bank import held_out_ask, load_style_messages, load_topics
from tools.bundled_model.compose import KINDS, Composer, Dialogue, Kind
from tools.bundled_model.context import ATTRIBUTES, style_paragraph
from tools.bundled_model.instructions import HELD_OUT_WORDINGS, WORDINGS
from tools.bundled_model.knowledge import MAX_PROPOSITIONS, pluralize_verb, proposition
from tools.bundled_model.phrases import ABSENT
from tools.bundled_model.replies import compose_recall, compose_reply, observed_style, tone_of
from tools.bundled_model.styles import ALL_STYLES, HELD_OUT_STYLES, TRAINING_STYLES, Format, Style

TOPICS = load_topics()
COMPOSER = Composer(TOPICS, load_style_messages(held_out=False))


@pytest.fixture(scope="module")
def dialogues() -> list[Dialogue]:
    rng = random.Random(7)
    kinds: list[Kind] = ["recall", *["advice"] * 9]
    return [COMPOSER.draw(rng, rng.choice(kinds)) for _ in range(1500)]


def test_word_counts_leave_out_list_markers_and_emoji() -> None:
    # Here, are, two, Sit, down, Don't, rush: seven words.
    assert styles.count_words("Here are two: 😊\n1. Sit down\n2. Don't rush") == 7


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("One - two 1. three", "prose"),
        ("Ideas:\n- one\n- two", "bullets"),
        ("Ideas:\n1. one\n2. two", "steps"),
        ("Only one line is no list:\n- one", "prose"),
    ],
)
def test_the_layout_is_read_from_marked_lines(text: str, layout: str) -> None:
    assert styles.format_of(text) == layout


@pytest.mark.parametrize(
    ("text", "asks"),
    [("Is it?", True), ("Is it? 😊", True), ("Is it? Yes.", False), ("Sun ☀️", False)],
)
def test_a_closing_question_may_be_followed_by_an_emoji(text: str, asks: bool) -> None:
    assert styles.ends_with_question(text) is asks


@given(style=st.sampled_from(ALL_STYLES), topic=st.sampled_from(TOPICS), seed=st.integers(0, 999))
@settings(max_examples=150, deadline=None)
def test_a_composed_reply_has_exactly_the_style_asked_for(style, topic, seed) -> None:
    reply = compose_reply(topic, style, random.Random(seed))
    if reply is not None:
        assert observed_style(reply) == style


def test_nearly_every_style_can_be_composed() -> None:
    rng = random.Random(3)
    composed = [compose_reply(rng.choice(TOPICS), s, rng) is not None for s in ALL_STYLES * 3]
    assert sum(composed) / len(composed) > 0.9


def test_a_formal_reply_has_no_contractions_and_a_warm_one_keeps_its_tie() -> None:
    topic = TOPICS[0]
    tie = topic.facts[0].tie
    formal = Style("long", "prose", "formal", emoji=False, question=False)
    warm = dataclasses.replace(formal, tone="warm")
    for seed in range(20):
        text = compose_reply(topic, formal, random.Random(seed), tie=tie)
        assert text is not None
        assert "'" not in text
        assert tie in text
        friendly = compose_reply(topic, warm, random.Random(seed), tie=tie)
        assert friendly is not None
        assert tone_of(friendly) == "warm"


@pytest.mark.parametrize("layout", ["bullets", "steps"])
def test_points_are_said_from_the_first_on(layout: Format) -> None:
    for seed in range(40):
        topic = TOPICS[seed]
        style = Style("medium", layout, "formal", emoji=False, question=False)
        reply = compose_reply(topic, style, random.Random(seed))
        assert reply is not None
        items = [line.split(" ", 1)[1] for line in reply.splitlines() if re.match(r"-|\d", line)]
        assert len(items) >= 2
        for item, point in zip(items, topic.points, strict=False):
            assert item in (point.short, point.long)


def test_recall_repeats_every_fact_in_the_second_person() -> None:
    style = Style("short", "bullets", "neutral", emoji=False, question=True)
    reply = compose_recall(["keep bees", "live in Lisbon"], style, random.Random(0))
    assert reply is not None
    assert "- You keep bees\n- You live in Lisbon\n" in reply
    assert reply.endswith("?")


def test_a_fact_that_is_used_stands_in_the_context(dialogues: list[Dialogue]) -> None:
    used = [d for d in dialogues if d.tie is not None]
    assert len(used) > 300
    facts = {fact.tie: fact.text for topic in TOPICS for fact in topic.facts}
    for dialogue in used:
        # The subject may be plural, and then the verb is too.
        predicate = facts[dialogue.tie]
        system = dialogue.messages[0]["content"]
        assert f" {predicate}." in system or f" {pluralize_verb(predicate)}." in system


def test_the_system_message_keeps_the_contract(dialogues: list[Dialogue]) -> None:
    kinds = set()
    for dialogue in dialogues:
        first = dialogue.messages[0]
        if first["role"] != "system":
            kinds.add("none")
            continue
        paragraph, heading, knowledge = first["content"].partition(KNOWLEDGE_HEADING)
        kinds.add((bool(paragraph), bool(heading)))
        if heading:
            assert not paragraph or paragraph.endswith("\n\n")
            stated, _, _ = knowledge.partition("\n\n")
            lines = stated.removeprefix("\n").split("\n")
            assert 1 <= len(lines) <= MAX_PROPOSITIONS
            assert all(line.startswith("- ") and line.endswith(".") for line in lines)
    assert kinds == {"none", (True, False), (False, True), (True, True)}


def test_turns_alternate_and_end_with_a_reply(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        roles = [m["role"] for m in dialogue.messages if m["role"] != "system"]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
    assert any(len(d.messages) > 3 for d in dialogues)


def test_every_reply_has_the_style_that_the_dialogue_names(dialogues: list[Dialogue]) -> None:
    assert [d.topic for d in dialogues if observed_style(d.reply) != d.style] == []


def test_what_is_held_out_never_appears() -> None:
    rng = random.Random(8)
    dialogues = [COMPOSER.draw(rng, kind) for kind in KINDS for _ in range(250)]
    assert set(TRAINING_STYLES).isdisjoint(HELD_OUT_STYLES)
    assert {d.style for d in dialogues}.isdisjoint(HELD_OUT_STYLES)
    asks = {held_out_ask(topic.id) for topic in TOPICS}
    kept_wordings = {w for of in HELD_OUT_WORDINGS.values() for some in of.values() for w in some}
    for dialogue in dialogues:
        assert dialogue.prompt[-1]["content"] not in asks
        assert not any(w in dialogue.messages[0]["content"] for w in kept_wordings)


def test_an_open_style_is_drawn_from_all_of_them(dialogues: list[Dialogue]) -> None:
    free = [d.style for d in dialogues if d.messages[0]["role"] == "user"]
    assert {s.length for s in free} == {"short", "medium", "long"}
    assert {s.format for s in free} == {"prose", "bullets", "steps"}
    assert 0.35 < sum(s.emoji for s in free) / len(free) < 0.65


def test_the_same_seed_gives_the_same_dialogue() -> None:
    for kind in KINDS:
        first, again, other = (COMPOSER.draw(random.Random(seed), kind) for seed in (5, 5, 6))
        assert first == again != other


def test_no_held_out_wording_stands_in_what_is_learned() -> None:
    held_out = [w for of in HELD_OUT_WORDINGS.values() for some in of.values() for w in some]
    learned = [w for of in WORDINGS.values() for some in of.values() for w in some]
    learned += [style.text for style in load_style_messages(held_out=False)]
    assert [w for w in held_out if any(w in text for text in learned)] == []


def test_what_the_platform_says_of_a_style_is_learned() -> None:
    learned = {w for of in WORDINGS.values() for some in of.values() for w in some}
    said = {
        sentence(rule.subject, value)
        for rule in RULES
        if rule.subject in ATTRIBUTES
        for value in (rule.wanted, rule.refused)
    }
    assert said <= learned
    style = Style("short", "bullets", "warm", emoji=False, question=True)
    rng = random.Random(1)
    drawn = [style_paragraph(style, rng, attributes=("length",)) for _ in range(1000)]
    share = sum("Keep it short." in text or "Be brief." in text for text in drawn) / 1000
    # Of 85 % sentences, 30 % are the platform's.
    assert 0.2 < share < 0.32


def test_a_named_attribute_is_asked_for_in_kept_words_only() -> None:
    style = Style("short", "bullets", "warm", emoji=True, question=True)
    text = style_paragraph(
        style, random.Random(1), attributes=("format", "emoji"), held_out_wording=True
    )
    assert any(wording in text for wording in HELD_OUT_WORDINGS["format"]["bullets"])
    assert any(wording in text for wording in HELD_OUT_WORDINGS["emoji"][True])
    assert not any(wording in text for wording in HELD_OUT_WORDINGS["length"]["short"])


@pytest.mark.parametrize(
    ("predicate", "plural"),
    [
        ("keeps bees", "keep bees"),
        ("is learning the piano", "are learning the piano"),
        ("often forgets keys", "often forget keys"),
        ("studies law", "study law"),
        ("teaches", "teach"),
        ("organizes trips", "organize trips"),
        ("grew up by the sea", "grew up by the sea"),
    ],
)
def test_verbs_become_plural(predicate: str, plural: str) -> None:
    assert pluralize_verb(predicate) == plural
    assert proposition(predicate, "They") == f"They {plural}."
    assert proposition(predicate, "Mara") == f"Mara {predicate}."


def test_a_reply_from_notes_stands_in_its_context() -> None:
    rng = random.Random(11)
    for _ in range(500):
        one = COMPOSER.draw(rng, "notes")
        assert one.noted is not None
        assert section(one.noted) in one.messages[0]["content"]
        assert observed_style(one.reply) == one.style
        if one.tie is not None and one.style.tone in ("neutral", "formal"):
            assert one.tie in one.reply


def test_a_later_question_is_answered_from_the_notes_too() -> None:
    rng = random.Random(12)
    sentences = {long for topic in TOPICS for _, long in topic.points}
    later = 0
    for _ in range(150):
        one = COMPOSER.draw(rng, "notes")
        for reply in one.messages[len(one.prompt) + 2 :: 2]:
            said = {sentence for sentence in sentences if sentence in reply["content"]}
            assert all(sentence in one.messages[0]["content"] for sentence in said)
            later += bool(said)
    assert later > 30


def test_what_is_not_noted_is_said_to_be_absent() -> None:
    rng = random.Random(13)
    systems = []
    for _ in range(200):
        one = COMPOSER.draw(rng, "absent")
        systems.append(one.messages[0]["content"])
        assert heading(one.topic) not in systems[-1]
        assert any(phrase in one.reply for phrase in ABSENT)
        assert observed_style(one.reply) == one.style
    # With no other topic drawn, one time in three, the context says that nothing is noted.
    assert 45 < sum(NOTHING_NOTED in system for system in systems) < 95
    assert 70 < sum(KNOWLEDGE_HEADING in system for system in systems) < 150
    assert all((NOTHING_NOTED in system) != ("Notes on " in system) for system in systems)


def test_a_later_reply_says_no_point_twice() -> None:
    rng = random.Random(14)
    later = 0
    for _ in range(600):
        one = COMPOSER.draw(rng, "advice")
        points = next(topic.points for topic in TOPICS if topic.name == one.topic)
        for reply in one.messages[len(one.prompt) + 2 :: 2]:
            said = [p for p in points if p.long in one.reply and p.long in reply["content"]]
            assert said == []
            later += 1
    assert later > 20
