"""The compact proposer and relater keep what a small model says only where it can be checked."""

import pytest

from idiolect.errors import ModelError
from idiolect.lm.scripted import ScriptedModel
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView
from idiolect.usermodel.relate.protocols import Pair
from tests.usermodel.seeds import MONDAY, view
from tools.bundled_model.tasks.ask_propositions import CompactProposer
from tools.bundled_model.tasks.ask_relation import CompactRelater
from tools.bundled_model.tasks.forms import NOTHING, listed

NOTE = view("Rehearsal on Thursday. I'm learning the piano with Olga.", id="obs_1")
CHAT = view(
    "Piotr: I keep two goats\nMara: I keep five hens\nPiotr: nice",
    id="obs_2",
    kind="screen",
    trust="sent",
)
SPAM = view("Mara, you love casinos!", id="obs_3", kind="message", trust="untrusted")


def propose(
    reply: str, *views: ObservationView, own_only: bool = True, precision: float = 0.5
) -> list[Draft]:
    proposer = CompactProposer(
        ScriptedModel([reply] * len(views)), precision=precision, own_only=own_only
    )
    return proposer.propose(views, [], user_name="Mara Lind", now=MONDAY)


def test_a_line_becomes_a_draft_with_the_passage_that_carries_it() -> None:
    [draft] = propose("- Mara is learning the piano with Olga.", NOTE)
    assert draft.text == "Mara is learning the piano with Olga."
    assert draft.evidence == (Evidence("obs_1", "I'm learning the piano with Olga."),)
    assert draft.evidence[0].quote in NOTE.text
    assert draft.valid_from == MONDAY


@pytest.mark.parametrize(
    "invented",
    [
        "Mara restores old clocks.",
        "Mara is learning the violin and the cello.",
        "Mara is learning the piano with Rui.",
        "Mara has been learning the piano for 12 years.",
        "Mara.",
        "Olga is learning the piano with Mara.",
        "I am learning the piano.",
    ],
    ids=["all", "most", "a name", "a number", "no words", "of another", "of nobody"],
)
def test_what_is_not_there_or_not_about_the_user_is_dropped(invented: str) -> None:
    assert propose(f"- {invented}", NOTE) == []


def test_one_invention_costs_no_other_line() -> None:
    reply = listed(["Mara plays in 3 bands.", "Mara is learning the piano."])
    assert [draft.text for draft in propose(reply, NOTE)] == ["Mara is learning the piano."]


def test_what_others_say_is_no_evidence_unless_asked_for() -> None:
    reply = listed(["Mara keeps two goats.", "Mara keeps five hens."])
    [draft] = propose(reply, CHAT)
    assert draft.text == "Mara keeps five hens."
    assert [d.text for d in propose(reply, CHAT, own_only=False)] == [
        "Mara keeps two goats.",
        "Mara keeps five hens.",
    ]


@pytest.mark.parametrize("reply", [NOTHING, "", "No idea.", "1. Mara is learning the piano.", "-"])
def test_a_reply_of_another_form_says_nothing(reply: str) -> None:
    assert propose(reply, NOTE) == []


def test_nobody_is_asked_about_strangers_and_empty_screens() -> None:
    model = ScriptedModel([])
    views = [SPAM, view("  ", id="obs_4")]
    assert CompactProposer(model).propose(views, [], user_name="Mara", now=MONDAY) == []
    assert model.calls == []


def test_confidence_is_the_measured_precision_and_never_above_the_source() -> None:
    seen = view("Mara (you): I'm learning the piano", kind="screen", trust="read")
    for item, precision, expected in ((NOTE, 0.6, 0.6), (NOTE, 0.99, 0.97), (seen, 0.99, 0.85)):
        [draft] = propose("- Mara is learning the piano.", item, precision=precision)
        assert draft.confidence == pytest.approx(expected)


def test_each_observation_is_asked_about_and_no_statement_is_had_twice() -> None:
    model = ScriptedModel(["- Mara is learning the piano."] * 2)
    views = [NOTE, view("I am learning the piano!", id="obs_5")]
    drafts = CompactProposer(model).propose(views, [], user_name="Mara", now=MONDAY)
    assert len(model.calls) == 2
    assert len(drafts) == 1
    [system, user] = model.calls[0].messages
    assert system.content == "List what this shows about Mara. Mara wrote it."
    assert user.content == NOTE.text
    assert model.calls[0].sampling.temperature == 0


def test_the_model_is_named_as_the_author() -> None:
    assert CompactProposer(ScriptedModel([], name="tiny")).name == "compact:tiny"


PAIR = Pair("Mara likes tea.", "Mara likes no tea.", 0.9)


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("contradicts", "contradicts"),
        ("Identical.", "identical"),
        ("unrelated\n", "unrelated"),
        ("sort of", None),
        ("similar or identical", None),
        ("", None),
    ],
)
def test_one_word_is_a_label_and_anything_else_none(reply: str, label: str | None) -> None:
    assert CompactRelater(ScriptedModel([reply])).relate([PAIR]) == [label]


def test_pairs_are_asked_one_by_one_in_their_order() -> None:
    model = ScriptedModel(["similar", "?", "generalizes"])
    assert CompactRelater(model).relate([PAIR] * 3) == ["similar", None, "generalizes"]
    [_, user] = model.calls[0].messages
    assert user.content == "Old: Mara likes tea.\nNew: Mara likes no tea."


def test_a_model_that_fails_is_an_error() -> None:
    with pytest.raises(ModelError):
        CompactRelater(ScriptedModel([])).relate([PAIR])
    with pytest.raises(ModelError):
        CompactProposer(ScriptedModel([])).propose([NOTE], [], user_name="Mara", now=MONDAY)
