"""What users set for the audit is kept, checked, and joined with what the installation knows."""

import pytest

from idiolect.errors import InvalidInputError, NotReadyError
from idiolect.store.database import Database
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.store.repositories.suggestion import SuggestionRepository
from idiolect.store.repositories.user import create_user
from idiolect.store.repositories.user_setting import UserSettingRepository
from idiolect.usermodel.audit.policy import Policy
from idiolect.usermodel.audit.replies import is_ours
from idiolect.usermodel.audit.user_policy import (
    SETTING,
    Installation,
    UserPolicy,
    read_policy,
    read_user_policy,
    write_user_policy,
)
from tests.conftest import add_user
from tests.usermodel.seeds import MONDAY

GIVEN = UserPolicy.of(
    excluded_applications=[" Signal ", "Signal", "Ink"],
    excluded_patterns=["*.bank.example/*"],
    excludes_confidential=False,
    opted_in=["religion", "health"],
    asks_model=True,
)
REPLY = "You could bake the bread on Sunday, when the oven is free anyway."


def test_a_policy_is_read_as_it_was_set(database: Database, user_id: str) -> None:
    other = add_user(database, "Omar")
    with database.transaction() as session:
        assert read_user_policy(session, user_id) == UserPolicy()
        write_user_policy(session, user_id, GIVEN, MONDAY)
    with database.transaction() as session:
        found = read_user_policy(session, user_id)
        assert read_user_policy(session, other) == UserPolicy()
    assert found == GIVEN
    assert found.excluded_applications == ("Signal", "Ink")
    assert found.as_json()["opted_in"] == ["health", "religion"]  # as the categories are listed


def test_the_whole_policy_has_what_the_installation_knows(database: Database, user_id: str) -> None:
    installation = Installation(("Idiolect",), ("http://127.0.0.1:8765",), "hosted model")
    with database.transaction() as session:
        untouched = read_policy(session, user_id, installation)
        write_user_policy(session, user_id, GIVEN, MONDAY)
        policy = read_policy(session, user_id, installation)
    assert untouched == Policy(own_origins=installation.own_origins, recipient="hosted model")
    assert policy.excluded_applications == ("Signal", "Ink")
    assert policy.opted_in == {"health", "religion"}
    assert (policy.excludes_confidential, policy.asks_model) == (False, True)
    assert (policy.recipient, policy.changed_at) == ("hosted model", MONDAY)


def test_the_assistant_s_replies_are_known_and_what_users_say_is_not(
    database: Database, user_id: str
) -> None:
    asked = "Which evening of the week would suit for baking a loaf of bread?"
    with database.transaction() as session:
        talks = ConversationRepository(session, user_id)
        talk = talks.create("", MONDAY)
        question = talks.add_message(talk, role="user", parent_id=None, text=asked, now=MONDAY)
        talks.add_message(talk, role="assistant", parent_id=question.id, text=REPLY, now=MONDAY)
        own = read_policy(session, user_id, Installation()).own_replies
        other = create_user(session, "Omar", MONDAY)
        theirs = read_policy(session, other.id, Installation()).own_replies
    assert is_ours(REPLY, own)
    assert not is_ours(asked, own)
    assert theirs == frozenset()


def test_our_suggestions_are_known_again_as_our_replies_are(
    database: Database, user_id: str
) -> None:
    """Both what was offered and what a click would ask: neither is the user's own idea."""
    text = "Shall I draft the letter to the harbor office that is due on Friday?"
    prompt = "Draft a short and polite letter to the harbor office about the berth."
    with database.transaction() as session:
        SuggestionRepository(session, user_id).add(
            kind="deadline", text=text, prompt=prompt, evidence=[], stakes={}, outcome="now",
            reason="", valid_until=MONDAY, now=MONDAY,
        )  # fmt: skip
        own = read_policy(session, user_id, Installation()).own_replies
        other = create_user(session, "Omar", MONDAY)
        theirs = read_policy(session, other.id, Installation()).own_replies
    assert is_ours(text, own)
    assert is_ours(prompt, own)
    assert theirs == frozenset()


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {**GIVEN.as_json(), "opted_in": None},
        {**GIVEN.as_json(), "excluded_applications": "Signal"},
        {**GIVEN.as_json(), "excluded_patterns": [7]},
        {**GIVEN.as_json(), "asks_model": "yes"},
        {**GIVEN.as_json(), "excludes_confidential": None},
        {**GIVEN.as_json(), "excluded_patterns": ["*"]},
    ],
)
def test_a_policy_that_cannot_be_read_lets_nothing_be_learned_until_it_is_set_anew(
    database: Database, user_id: str, stored: dict[str, object]
) -> None:
    with database.transaction() as session:
        UserSettingRepository(session, user_id).set(SETTING, stored, MONDAY)
        with pytest.raises(NotReadyError, match="policy") as refused:
            read_policy(session, user_id, Installation())
        assert "set" in refused.value.hint.casefold()
        write_user_policy(session, user_id, GIVEN, MONDAY)
        assert read_user_policy(session, user_id) == GIVEN


def test_an_unknown_category_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidInputError) as refused:
        UserPolicy.of(**{**GIVEN.as_json(), "opted_in": ["hobbies"]})
    assert "health" in refused.value.hint
    assert "religion" in refused.value.hint


@pytest.mark.parametrize("field", ["excluded_applications", "excluded_patterns"])
@pytest.mark.parametrize("blank", ["", "  ", "*"])
def test_what_would_exclude_everything_is_refused(field: str, blank: str) -> None:
    with pytest.raises(InvalidInputError, match="blank"):
        UserPolicy.of(**{**GIVEN.as_json(), field: [blank]})


def test_a_category_that_is_gone_is_passed_over(database: Database, user_id: str) -> None:
    stored = {**GIVEN.as_json(), "opted_in": ["astrology", "health"]}
    with database.transaction() as session:
        UserSettingRepository(session, user_id).set(SETTING, stored, MONDAY)
        assert read_user_policy(session, user_id).opted_in == {"health"}
