"""Notes from the handbook stand in the context: the right ones, recorded, and never too many."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from idiolect.assistant.context import Used, assemble
from idiolect.assistant.conversations import Assistant
from idiolect.assistant.feedback import Feedback
from idiolect.handbook.handbook import Handbook
from idiolect.handbook.notes import (
    FEWEST_POINTS,
    NOTHING_NOTED,
    Found,
    fit,
    heading,
    section,
)
from idiolect.handbook.topics import load_topics
from idiolect.kit.clock import utc_now
from idiolect.lm.bundled import MODEL_DIR
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.lm.protocols import ChatMessage, Role, Sampling
from idiolect.lm.scripted import ScriptedModel
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.preference import PreferenceRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.wiring import CONTEXT_CHARACTERS

QUESTION = "my notebook takes ages to start, what now?"
SLOW_COMPUTER = heading("speeding up a slow computer")
BUNDLED = CONTEXT_CHARACTERS["bundled"]
POSITIONS = 1024


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaVectorStore]:
    """One store for the handbook and for users."""
    name = BundledEmbedder().name
    store = ChromaVectorStore.embedded(name, tmp_path_factory.mktemp("vectors"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def handbook(vectors: ChromaVectorStore) -> Handbook:
    handbook = Handbook(vectors, BundledEmbedder())
    handbook.index()
    return handbook


@pytest.fixture
def user_model(database, vectors, embedder, user_id) -> Iterator[UserModel]:
    yield UserModel(database, vectors, embedder, (), RulesRelater(), utc_now)
    vectors.drop(user_id)


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(lambda messages, sampling: "Restart it.")


@pytest.fixture
def assistant_with(database, user_model, handbook) -> Callable[[ScriptedModel], Assistant]:
    """An assistant with the handbook and the bundled model's room."""

    def make(model: ScriptedModel) -> Assistant:
        return Assistant(
            database,
            user_model,
            model,
            lambda _: None,
            utc_now,
            handbook=handbook,
            context_characters=BUNDLED,
        )

    return make


@pytest.fixture
def assistant(assistant_with, model) -> Assistant:
    return assistant_with(model)


@pytest.fixture
def talk(database, user_id) -> str:
    with database.transaction() as session:
        return ConversationRepository(session, user_id).create("", utc_now()).id


def turn(role: Role, text: str) -> ChatMessage:
    return ChatMessage(role, text)


def test_notes_stand_under_what_is_known_and_are_recorded(
    assistant, model, user_id, talk, believe
) -> None:
    believe(user_id, "Mara edits videos on an old notebook.")

    *_, finished = assistant.reply(user_id, talk, QUESTION)

    acted = finished.message.acted
    known, *notes = acted["system"].split("\n\n")
    assert known == "What you know about the user:\n- Mara edits videos on an old notebook."
    assert SLOW_COMPUTER in {section.splitlines()[0] for section in notes}
    assert model.calls[0].messages[0] == turn("system", acted["system"])
    assert [heading(note["topic"]) for note in acted["notes"]] == [
        section.splitlines()[0] for section in notes
    ]
    ids = {topic.id: topic.name for topic in load_topics()}
    for note in acted["notes"]:
        assert ids[note["id"]] == note["topic"]
        assert 0.45 <= note["nearness"] <= 1
    assert [used["text"] for used in acted["memories"]] == ["Mara edits videos on an old notebook."]


def test_what_the_handbook_does_not_cover_is_said(assistant, user_id, talk) -> None:
    *_, finished = assistant.reply(user_id, talk, "What is the capital of Peru?")

    assert finished.message.acted["system"] == NOTHING_NOTED
    assert finished.message.acted["notes"] == []


def test_a_follow_up_is_answered_from_the_same_notes(assistant, model, user_id, talk) -> None:
    for text in (QUESTION, "Why?", "More ideas please."):
        list(assistant.reply(user_id, talk, text))

    first, *later = [call.messages[0].content for call in model.calls]
    assert SLOW_COMPUTER in first
    assert all(system.startswith(first.split("\n")[0]) for system in later)


def test_notes_are_no_personalization(assistant, user_id, talk, believe) -> None:
    believe(user_id, "Mara edits videos on an old notebook.")

    *_, finished = assistant.reply(user_id, talk, QUESTION, personalize=False)

    assert SLOW_COMPUTER in finished.message.acted["system"]
    assert finished.message.acted["memories"] == []
    assert "What you know" not in finished.message.acted["system"]


