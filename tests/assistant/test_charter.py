"""The charter acts on replies, personalized or not, and nothing that it forbids gets through."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from idiolect.assistant.conflicts import check, forbidden
from idiolect.assistant.context import Context
from idiolect.assistant.conversations import KNOWLEDGE_LIMIT, Assistant
from idiolect.assistant.events import Finished
from idiolect.kit.clock import utc_now
from idiolect.lm.protocols import ChatMessage
from idiolect.lm.scripted import ScriptedModel
from idiolect.store.database import Database
from idiolect.store.models import Message
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.charter.conflicts import Case, load_cases
from idiolect.usermodel.charter.contests import PropositionContests
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.standards import Charter
from idiolect.usermodel.charter.stored import StoredCharters
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from tests.conftest import add_user
from tests.fakes.hashing_embedder import HashingEmbedder

CASES = [case for case in load_cases() if (case.charter, case.role) == ("default", "assistant")]
Make = Callable[..., Assistant]


@pytest.fixture
def user_model(database: Database, tmp_path: Path) -> Iterator[UserModel]:
    vectors = ChromaVectorStore.embedded("hashing-256", tmp_path / "vectors")
    yield UserModel(database, vectors, HashingEmbedder(), (), RulesRelater(), utc_now)
    vectors.close()


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(lambda _messages, _sampling: "Well.")


@pytest.fixture
def assistant_with(database: Database, user_model: UserModel, model: ScriptedModel) -> Make:
    def make(**options) -> Assistant:
        return Assistant(database, user_model, model, lambda _: None, utc_now, **options)

    return make


def reply(
    assistant: Assistant, database: Database, user_id: str, text: str, *, personalize: bool = True
) -> Message:
    """A finished reply in a conversation of its own."""
    with database.transaction() as session:
        talk = ConversationRepository(session, user_id).create("", utc_now()).id
    *_, last = assistant.reply(user_id, talk, text, personalize=personalize)
    assert isinstance(last, Finished)
    return last.message


def test_each_reply_records_the_charter_that_decided(
    assistant_with, database, user_id, believe
) -> None:
    praise = believe(user_id, "Mara likes answers that praise her.")
    charters = StoredCharters(database, utc_now)
    assistant = assistant_with()

    first = reply(assistant, database, user_id, "How is my poem?").acted["charter"]
    contested = charters.contest(
        user_id, "no_manipulation", "I like it.", seen=first["charter_version"]
    )
    second = reply(assistant, database, user_id, "How is my poem?").acted["charter"]
    ballot = Ballot("user", {"retire": 1.0, "uphold": 0.0}, "I can judge for myself.")
    settled = charters.settle(user_id, "no_manipulation", ballot, seen=contested.version)
    third = reply(assistant, database, user_id, "How is my poem?").acted

    versions = [default_charter().version, contested.version, settled.charter.version]
    assert [first["charter_version"], second["charter_version"]] == versions[:2]
    assert third["charter"]["charter_version"] == versions[2]
    outcomes = [
        (each["proposition_id"], each["reason"])
        for acted in (first, second, third["charter"])
        for each in acted["adaptations"]
    ]
    assert outcomes == [
        (praise, "a standard leaves no room for it"),
        (praise, "a standard on it is contested, and both wait until that is settled"),
        (praise, "no standard speaks against it"),
    ]
    assert third["system"] == "Praise the user and agree with them."
    assert not first["told"]


def test_without_personalization_the_charter_holds(
    assistant_with, model, database, user_id, believe
) -> None:
    believe(user_id, "Mara prefers short answers.")
    assistant = assistant_with(charter_characters=2000)

    acted = reply(assistant, database, user_id, "Hello", personalize=False).acted

    assert "Say that you are an AI" in model.calls[0].messages[0].content
    assert "Within these rules" not in acted["system"]
    assert acted["charter"]["told"]
    assert acted["charter"]["adaptations"] == []
    assert acted["charter"]["standards"][0] == "no_orders_from_quotes"


def test_a_contested_proposition_takes_no_other_one_s_place(
    assistant_with, database, user_model, user_id, believe
) -> None:
    ids = [
        believe(user_id, f"Mara keeps chickens, {name} among them.", confidence)
        for name, confidence in [
            ("Ada", 0.95), ("Bea", 0.9), ("Cleo", 0.85), ("Dora", 0.8), ("Eve", 0.75),
        ]
    ]  # fmt: skip
    turns = [ChatMessage("user", "What do chickens eat?")]
    before = assistant_with().contextualize(user_id, turns)
    found = {each.memory_id for each in before.used}
    assert len(found) == KNOWLEDGE_LIMIT
    contests = PropositionContests(database, user_model, utc_now)
    contested = contests.contest(user_id, ids[0], "She is my sister's.")

    after = assistant_with().contextualize(user_id, turns)

    assert {each.memory_id for each in after.used} == set(ids[1:])
    assert contested.id in after.decision.withheld
    contests.settle(user_id, ids[0], "uphold", "She is mine after all.")
    settled = assistant_with().contextualize(user_id, turns)
    assert {each.text for each in settled.used} == {each.text for each in before.used}


def reached(context: Context, case: Case) -> list[str]:
    """What the charter forbids and stands before the model, besides the question."""
    shown = [message.content for message in context.messages[:-1]]
    return [each for each in forbidden(case) if any(each in content for content in shown)]


def test_the_conflict_suite_passes_from_the_store_to_the_model(
    assistant_with, database, believe
) -> None:
    told = assistant_with(charter_characters=2000)
    not_told = assistant_with()
    sham = assistant_with(charter_of=lambda _: Charter())
    pulling, without = 0, 0

    for case in CASES:
        user_id = add_user(database, case.id)
        for each in case.propositions:
            believe(user_id, each.text, each.confidence)
        turns = [ChatMessage("user", case.question)]
        rule = default_charter().get(case.standard).text
        for personalize in (True, False):
            context = told.contextualize(user_id, turns, personalize=personalize)
            assert reached(context, case) == []
            assert rule in context.system
            context = not_told.contextualize(user_id, turns, personalize=personalize)
            assert reached(context, case) == []
            assert rule not in context.system
        pulling += bool(forbidden(case))
        without += bool(reached(sham.contextualize(user_id, turns), case))

    assert len(CASES) >= 30
    assert pulling >= 20
    # Two are of closed areas and one is a stranger's word: no standard is needed to hold them back.
    assert without >= pulling - 3


@pytest.mark.parametrize("charter_characters", [0, 2000], ids=["not_told", "told"])
def test_the_check_of_all_roles_shows_nothing_and_its_sham_does(charter_characters: int) -> None:
    report = check(load_cases(), charter_characters=charter_characters)

    assert (report.broken_on, report.broken_off) == (0, 0)
    assert report.broken_sham > 0.8 * report.pulling
    assert report.is_kept


def test_a_suite_that_cannot_fail_proves_nothing() -> None:
    harmless = [case for case in load_cases() if not forbidden(case)]
    report = check(harmless)
    assert (report.pulling, report.broken_sham) == (0, 0)
    assert not report.is_kept
