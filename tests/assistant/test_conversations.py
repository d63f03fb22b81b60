"""Replies: what is shown, recorded and kept, however they end."""

from collections.abc import Iterator

import pytest

from idiolect.assistant.conversations import Assistant
from idiolect.assistant.events import Failed, Finished, Started, Wrote
from idiolect.assistant.titles import title_of
from idiolect.errors import ConflictError, InvalidInputError, ModelError, NotFoundError
from idiolect.kit.clock import utc_now
from idiolect.lm.protocols import AdapterRef, Delta
from idiolect.lm.scripted import ScriptedModel
from idiolect.store.repositories.conversation import ConversationRepository, stop_abandoned
from tests.conftest import add_user


class BreakingModel:
    """Writes one word and fails."""

    name = "breaking"

    def stream(
        self, messages, sampling, *, adapter=None, json_schema=None, prefix=None
    ) -> Iterator[Delta]:
        yield Delta(0, "Well")
        raise ModelError("the model went away")


@pytest.fixture
def talk(database, user_id):
    """The id of an empty conversation."""
    with database.transaction() as session:
        return ConversationRepository(session, user_id).create("", utc_now()).id


def assistant_with(model, database, user_model, adapter=None) -> Assistant:
    return Assistant(database, user_model, model, lambda _: adapter, utc_now)


def messages_of(database, user_id, talk):
    with database.transaction() as session:
        return list(ConversationRepository(session, user_id).messages(talk))


def test_two_candidates_stream_and_are_kept(database, user_model, user_id, talk):
    model = ScriptedModel(["Good day to you", "Hi"])
    assistant = assistant_with(model, database, user_model)

    events = list(assistant.reply(user_id, talk, "Hello there", candidates=2))

    started = events[0]
    assert isinstance(started, Started)
    assert [(reply.position, reply.state) for reply in started.replies] == [
        (0, "streaming"),
        (1, "streaming"),
    ]
    pieces = {reply.id: "" for reply in started.replies}
    for event in events:
        if isinstance(event, Wrote):
            pieces[event.message_id] += event.text
    assert list(pieces.values()) == ["Good day to you", "Hi"]
    finished = [event.message for event in events if isinstance(event, Finished)]
    assert [(each.text, each.state) for each in finished] == [
        ("Good day to you", "done"),
        ("Hi", "done"),
    ]
    stored = messages_of(database, user_id, talk)
    assert [(each.role, each.text) for each in stored] == [
        ("user", "Hello there"),
        ("assistant", "Good day to you"),
        ("assistant", "Hi"),
    ]


def test_what_is_known_acts_and_is_recorded(database, user_model, user_id, talk, believe):
    video = believe(user_id, "Mara edits videos as a hobby.")
    short = believe(user_id, "Mara prefers short answers.")
    believe(user_id, "Mara has a dentist's appointment on Friday.")
    believe(add_user(database, "Otto"), "Otto edits videos of volcanoes.")
    model = ScriptedModel(["Try a jump cut."])
    adapter = AdapterRef("adp_1", path=None)
    assistant = assistant_with(model, database, user_model, adapter)

    *_, finished = assistant.reply(user_id, talk, "How do I make my video edits snappier?")

    system = "Keep it short.\n\nWhat you know about the user:\n- Mara edits videos as a hobby."
    assert model.calls[0].messages[0].content == system
    assert model.calls[0].adapter == adapter
    acted = finished.message.acted
    assert acted["system"] == system
    assert (acted["model"], acted["adapter"], acted["personalized"]) == ("scripted", "adp_1", True)
    assert [used["id"] for used in acted["memories"]] == [short, video]
    assert 0.08 <= acted["memories"][1]["relevance"] <= 1


def test_personalization_off_leaves_out_knowledge_and_adapter(
    database, user_model, user_id, talk, believe
):
    believe(user_id, "Mara edits videos as a hobby.")
    model = ScriptedModel(["Cut more."])
    assistant = assistant_with(model, database, user_model, AdapterRef("adp_1", path=None))

    *_, finished = assistant.reply(user_id, talk, "How do I edit videos?", personalize=False)

    assert [message.role for message in model.calls[0].messages] == ["user"]
    assert model.calls[0].adapter is None
    assert finished.message.acted["personalized"] is False
    assert finished.message.acted["memories"] == []