def test_without_a_handbook_there_are_none(database, user_model, model, user_id, talk) -> None:
    assistant = Assistant(database, user_model, model, lambda _: None, utc_now)

    *_, finished = assistant.reply(user_id, talk, QUESTION)

    assert (finished.message.acted["system"], finished.message.acted["notes"]) == ("", [])
    assert assistant.talk_characters == 8000


def test_until_it_is_indexed_there_are_none(
    database, user_model, model, user_id, embedder, tmp_path: Path
) -> None:
    empty = ChromaVectorStore.embedded(embedder.name, tmp_path / "empty")
    assistant = Assistant(
        database,
        user_model,
        model,
        lambda _: None,
        utc_now,
        handbook=Handbook(empty, embedder),
    )

    assert assistant.contextualize(user_id, [turn("user", QUESTION)]).system == ""
    empty.close()


def test_a_long_talk_keeps_its_room_and_notes_what_it_leaves(assistant, user_id) -> None:
    # Ten exchanges of 240 characters and the question: the newest four and it fit 1,100.
    exchange = [turn("user", "Q" * 120), turn("assistant", "A" * 120)]
    context = assistant.contextualize(user_id, [*exchange * 10, turn("user", QUESTION)])

    talk = sum(len(each.content) for each in context.messages[1:])
    assert assistant.talk_characters == 1100
    assert talk == 4 * 240 + len(QUESTION)
    assert SLOW_COMPUTER in context.system
    assert len(context.system) + talk <= BUNDLED
    alone = assistant.contextualize(user_id, [turn("user", QUESTION)])
    assert len(alone.system) > len(context.system)


def test_a_message_that_fills_the_context_leaves_no_room(assistant, user_id) -> None:
    long = QUESTION + " " * 2000
    context = assistant.contextualize(user_id, [turn("user", long)])

    assert context.messages == (turn("user", long),)
    assert context.notes == ()


def test_the_fullest_context_fits_the_bundled_model() -> None:
    """The longest topics, the longest talk and four facts, beside a reply of the usual length."""
    tokenizer = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json"))
    longest = sorted(load_topics(), key=lambda topic: len(section(topic)))[-3:]
    facts = [
        Used(f"mem_{n}", "Mara edits long videos on an old notebook.", 0.8, 0.6) for n in "1234"
    ]
    style = [
        Used("mem_5", "Mara prefers short answers.", 0.8, 0.5),
        Used("mem_6", "Mara dislikes emoji.", 0.8, 0.5),
    ]
    said = " ".join(ask for topic in longest for ask in topic.asks)[:1100]
    for number in (1, 2, 3):
        found = [Found(topic, 0.9, tuple(range(8))) for topic in longest[:number]]
        notes = fit(found, BUNDLED - len(said))
        context = assemble(
            [turn("user", said)], facts, style, notes, charter=default_charter(), characters=1100
        )
        tokens = sum(len(tokenizer.encode(m.content).ids) + 4 for m in context.messages)
        assert all(len(note.topic.points) >= FEWEST_POINTS for note in notes)
        assert tokens + Sampling().max_tokens <= POSITIONS


def test_preferences_have_the_context_that_was_shown(
    assistant_with, database, user_id, talk
) -> None:
    model = ScriptedModel(["Restart it. " * 40, "First.", "Second."])
    assistant = assistant_with(model)
    feedback = Feedback(
        database,
        utc_now,
        context_characters=assistant.talk_characters,
        held_out_share=0.25,
        needed=40,
    )
    list(assistant.reply(user_id, talk, "Q" * 700))
    started, *_ = list(assistant.reply(user_id, talk, QUESTION, candidates=2))
    best, other = started.replies
    feedback.choose(user_id, [best.id, other.id], "picked", best.id)

    with database.transaction() as session:
        [preference] = PreferenceRepository(session, user_id).page(limit=5, cursor=None).items
    shown = model.calls[-1].messages
    assert preference.context == [message.as_dict() for message in shown]
    assert SLOW_COMPUTER in shown[0].content
    assert len(shown) == 2  # the earlier exchange of 1,180 characters no longer fitted


def test_the_handbook_is_nothing_that_is_known_of_a_user(
    user_model, database, handbook, user_id, believe
) -> None:
    video = believe(user_id, "Mara edits videos on an old notebook.")

    assert [each.memory.id for each in user_model.search(user_id, QUESTION, 50)] == [video]
    with database.transaction() as session:
        assert MemoryRepository(session, user_id).count("proposition") == 1
        MemoryRepository(session, user_id).purge(video, utc_now())
    user_model.reindex(user_id)
    assert user_model.search(user_id, QUESTION, 50) == []
    assert handbook.is_indexed
