"""A forgotten statement is known again by its meaning, and nothing else is taken for it."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pytest

from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.store.models import Observation
from idiolect.store.repositories.forgetting import ForgettingRepository
from idiolect.store.repositories.memory import MemoryRepository, proposition_hash
from idiolect.usermodel.forgetting.likeness import (
    NAME_PLACES,
    PLACES,
    WORD_PLACES,
    marks_of,
    without_name,
)
from idiolect.usermodel.forgetting.scope import OfProposition, OfTopic, Scope
from idiolect.usermodel.forgetting.tombstones import Mason, Tombstones
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView
from idiolect.usermodel.relate.rules import RulesRelater
from tests.usermodel.forgetting.conftest import Person
from tests.usermodel.seeds import draft

ASKED = by_user("forgotten")


class Reader:
    """Concludes what each observation says."""

    name = "reader"

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        return [draft(one.text, evidence=(Evidence(one.id, one.text),)) for one in observations]


@pytest.fixture
def model(mara: Person) -> UserModel:
    return UserModel(
        mara.database, mara.vectors, mara.embedder, [Reader()], RulesRelater(),
        lambda: mara.now,
    )  # fmt: skip


def learn(model: UserModel, person: Person, *texts: str) -> int:
    """Lets the loop see statements; gives how many it refused."""
    known = len(person.observations())
    ids = [person.saw(f"obs_{known + place}", text) for place, text in enumerate(texts)]
    return model.process(person.id, ids).refused


def forget(person: Person, scope: Scope) -> None:
    person.forgetter.forget(person.id, scope, ASKED)


def stones(person: Person, *texts: str) -> Tombstones:
    with person.database.transaction() as session:
        return Tombstones.read(session, person.id, "Mara", person.embedder.name, texts)


def forbids(person: Person, text: str) -> bool:
    [vector] = person.embedder.embed([text])
    return stones(person, text).forbids(text, vector)


@pytest.mark.parametrize(
    ("forgotten", "same", "others"),
    [
        (
            "Mara is learning the piano.",
            ("Mara plays the piano.", "Mara takes piano lessons.", "mara is learning  the piano"),
            ("Mara is learning the violin.", "Mara plays the guitar.", "Mara learns Spanish."),
        ),
        (
            "Mara has diabetes.",
            ("Mara is diabetic.", "Mara has been diagnosed with diabetes."),
            ("Mara has a daughter.", "Mara has asthma.", "Omar's sister has diabetes."),
        ),
        (
            "Mara lives in Porto.",
            ("Mara's home is in Porto.", "Mara lives in the city of Porto."),
            ("Mara lives in Faro.", "Mara works in a bakery."),
        ),
        (
            "Mara's dog is called Juno.",
            ("Mara has a dog called Juno.",),
            ("Mara's dog is called Otto.", "Mara has a landlord called Felix."),
        ),
        (
            "Mara plays badminton on Mondays at 18:00.",
            (
                "Mara plays badminton on Mondays.",
                "Mara plays badminton at 18:00 on Mondays, weekly.",
            ),
            ("Mara plays badminton on Tuesdays at 18:00.", "Mara swims on Mondays at 18:00."),
        ),
        (
            "Mara has a dentist appointment on 25 March 2026.",
            ("Mara sees the dentist on 25 March.",),
            ("Mara has a dentist appointment on 22 March 2026.",),
        ),
        (
            "Mara works as a journalist.",
            ("Mara is a journalist.",),
            ("Mara works as a school teacher.", "Mara works on the list of sources."),
        ),
    ],
)
def test_by_meaning(
    mara: Person, forgotten: str, same: Sequence[str], others: Sequence[str]
) -> None:
    forget(mara, OfProposition(mara.knows(forgotten)))
    assert {text: forbids(mara, text) for text in (forgotten, *same, *others)} == {
        **dict.fromkeys((forgotten, *same), True),
        **dict.fromkeys(others, False),
    }


def test_a_tombstone_holds_no_word(mara: Person) -> None:
    mason = Mason(mara.embedder)
    [stone] = mason.statements(["Mara lives in Porto."], "Mara").values()
    assert stone.content_hash == proposition_hash("mara lives in porto")
    vector = np.frombuffer(stone.vector, dtype="<f4")
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    marks = vector[-PLACES:]
    # "lives" and "Porto" among the words, "Porto" among the names; it is about Mara herself.
    names, times = np.split(marks[WORD_PLACES:-1], [NAME_PLACES])
    assert (marks[:WORD_PLACES] > 0).sum() == 2
    assert (names > 0).sum() == 1
    assert not times.any()
    assert marks[-1] == 0


@pytest.mark.parametrize(
    ("text", "other", "same_times"),
    [
        ("on 6 April 2026 at 19:00", "on 6 April", True),
        ("at 06:05", "at 6:05", True),
        ("on Mondays", "every Monday", True),
        ("in May", "in June", False),
        ("three cats", "3 cats", True),
        ("born in 1971", "born in 1982", False),
        ("march to the sea", "on the way to the sea", True),
    ],
)
def test_times_are_days_months_and_numbers(text: str, other: str, same_times: bool) -> None:
    times = slice(WORD_PLACES + NAME_PLACES, -1)
    left, right = (marks_of(one, "Mara")[times] > 0 for one in (text, other))
    assert bool((left <= right).all() or (right <= left).all()) is same_times


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Mara keeps bees.", "keeps bees."),
        ("Mara's dog is called Juno.", "dog is called Juno."),
        ("Omar is Mara Silva's colleague.", "Omar is colleague."),
        ("Mara", "Mara"),
    ],
)
def test_a_name_is_taken_out(text: str, bare: str) -> None:
    assert without_name(text, "Mara Silva") == bare


def test_the_next_batch_does_not_learn_it_again(mara: Person, model: UserModel) -> None:
    assert learn(model, mara, "Mara keeps bees.", "Mara plays the piano.") == 0
    [bees] = [one for one in mara.indexed() if mara.memory(one).text == "Mara keeps bees."]
    forget(mara, OfProposition(bees))
    assert learn(model, mara, "Mara is a beekeeper.", "Mara keeps bees.", "Mara cooks.") == 2
    assert mara.texts() == {"Mara plays the piano.", "Mara cooks."}


def test_a_topic_is_not_learned_again_in_any_words(mara: Person, model: UserModel) -> None:
    mara.knows("Mara keeps bees.")
    forget(mara, OfTopic("beekeeping"))
    assert learn(model, mara, "Mara bought a new hive for her bees.", "Mara plays the piano.") == 1
    assert mara.texts() == {"Mara plays the piano."}


@pytest.mark.parametrize(
    ("topic", "of_one_name"),
    [("lives in Porto", True), ("where she lives", False), ("Lives In Porto", False)],
)
def test_a_topic_with_a_name_is_not_about_other_names(
    mara: Person, topic: str, of_one_name: bool
) -> None:
    mara.knows("Mara lives in Porto.")
    faro = mara.knows("Mara lives in Faro.")
    forget(mara, OfTopic(topic))
    assert (mara.memory(faro).state == "activated") is of_one_name
    assert forbids(mara, "Mara lives in Lagos.") is not of_one_name


def test_a_quantity_is_not_estimated_anew(mara: Person) -> None:
    before = "Mara uses Ink mostly between 9 and 12 in the morning."
    anew = "Mara uses Ink mostly between 10 and 13 in the morning."
    forget(mara, OfProposition(mara.knows(before, payload={"estimate_key": "usage:Ink"})))
    seen = mara.saw("obs_1", "Ink")
    drafts = [
        Draft(text, "", 0.5, 0.5, (Evidence(seen, "Ink"),), mara.now, estimate_key=key)
        for text, key in (
            (anew, "usage:Ink"),
            (anew, "usage:Mail"),
            ("Mara likes the sea.", "usage:Ink"),
        )
    ]
    with mara.database.transaction() as session:
        stones = Tombstones.read_for(session, mara.id, "Mara", mara.embedder.name, drafts)
    vectors = mara.embedder.embed([one.text for one in drafts])
    refused = [stones.refuses(one, vector) for one, vector in zip(drafts, vectors, strict=True)]
    assert refused == [True, False, False]


def test_what_the_user_kept_goes_on_gaining_evidence(mara: Person, model: UserModel) -> None:
    bees, kept = mara.knows("Mara keeps bees."), mara.knows("Mara is a beekeeper.")
    forget(mara, OfProposition(bees, keep=frozenset({kept})))
    assert learn(model, mara, "Mara is a beekeeper.") == 0
    assert learn(model, mara, "Mara keeps bees.") == 1
    assert mara.texts() == {"Mara is a beekeeper."}


def test_the_user_s_own_word_lifts_it(mara: Person, model: UserModel) -> None:
    mara.knows("Mara keeps bees.")
    other = mara.knows("Mara keeps hens.")
    forget(mara, OfTopic("bees"))
    assert forbids(mara, "Mara is a beekeeper.")
    corrected = model.correct(mara.id, other, "Mara keeps bees.")
    assert mara.rows()["tombstones"] == 0
    assert not forbids(mara, "Mara is a beekeeper.")
    assert learn(model, mara, "Mara keeps bees.") == 0
    assert mara.texts() == {"Mara keeps bees."}
    assert mara.memory(corrected.lineage_id).text == "Mara keeps hens."


def test_a_correction_to_something_else_lifts_nothing(mara: Person, model: UserModel) -> None:
    other = mara.knows("Mara plays the piano.")
    forget(mara, OfProposition(mara.knows("Mara keeps bees.")))
    model.correct(mara.id, other, "Mara plays the organ.")
    assert mara.rows()["tombstones"] == 1


def test_a_draft_that_rests_on_what_was_erased_meanwhile_is_refused(mara: Person) -> None:
    seen, gone = mara.saw("obs_1", "Mara swims."), mara.saw("obs_0", "earlier")
    drafts = [draft("Mara runs.", gone), draft("Mara swims.", seen), draft("Both.", seen, gone)]
    with mara.database.transaction() as session:
        session.delete(session.get_one(Observation, gone))
        stones = Tombstones.read_for(session, mara.id, "Mara", "x", drafts)
    assert [stones.refuses(one, [0.0] * 384) for one in drafts] == [True, False, True]


def test_what_the_same_span_carried_is_refused_in_quite_other_words(mara: Person) -> None:
    said = "No ham for me please, thanks!"
    seen = mara.saw("obs_1", said)
    diet = mara.knows("Mara is vegetarian.")
    with mara.database.transaction() as session:
        MemoryRepository(session, mara.id).link(
            diet, "observation", seen, "supports", mara.now, quote=f"Anna: lunch?\n{said}"
        )
    forget(mara, OfProposition(diet))
    drafts = [
        Draft(text, "", 0.5, 0.5, (Evidence(seen, quote),), mara.now)
        for text in ("Mara eats no ham.", "Mara thanks Anna.")
        for quote in ("no ham for me  please, thanks!", "A sandwich without ham.")
    ]
    with mara.database.transaction() as session:
        stones = Tombstones.read_for(session, mara.id, "Mara", mara.embedder.name, drafts)
    vectors = mara.embedder.embed([one.text for one in drafts])
    refused = [stones.refuses(one, vector) for one, vector in zip(drafts, vectors, strict=True)]
    assert refused == [True, False, False, False]


def test_tombstones_of_another_embedder_know_the_words_alone(mara: Person) -> None:
    forget(mara, OfProposition(mara.knows("Mara keeps bees.")))
    with mara.database.transaction() as session:
        elsewhere = Tombstones.read(
            session, mara.id, "Mara", "another", ["Mara keeps bees.", "Mara is a beekeeper."]
        )
    vector = mara.embedder.embed(["Mara keeps bees."])[0]
    assert elsewhere.forbids("Mara keeps bees.", vector)
    assert not elsewhere.forbids("Mara is a beekeeper.", vector)


def test_one_statement_has_one_tombstone(mara: Person) -> None:
    for _ in range(2):
        forget(mara, OfProposition(mara.knows("Mara keeps bees.")))
    with mara.database.transaction() as session:
        assert len(ForgettingRepository(session, mara.id).tombstones()) == 1


def test_nobody_is_refused_for_what_another_forgot(mara: Person, omar: Person) -> None:
    forget(mara, OfProposition(mara.knows("Mara keeps bees.")))
    [vector] = omar.embedder.embed(["Omar keeps bees."])
    with omar.database.transaction() as session:
        theirs = Tombstones.read(
            session, omar.id, "Omar", omar.embedder.name, ["Omar keeps bees.", "Mara keeps bees."]
        )
    assert not theirs.forbids("Omar keeps bees.", vector)
    assert not theirs.forbids("Mara keeps bees.", vector)


def test_the_embedder_has_a_name(embedder: BundledEmbedder) -> None:
    assert embedder.name == "all-MiniLM-L6-v2", "the thresholds are of this one"