def test_the_history_follows_the_branch_that_is_answered(database, user_model, user_id, talk):
    model = ScriptedModel(["One", "Two", "Three", "Four"])
    assistant = assistant_with(model, database, user_model)
    started, *_ = list(assistant.reply(user_id, talk, "First", candidates=2))
    second = started.replies[1].id

    list(assistant.reply(user_id, talk, "Go on", parent_id=second))
    list(assistant.reply(user_id, talk, "And on"))  # no parent: where the conversation ends

    assert [m.content for m in model.calls[1].messages] == ["First", "Two", "Go on"]
    assert [m.content for m in model.calls[2].messages] == [
        "First",
        "Two",
        "Go on",
        "Three",
        "And on",
    ]


def test_a_listener_who_leaves_stops_the_reply_and_keeps_it(database, user_model, user_id, talk):
    assistant = assistant_with(ScriptedModel(["One two three"]), database, user_model)
    events = assistant.reply(user_id, talk, "Count")
    started, first, second = next(events), next(events), next(events)

    events.close()

    assert isinstance(started, Started)
    assert (first.text, second.text) == ("One ", "two ")
    reply = messages_of(database, user_id, talk)[-1]
    assert (reply.text, reply.state) == ("One two", "stopped")


def test_a_model_that_fails_leaves_a_failed_reply(database, user_model, user_id, talk):
    assistant = assistant_with(BreakingModel(), database, user_model)

    events = list(assistant.reply(user_id, talk, "Hello"))

    assert isinstance(events[-1], Failed)
    assert events[-1].error.reason_code == "MODEL_FAILED"
    reply = messages_of(database, user_id, talk)[-1]
    assert (reply.text, reply.state) == ("Well", "failed")
    with pytest.raises(ConflictError):
        next(assistant.reply(user_id, talk, "Again", parent_id=reply.id))


def test_a_conversation_deleted_meanwhile_ends_without_a_trace(database, user_model, user_id, talk):
    assistant = assistant_with(ScriptedModel(["One two"]), database, user_model)
    events = assistant.reply(user_id, talk, "Count")
    next(events)
    with database.transaction() as session:
        ConversationRepository(session, user_id).delete(talk)

    assert [type(event) for event in events] == [Wrote, Wrote]
    assert messages_of(database, user_id, talk) == []


def test_no_transaction_is_open_while_the_model_writes(database, user_model, user_id, talk):
    assistant = assistant_with(ScriptedModel(["One two"]), database, user_model)
    events = assistant.reply(user_id, talk, "Count")
    next(events)

    assert next(events) == Wrote(messages_of(database, user_id, talk)[-1].id, "One ")
    assert database.engine.pool.checkedout() == 0


def test_refuses_what_it_cannot_answer(database, user_model, user_id, talk):
    assistant = assistant_with(ScriptedModel(["One"]), database, user_model)
    started, *_ = list(assistant.reply(user_id, talk, "First"))
    stranger = add_user(database, "Otto")

    with pytest.raises(NotFoundError):
        next(assistant.reply(stranger, talk, "Hello"))
    with pytest.raises(NotFoundError):
        next(assistant.reply(user_id, talk, "Hello", parent_id="msg_none"))
    with pytest.raises(InvalidInputError):
        next(assistant.reply(user_id, talk, "Hello", parent_id=started.user_message.id))


def test_replies_of_a_process_that_died_are_stopped(database, user_model, user_id, talk):
    assistant = assistant_with(ScriptedModel(["One two"]), database, user_model)
    events = assistant.reply(user_id, talk, "Count")
    next(events)

    with database.transaction() as session:
        stop_abandoned(session)

    assert messages_of(database, user_id, talk)[-1].state == "stopped"
    list(events)  # the process was alive after all
    assert messages_of(database, user_id, talk)[-1].state == "done"


def test_the_first_words_give_the_title(database, user_model, user_id, talk):
    assistant = assistant_with(ScriptedModel(["Yes", "No"]), database, user_model)
    list(assistant.reply(user_id, talk, "  Can cats\nswim? "))
    list(assistant.reply(user_id, talk, "And dogs?"))

    with database.transaction() as session:
        assert ConversationRepository(session, user_id).get(talk).title == "Can cats swim?"
    assert title_of("word " * 20) == "word " * 11 + "word…"
    assert title_of("x" * 90) == "x" * 60 + "…"
