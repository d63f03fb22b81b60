"""What each scope takes with it, what it leaves, and what the preview and the receipt say of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.store.models import Conversation, Job, Suggestion
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.usermodel.forgetting.scope import (
    OfApplication,
    OfDay,
    OfEverything,
    OfProposition,
    OfTopic,
    Scope,
)
from idiolect.usermodel.forgetting.traces import FORGOTTEN
from idiolect.usermodel.memory.act import by_user
from tests.usermodel.forgetting.conftest import NOW, Person

ASKED = by_user("forgotten")
DIABETES = "Mara has diabetes."


def forget(person: Person, scope: Scope) -> dict[str, int]:
    """Previews, forgets, and gives the counts, which must be the same."""
    before = person.everything()
    preview = person.forgetter.preview(person.id, scope)
    assert person.everything() == before, "a preview changes nothing"
    receipt = person.forgetter.forget(person.id, scope, ASKED)
    assert receipt.is_done
    assert receipt.counts == preview.counts
    return dict(receipt.counts)


def test_a_proposition_goes_with_all_that_rests_on_it(mara: Person, tmp_path: Path) -> None:
    mara.saw("obs_1", "I have diabetes, so no sugar please.")
    mara.saw("obs_2", "Walked ten kilometers.")
    secret = mara.knows(DIABETES, "obs_1")
    partly = mara.knows("Mara minds what she eats.", "obs_2")
    mara.made("profile", secret, text="Mind the sugar.")
    with mara.database.transaction() as session:
        MemoryRepository(session, mara.id).link(partly, "memory", secret, "derived_from", mara.now)
    cached = mara.put(tmp_path / "cache", "keys and values")
    mara.made("cache", secret, blob_key=cached)
    _, _, replies = mara.asked("What shall I cook?", secret)
    pair = mara.chose(replies)
    other = mara.prefers("Short.", "Long and winding.", "Tell me.")
    trained = mara.put(tmp_path / "lora", "weights")
    adapter = mara.adapter(pair, other, blob_key=trained)
    suggestion = mara.offered("Look for a recipe without sugar?", secret)

    counts = forget(mara, OfProposition(secret))

    assert counts == {
        "propositions": 1,
        "other memories": 2,
        "propositions weighed again": 1,
        "adapters made stale": 1,
        "vectors": 1,
        "files": 1,
        "records of replies": 2,
        "preferences": 1,
        "suggestions": 1,
    }
    assert mara.texts() == {"Mara minds what she eats."}
    with mara.database.transaction() as session:
        # One of its two supports is gone: half of the way from 0.8 to the prior's 0.2 in log-odds.
        held = MemoryRepository(session, mara.id).current(partly)
        assert held.confidence == pytest.approx(0.5)
    assert mara.indexed() == {partly}
    assert mara.pairs() == {other}
    assert not mara.is_there(Suggestion, suggestion)
    assert "deleted" in mara.memory(adapter).payload["stale"]
    assert mara.blobs.verify(trained), "a stale adapter keeps its files until it is withdrawn"
    assert not mara.blobs.path(cached).exists()
    reply = mara.message(replies[0])
    assert reply.acted == {
        "model": "m",
        "system": "Keep it short.\n\nWhat you know about the user:",
        "memories": [],
    }
    assert reply.text == "I see. 0", "what was said in the talk is the user's, and stays"
    assert mara.observations() == {"obs_1", "obs_2"}
    assert "has diabetes." not in mara.everything().replace("I have diabetes, so no sugar", "")
    assert "quote of obs_1" not in mara.everything()


def test_a_profile_goes_with_any_of_what_it_sums_up(mara: Person) -> None:
    secret, other = mara.knows(DIABETES), mara.knows("Mara likes short answers.")
    summed = mara.made("profile", secret, other, text="Keep it short, and mind her blood sugar.")
    quoting = mara.made("profile", other, text=f"About her:\n- {DIABETES}\n- Keep it short.")
    apart = mara.made("profile", other, text="Keep it short.")
    assert forget(mara, OfProposition(secret))["other memories"] == 2
    states = [mara.memory(one).state for one in (summed, quoting, apart, other)]
    assert states == ["purged", "purged", "activated", "activated"]


def test_the_evidence_goes_too_if_asked_for(mara: Person) -> None:
    mara.saw("obs_1", "I have diabetes. I also love the sea.")
    secret = mara.knows(DIABETES, "obs_1")
    mara.knows("Mara loves the sea.", "obs_1")
    counts = forget(mara, OfProposition(secret, with_evidence=True))
    assert (counts["observations"], counts["propositions"]) == (1, 2)
    assert mara.observations() == set()
    assert "diabetes" not in mara.everything()


def test_what_says_the_same_goes_along_unless_it_is_kept(mara: Person) -> None:
    bees = mara.knows("Mara keeps bees.")
    again = mara.knows("Mara is a beekeeper.")
    archived = mara.knows("Mara keeps bees in the garden.", state="archived")
    other = mara.knows("Mara keeps a diary.")
    shown = mara.forgetter.preview(mara.id, OfProposition(bees))
    assert {match.id for match in shown.matches} == {bees, again, archived}
    assert shown.statements == [
        "Mara is a beekeeper.",
        "Mara keeps bees in the garden.",
        "Mara keeps bees.",
    ]
    forget(mara, OfProposition(bees, keep=frozenset({again})))
    assert mara.texts() == {"Mara is a beekeeper.", "Mara keeps a diary."}
    assert mara.memory(archived).state == "purged"
    assert mara.memory(other).state == "activated"


def test_the_same_appointment_goes_along_in_whatever_words(mara: Person) -> None:
    mara.saw("obs_1", "Early lanes, Monday 07:00, city pool")
    mara.saw("obs_2", "Standup, Monday 07:00")
    swims = mara.knows("Mara swims before work on Mondays at 07:00.", "obs_1")
    mara.knows('Mara has "Early lanes" on Mondays at 07:00.', "obs_1")
    mara.knows("Mara goes to the city pool.", "obs_1")
    mara.knows("Mara has lunch on Mondays at 12:00.", "obs_1")
    mara.knows("Mara has a standup on Mondays at 07:00.", "obs_2")

    counts = forget(mara, OfProposition(swims))

    assert counts["propositions"] == 2
    assert mara.texts() == {
        "Mara goes to the city pool.",
        "Mara has lunch on Mondays at 12:00.",
        "Mara has a standup on Mondays at 07:00.",
    }


def test_only_propositions_are_forgotten_one_by_one(mara: Person, omar: Person) -> None:
    profile = mara.made("profile", text="Keep it short.")
    theirs = omar.knows("Omar has diabetes.")
    for id in (profile, theirs, "mem_none"):
        with pytest.raises(NotFoundError):
            mara.forgetter.preview(mara.id, OfProposition(id))
        with pytest.raises(NotFoundError):
            mara.forgetter.forget(mara.id, OfProposition(id), ASKED)
    assert omar.texts() == {"Omar has diabetes."}


def test_an_application_goes_with_what_rests_on_nothing_else(mara: Person) -> None:
    for place in range(3):
        mara.saw(f"bank_{place}", "account statement", application="Bänk")
    mara.saw("mail_1", "the statement is in the mail", application="Mail")
    only = mara.knows("Mara owes money.", "bank_0", "bank_1")
    both = mara.knows("Mara has an account.", "bank_2", "mail_1", reasoning="Quote of bank_2: yes")
    sure = mara.knows("Mara saves.", "bank_0", payload={"verdict": "confirmed"})
    counts = forget(mara, OfApplication("bänk"))
    assert counts == {
        "observations": 3,
        "propositions": 1,
        "propositions weighed again": 1,
        "vectors": 1,
    }
    assert mara.memory(only).state == "purged"
    with mara.database.transaction() as session:
        memories = MemoryRepository(session, mara.id)
        held = memories.current(both)
        assert held.confidence == pytest.approx(0.5)
        assert held.reasoning is None, "it quoted what is gone"
        assert [link.source_id for link in memories.evidence(both)] == ["mail_1"]
        assert memories.current(sure).confidence == 0.8, "it rests on the user's word"
    with pytest.raises(NotFoundError, match="Bank") as caught:
        mara.forgetter.forget(mara.id, OfApplication("Bank"), ASKED)
    assert caught.value.hint == "Observed were Mail."


def test_a_day_is_one_of_the_user_s_clock(mara: Person) -> None:
    # An hour ahead of UTC: 10 March lasts from 23:00 on the 9th to 23:00 on the 10th.
    begins = datetime(2026, 3, 9, 23, tzinfo=UTC)
    moments = {
        "before": begins - timedelta(seconds=1),
        "first": begins,
        "last": begins + timedelta(days=1, seconds=-1),
        "after": begins + timedelta(days=1),
    }
    for name, moment in moments.items():
        mara.saw(name, at=moment)
        mara.asked(f"Asked {name}.", at=moment)
        mara.offered(f"Offered {name}?", at=moment)
    counts = forget(mara, OfDay(date(2026, 3, 10)))
    assert counts == {"observations": 2, "conversations": 2, "messages": 6, "suggestions": 2}
    assert mara.observations() == {"before", "after"}
    left = mara.everything()
    assert all(f"Asked {name}." in left for name in ("before", "after"))
    assert not any(f"{what} {name}" in left for what in ("Asked", "Offered")
                   for name in ("first", "last"))  # fmt: skip


def test_a_day_in_a_long_talk_leaves_its_place(mara: Person) -> None:
    talk, before, _ = mara.asked("The day before.", at=NOW - timedelta(days=1))
    _, said, replies = mara.asked("My secret.", at=NOW, conversation=talk)
    pair = mara.chose(replies)
    forget(mara, OfDay(NOW.date()))
    assert mara.is_there(Conversation, talk)
    assert mara.message(before).text == "The day before."
    assert mara.message(said).text == FORGOTTEN
    assert mara.message(replies[0]).text == FORGOTTEN
    assert mara.message(replies[0]).acted == {"model": "m", "system": "", "memories": []}
    assert pair not in mara.pairs()


def test_a_topic_goes_by_meaning_and_by_words(mara: Person) -> None:
    mara.saw("obs_1", "The doctor said my sugar is fine.")
    mara.saw("obs_2", "Shopping list: bread", title="Diabetes forum")
    mara.saw("obs_3", "Shopping list: milk")
    mara.knows(DIABETES, "obs_1")
    mara.knows("Mara injects insulin every day.")
    mara.knows("Mara plays the piano.")
    talk, _, _ = mara.asked("Is fruit bad with diabetes?", answer="It depends.")
    mixed, piano, _ = mara.asked("Which piano shall I buy?")
    _, sugar, replies = mara.asked(
        "My blood sugar is high, what now?", answer="Drink water.", conversation=mixed
    )
    pair = mara.prefers("Eat less sugar.", "Eat up.", "I have diabetes, what now?")
    kept = mara.prefers("Yes.", "No.", "Is it late?")
    suggestion = mara.offered("Read about diabetes?")
    counts = forget(mara, OfTopic("my diabetes"))
    assert counts == {
        "observations": 2,
        "propositions": 2,
        "vectors": 2,
        "conversations": 1,
        "messages": 6,
        "preferences": 1,
        "suggestions": 1,
    }
    assert mara.texts() == {"Mara plays the piano."}
    assert mara.observations() == {"obs_3"}
    assert not mara.is_there(Conversation, talk)
    assert mara.message(piano).text == "Which piano shall I buy?"
    assert mara.message(sugar).text == FORGOTTEN
    assert mara.message(replies[0]).text == FORGOTTEN, "the reply to it goes along"
    assert mara.pairs() == {kept}
    assert pair != kept
    assert not mara.is_there(Suggestion, suggestion)
    assert not any(
        word in mara.everything().casefold() for word in ("diabet", "insulin", "blood sugar")
    )


def test_what_a_topic_matched_can_be_kept(mara: Person) -> None:
    mara.saw("obs_1", "Coffee with Anna at four.")
    first = mara.knows("Mara drinks four coffees a day.")
    second = mara.knows("Mara meets Anna for coffee.", "obs_1")
    _, said, _ = mara.asked("Which coffee is strong?")
    shown = mara.forgetter.preview(mara.id, OfTopic("coffee"))
    assert {match.id for match in shown.matches} == {first, second, said, "obs_1"}
    assert [match.similarity is None for match in shown.matches if match.noun == "observation"] == [
        True
    ]
    forget(mara, OfTopic("coffee", keep=frozenset({second, "obs_1", said})))
    assert mara.texts() == {"Mara meets Anna for coffee."}
    assert mara.observations() == {"obs_1"}
    assert mara.message(said).text == "Which coffee is strong?"


def test_a_topic_without_a_word_is_refused(mara: Person) -> None:
    with pytest.raises(InvalidInputError, match="names nothing"):
        mara.forgetter.preview(mara.id, OfTopic("the Mara's"))


def test_failed_jobs_do_not_repeat_it_and_trainings_under_way_end(mara: Person) -> None:
    secret = mara.knows(DIABETES)
    _, _, replies = mara.asked("What shall I cook?", secret)
    mara.chose(replies)
    error = {"code": "MODEL_FAILED", "message": f"not JSON: {{'{DIABETES}'}}", "hint": "Try."}
    failed = mara.job("propose", error=error, state="failed", attempt=3)
    running = mara.job("train", state="running", attempt=1)
    waiting = mara.job("train")
    done = mara.job("train", state="succeeded", attempt=1)
    forget(mara, OfProposition(secret))
    assert "diabetes" not in mara.everything()
    assert mara.is_there(Job, failed)
    assert not mara.is_there(Job, running), "it has read the pair"
    assert mara.is_there(Job, waiting)
    assert mara.is_there(Job, done)


def test_a_blob_that_another_user_has_too_stays(mara: Person, omar: Person, tmp_path: Path) -> None:
    shared = mara.put(tmp_path / "one", "the same bytes")
    for person in (mara, omar):
        source = person.knows(f"{person.id} swims.")
        person.made("cache", source, blob_key=shared)
    [lineage] = mara.indexed()
    assert forget(mara, OfProposition(lineage))["files"] == 1
    assert mara.blobs.verify(shared)
    forget(omar, OfEverything())
    assert not mara.blobs.path(shared).exists()


SCOPES: list[Scope] = [
    OfApplication("Ink"),
    OfDay(NOW.date()),
    OfTopic("swimming"),
    OfEverything(),
]


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: type(scope).__name__)
def test_nothing_of_another_user_is_touched(mara: Person, omar: Person, scope: Scope) -> None:
    for person in (mara, omar):
        one = person.saw(f"obs_{person.id}", "I swim.", application="Ink", at=NOW)
        swims = person.knows("Mara swims every morning.", one)
        person.offered("Look for a lake to go swimming?", swims)
        person.asked("Where can I go swimming?", swims)
        person.set_up_the_rest(swims)
    before, vectors = omar.dump(), omar.indexed()
    forget(mara, scope)
    assert omar.dump() == before
    assert omar.indexed() == vectors
    assert omar.rows()["messages"] == 3
    with omar.database.transaction() as session:
        assert len(MemoryRepository(session, omar.id).evidence(*vectors)) == 1
