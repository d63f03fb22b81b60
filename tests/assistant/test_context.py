"""What the model is shown: the right propositions in the right place, and as much as fits."""

from idiolect.assistant.context import Used, assemble, recent
from idiolect.lm.protocols import ChatMessage

VIDEO = Used("mem_1", "Mara edits videos as a hobby.", 0.8, 0.6)
SHORT = Used("mem_2", "Mara prefers short answers.", 0.9, 0.4)
PIANO = Used("mem_3", "Mara is learning the piano.", 0.7, 0.2)


def user(text: str) -> ChatMessage:
    return ChatMessage("user", text)


def assistant(text: str) -> ChatMessage:
    return ChatMessage("assistant", text)


def test_style_becomes_the_paragraph_and_facts_the_list():
    context = assemble([user("Hello")], [VIDEO, SHORT], [PIANO, SHORT], characters=100)

    assert context.system == (
        "Keep it short.\n\nWhat you know about the user:\n- Mara edits videos as a hobby."
    )
    assert context.used == (SHORT, VIDEO)
    assert context.messages == (ChatMessage("system", context.system), user("Hello"))


def test_nothing_known_means_no_system_message():
    context = assemble([user("Hello")], [], [], characters=100)

    assert (context.system, context.used, context.messages) == ("", (), (user("Hello"),))


def test_a_client_s_own_instruction_stands_in_the_place_of_the_style():
    turns = [ChatMessage("system", "Answer in German."), user("Hello")]

    context = assemble(turns, [VIDEO], [SHORT], characters=100)

    assert context.system.startswith("Answer in German.\n\nWhat you know")
    assert context.used == (VIDEO,)
    assert [turn.role for turn in context.messages] == ["system", "user"]


def test_keeps_the_newest_turns_that_fit_and_begins_with_the_user():
    turns = [user("a" * 10), assistant("b" * 10), user("c" * 10), assistant("d" * 10), user("e")]

    # 1 + 10 + 10 = 21 characters from the end reach the second question; 31 would only reach
    # the answer before it, which cannot come first; 41 hold all.
    assert recent(turns, 21) == tuple(turns[2:])
    assert recent(turns, 40) == tuple(turns[2:])
    assert recent(turns, 41) == tuple(turns)
    assert recent(turns, 0) == (turns[-1],)
    assert recent([], 10) == ()
