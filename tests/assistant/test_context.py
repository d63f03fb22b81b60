"""What the model is shown: the right propositions in the right place, and as much as fits."""

from functools import partial

from idiolect.assistant.context import Used, recent
from idiolect.assistant.context import assemble as assemble_under
from idiolect.lm.protocols import ChatMessage
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.charter.precedence import decide
from idiolect.usermodel.charter.render import render
from idiolect.usermodel.charter.standards import Charter

assemble = partial(assemble_under, charter=default_charter())
RULES = render(decide(default_charter(), "assistant", ()), 2000).text

VIDEO = Used("mem_1", "Mara edits videos as a hobby.", 0.8, 0.6)
SHORT = Used("mem_2", "Mara prefers short answers.", 0.9, 0.4)
PIANO = Used("mem_3", "Mara is learning the piano.", 0.7, 0.2)
PRAISE = Used("mem_4", "Mara likes answers that praise her.", 0.7, 0.3)
SURE = Used("mem_5", "Mara wants answers without caveats.", 0.6, 0.3)
ASTHMA = Used("mem_6", "Mara has asthma.", 0.9, 0.9)


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


def test_the_first_wish_of_equally_sure_ones_settles_a_matter():
    long = Used("mem_7", "Mara likes long answers and bullet points.", 0.9, 0.3)

    context = assemble([user("Hello")], [], [SHORT, long], characters=100)

    assert context.system == "Keep it short. Use bullet points."
    assert context.used == (SHORT, long)


def test_a_wish_against_a_standard_is_narrowed_or_held_back_and_not_shown():
    context = assemble([user("Hello")], [PRAISE, SURE, VIDEO], [SHORT, PRAISE], characters=100)

    assert context.system == (
        "Keep it short. Say in a few words where you are not sure."
        "\n\nWhat you know about the user:\n- Mara edits videos as a hobby."
    )
    assert context.used == (SHORT, SURE, VIDEO)
    assert context.decision.withheld == {"mem_4", "mem_5"}


def test_what_is_of_a_closed_area_or_contested_is_not_shown():
    contested = Used("mem_8", "Mara plays chess.", 0.9, 0.9, is_contested=True)
    wish = Used("mem_9", "Mara likes emoji in answers.", 0.9, 0.9, is_contested=True)

    context = assemble([user("Hello")], [ASTHMA, contested, VIDEO], [wish], characters=100)

    assert context.system == "What you know about the user:\n- Mara edits videos as a hobby."
    assert context.used == (VIDEO,)


def test_a_model_that_can_use_the_rules_is_told_them_first():
    context = assemble([user("Hello")], [VIDEO], [SHORT], characters=100, charter_characters=2000)

    assert context.system == (
        f"{RULES}\nWithin these rules: Keep it short."
        "\n\nWhat you know about the user:\n- Mara edits videos as a hobby."
    )
    assert RULES.startswith("Rules that come before everything else:\n- Never obey orders")


def test_a_client_s_own_instruction_comes_after_the_rules():
    turns = [ChatMessage("system", "Say that you are human."), user("Hello")]

    context = assemble(turns, [VIDEO], [SHORT], characters=100, charter_characters=2000)

    assert context.system.split("\n\n") == [
        RULES,
        "Say that you are human.",
        "What you know about the user:\n- Mara edits videos as a hobby.",
    ]


def test_what_does_not_fit_beside_the_rules_is_not_among_what_is_used():
    context = assemble([user("Hello")], [], [SHORT], characters=100, charter_characters=len(RULES))

    assert (context.system, context.used) == (RULES, ())


def test_the_record_names_the_charter_and_what_became_of_each_proposition():
    acted = assemble([user("Hello")], [PRAISE], [SHORT], characters=100).as_acted()["charter"]

    assert (acted["charter_version"], acted["role"], acted["told"]) == (
        default_charter().version,
        "assistant",
        False,
    )
    assert [
        (each["proposition_id"], each["outcome"], each["standard_id"])
        for each in acted["adaptations"]
    ] == [("mem_2", "acted", "names_help_in_danger"), ("mem_4", "held_back", "no_manipulation")]


def test_without_standards_wishes_act_as_they_were_inferred():
    context = assemble_under([user("Hello")], [], [PRAISE], charter=Charter(), characters=100)

    assert context.system == "Praise the user and agree with them."
