"""Choices become preferences with the context that was shown, once each, on one side for good."""

import pytest

from idiolect.assistant.conversations import Assistant
from idiolect.assistant.feedback import Feedback, Pair, split_of
from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.kit.clock import utc_now
from idiolect.lm.scripted import ScriptedModel
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.store.repositories.preference import PreferenceRepository
from tests.conftest import add_user


@pytest.fixture
def feedback(database):
    return Feedback(database, utc_now, context_characters=8000, held_out_share=0.25, needed=40)


@pytest.fixture
def candidates(database, user_model, user_id, believe):
    """Two replies, "Short" and "A longer reply", to a second message."""
    believe(user_id, "Mara prefers short answers.")
    with database.transaction() as session:
        talk = ConversationRepository(session, user_id).create("", utc_now()).id
    model = ScriptedModel(["Hi", "Short", "A longer reply"])
    assistant = Assistant(database, user_model, model, lambda _: None, utc_now)
    list(assistant.reply(user_id, talk, "Hello"))
    started, *_ = list(assistant.reply(user_id, talk, "Tell me something", candidates=2))
    return [reply.id for reply in started.replies]


def stored(database, user_id):
    with database.transaction() as session:
        repository = PreferenceRepository(session, user_id)
        return list(repository.page(limit=50, cursor=None).items)


def test_a_pick_becomes_a_preference_under_the_context_that_was_shown(
    feedback, database, user_id, candidates
):
    shown = [candidates[1], candidates[0]]

    outcome = feedback.choose(user_id, shown, "picked", candidates[0])

    assert outcome.choice.candidate_ids == shown
    assert (outcome.preferences_total, outcome.needed) == (1, 40)
    assert (outcome.preference.chosen, outcome.preference.rejected) == ("Short", "A longer reply")
    assert outcome.preference.context == [
        {"role": "system", "content": "Keep it short."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": "Tell me something"},
    ]
    assert outcome.preference.split == split_of(outcome.preference.context, 0.25)
    assert outcome.preference.source == "choice"


def test_a_tie_is_kept_and_does_not_count_and_two_bad_ones_teach_nothing(
    feedback, database, user_id, candidates
):
    tie = feedback.choose(user_id, candidates, "tie")
    assert tie.preference.is_tie
    assert tie.preferences_total == 0

    bad = feedback.choose(user_id, candidates, "both_bad")
    assert bad.preference is None
    assert stored(database, user_id) == []  # the later word replaced the tie


def test_the_last_word_on_the_same_replies_counts(feedback, database, user_id, candidates):
    feedback.choose(user_id, candidates, "picked", candidates[0])
    feedback.choose(user_id, candidates[::-1], "picked", candidates[1])

    [preference] = stored(database, user_id)
    assert preference.chosen == "A longer reply"


def test_deleting_the_conversation_erases_what_came_of_it(feedback, database, user_id, candidates):
    feedback.choose(user_id, candidates, "picked", candidates[0])
    with database.transaction() as session:
        repository = ConversationRepository(session, user_id)
        talk = repository.get_messages(candidates[:1])[candidates[0]].conversation_id
        repository.delete(talk)

    assert stored(database, user_id) == []


def test_refuses_choices_that_are_none(feedback, database, user_id, candidates):
    one, two = candidates
    with database.transaction() as session:
        repository = ConversationRepository(session, user_id)
        first = repository.path_to(repository.get_messages([one])[one])[1].id

    with pytest.raises(InvalidInputError):
        feedback.choose(user_id, [one, two], "picked")
    with pytest.raises(InvalidInputError):
        feedback.choose(user_id, [one, two], "tie", one)
    with pytest.raises(InvalidInputError):
        feedback.choose(user_id, [one, one], "picked", one)
    with pytest.raises(InvalidInputError):
        feedback.choose(user_id, [one, first], "picked", one)
    with pytest.raises(NotFoundError):
        feedback.choose(add_user(database, "Otto"), [one, two], "picked", one)
    with database.transaction() as session:
        ConversationRepository(session, user_id).get_messages([two])[two].state = "streaming"
    with pytest.raises(ConflictError):
        feedback.choose(user_id, [one, two], "picked", one)
    assert stored(database, user_id) == []


def test_pairs_from_elsewhere_are_added_once_for_each_user(feedback, database, user_id):
    pair = Pair([{"role": "user", "content": "Hello"}], "Hi", "Good day", "import")
    swapped = Pair(pair.context, "Good day", "Hi", "import")

    assert feedback.add_pairs(user_id, [pair, pair, swapped]) == [True, False, True]
    assert feedback.add_pairs(user_id, [pair]) == [False]
    assert feedback.add_pairs(add_user(database, "Otto"), [pair]) == [True]


def test_the_same_question_is_always_on_the_same_side():
    contexts = [[{"role": "user", "content": f"Question {number}"}] for number in range(400)]
    sides = [split_of(context, 0.25) for context in contexts]

    # 400 draws of 1/4: 100 expected, and 9 is the standard deviation sqrt(400 * 1/4 * 3/4).
    assert 100 - 3 * 9 < sides.count("held_out") < 100 + 3 * 9
    for context, side in zip(contexts, sides, strict=True):
        [turn] = context
        respelt = {"role": "user", "content": f"  {turn['content'].upper()} "}
        system = {"role": "system", "content": "Keep it short."}
        assert split_of([system, respelt], 0.25) == side


def test_a_larger_share_only_adds_to_the_held_out_side():
    contexts = [[{"role": "user", "content": f"Question {number}"}] for number in range(100)]

    small = {i for i, each in enumerate(contexts) if split_of(each, 0.2) == "held_out"}
    large = {i for i, each in enumerate(contexts) if split_of(each, 0.4) == "held_out"}

    assert small < large
