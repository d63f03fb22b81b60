"""One adapter serves a user at a time; promotion and rollback move it, and nobody else's."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from idiolect.adapters.card import AdapterCard, write_card
from idiolect.adapters.dataset import Dataset
from idiolect.adapters.gate import judge
from idiolect.adapters.lifecycle import current_adapter, promote, register, roll_back
from idiolect.adapters.recipe import Recipe
from idiolect.adapters.train import TrainedAdapter
from idiolect.errors import ConflictError, NotFoundError
from idiolect.preference.metrics import StepMetrics
from idiolect.preference.pairs import Pair
from idiolect.preference.trainer import History
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory, Preference, ProvenanceLink
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.store.repositories.preference import PreferenceRepository
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.memory.deletion import carry_out, plan
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
STEP = StepMetrics(
    loss=0.69,
    accuracy=0.5,
    margin=0.0,
    chosen_reward=0.0,
    rejected_reward=0.0,
    kl=0.0,
    step=1,
    steps=1,
    grad_norm=1.0,
    learning_rate=1e-3,
    tokens_per_s=900.0,
    estimates={},
)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def preferences(user_id: str) -> list[Preference]:
    """Two to train on, one held out, one tie; an hour apart, given newest first."""
    kinds = [("train", False), ("held_out", False), ("train", True), ("train", False)]
    return [
        Preference(
            id=f"pref_{hour}",
            user_id=user_id,
            context=[{"role": "user", "content": "Name a soup."}],
            chosen=f"Leek {hour}.",
            rejected="Tomato.",
            is_tie=tie,
            weight=1.0,
            source="choice",
            split=split,
            content_hash=f"{hour}",
            created_at=NOW + timedelta(hours=hour),
        )
        for hour, (split, tie) in reversed(list(enumerate(kinds)))
    ]


def card(*, passed: bool = True) -> AdapterCard:
    trained = TrainedAdapter(
        path=Path("adapter"),
        base_name="tiny",
        base_hash="a" * 64,
        example_ids=("pref_0",),
        by_source={"choice": 1},
        left_out=("pref_3",),
        history=History(steps=[STEP], best_step=1),
        report=None,
        seconds=1.5,
    )
    verdict = judge([False], [passed], minimum_pairs=1, seed=0)
    return write_card(Recipe(), Dataset.of(preferences("usr_mara")), trained, verdict)


def candidate(
    session: Session,
    user_id: str,
    *,
    passed: bool = True,
    digit: str = "a",
    trained_on: Sequence[str] = ("pref_0", "pref_3"),
) -> Memory:
    return register(
        session,
        user_id,
        card=card(passed=passed),
        blob_key=f"sha256/{digit * 2}/{digit * 64}",
        trained_on=trained_on,
        now=NOW,
    )


def test_a_data_set_is_sorted_by_split_and_time_without_ties() -> None:
    dataset = Dataset.of(preferences("usr_mara"))
    assert [pair.id for pair in dataset.train] == ["pref_0", "pref_3"]
    assert [pair.id for pair in dataset.held_out] == ["pref_1"]
    assert dataset.ties == 1
    assert (dataset.first_at, dataset.last_at) == (NOW, NOW + timedelta(hours=3))
    assert Dataset.of([]).first_at is None


def test_ties_are_learned_from_when_asked_and_never_held_out() -> None:
    held_out_tie = preferences("usr_mara")[1]
    held_out_tie.id, held_out_tie.split = "pref_9", "held_out"
    dataset = Dataset.of([*preferences("usr_mara"), held_out_tie], ties="use")
    assert [one.id for one in dataset.train] == ["pref_0", "pref_2", "pref_3"]
    assert [one.is_tie for one in dataset.train if isinstance(one, Pair)] == [False, True, False]
    assert [pair.id for pair in dataset.held_out] == ["pref_1"]
    assert dataset.ties == 2


def test_a_card_tells_all_and_is_plain_json() -> None:
    written = card().as_dict()
    assert written["preferences"] == {
        "train": 1,
        "held_out": 1,
        "ties": 1,
        "left_out": 1,
        "by_source": {"choice": 1},
        "first_at": "2026-03-02T12:00:00Z",
        "last_at": "2026-03-02T15:00:00Z",
    }
    assert written["base"] == {"name": "tiny", "hash": "a" * 64}
    assert written["objective"]["preset"] == "dpo"
    assert written["objective"]["spec"] == {"preset": "dpo", "beta": 0.1}
    assert "Rafailov" in written["objective"]["citation"]
    assert written["objective"]["unverified"] == ""
    assert written["recipe_hash"] == Recipe().hash
    assert written["recipe"]["seed"] == 0
    assert written["curves"]["loss"] == [0.69]
    assert written["gate"]["promoted"] is True
    assert AdapterCard.model_validate(written) == card()


def test_adapters_are_numbered_candidates_with_their_provenance(
    session: Session, user_id: str
) -> None:
    first, second = candidate(session, user_id), candidate(session, user_id, digit="b")
    assert (first.version, second.version) == (1, 2)
    assert first.id.startswith("adp_")
    assert first.state == "generated"
    assert first.content_hash == "a" * 64
    links = session.query(ProvenanceLink).filter_by(memory_id=first.id).all()
    assert {(link.source_id, link.relation) for link in links} == {
        ("pref_0", "trained_on"),
        ("pref_3", "trained_on"),
    }
    resting = ProvenanceRepository(session, user_id).resting_on([("preference", "pref_0")])
    assert resting == {first.id, second.id}


def test_to_delete_what_choices_were_made_under_makes_the_adapter_stale(
    session: Session, user_id: str
) -> None:
    memories = MemoryRepository(session, user_id)
    acted, idle = (
        memories.add("proposition", NOW, state="activated", text=text)
        for text in ("Mara likes it brief.", "Mara swims.")
    )
    talks = ConversationRepository(session, user_id)
    talk = talks.create("", NOW)
    asked = talks.add_message(talk, role="user", parent_id=None, text="Hi", now=NOW)
    record = {"memories": [{"id": acted.id}]}
    replies = [
        talks.add_message(talk, role="assistant", parent_id=asked.id, acted=record, now=NOW)
        for _ in range(2)
    ]
    chosen = PreferenceRepository(session, user_id)
    choice = chosen.add_choice([reply.id for reply in replies], "picked", replies[0].id, NOW)
    pair = chosen.add(
        [{"role": "user", "content": "Hi"}], "a", "b", source="choice", split="train", now=NOW,
        choice_id=choice.id,
    )  # fmt: skip
    assert pair is not None
    adapter = candidate(session, user_id, trained_on=[pair.id])
    other = candidate(session, user_id, digit="b")

    assert plan(session, user_id, idle.lineage_id).stale == []
    carry_out(session, user_id, plan(session, user_id, acted.lineage_id), by_user("mine"), NOW)

    assert "deleted" in adapter.payload["stale"]
    assert "stale" not in other.payload
    assert chosen.acted_on(["pref_none"]) == set()


def test_a_winner_is_promoted_and_takes_over(
    session: Session, user_id: str, blobs: BlobStore
) -> None:
    first, second = candidate(session, user_id), candidate(session, user_id, digit="b")
    assert current_adapter(session, user_id, blobs) is None
    promote(session, user_id, first.id, now=NOW)
    promote(session, user_id, second.id, now=NOW + timedelta(hours=1))
    assert (first.state, second.state) == ("archived", "activated")
    assert (first.valid_from, first.valid_to) == (NOW, NOW + timedelta(hours=1))
    serving = current_adapter(session, user_id, blobs)
    assert serving is not None
    assert serving.name == second.id
    assert serving.path == blobs.path(f"sha256/bb/{'b' * 64}")


def test_only_a_win_is_promoted_unless_someone_says_why(session: Session, user_id: str) -> None:
    loser = candidate(session, user_id, passed=False)
    with pytest.raises(ConflictError, match="has not passed the gate") as caught:
        promote(session, user_id, loser.id, now=NOW)
    assert caught.value.reason_code == "GATE_NOT_PASSED"
    assert loser.state == "generated"
    promote(session, user_id, loser.id, now=NOW, reason="I like how it writes.")
    assert loser.state == "activated"
    assert loser.payload["promotion_reason"] == "I like how it writes."


def test_rolling_back_walks_to_the_one_before_and_then_to_the_base(
    session: Session, user_id: str, blobs: BlobStore
) -> None:
    adapters = [candidate(session, user_id, digit=digit) for digit in "abc"]
    for adapter in adapters:
        promote(session, user_id, adapter.id, now=NOW)
    assert roll_back(session, user_id, now=NOW) is adapters[1]
    assert roll_back(session, user_id, now=NOW) is adapters[0]
    assert roll_back(session, user_id, now=NOW) is None
    assert current_adapter(session, user_id, blobs) is None
    assert [adapter.state for adapter in adapters] == ["archived"] * 3
    with pytest.raises(ConflictError, match="no adapter is promoted"):
        roll_back(session, user_id, now=NOW)
    promote(session, user_id, adapters[2].id, now=NOW)  # and it can come back
    assert AdapterRepository(session, user_id).serving() is adapters[2]


def test_an_erased_adapter_is_gone_and_rolling_back_passes_it_by(
    session: Session, user_id: str
) -> None:
    first, second = candidate(session, user_id), candidate(session, user_id, digit="b")
    promote(session, user_id, first.id, now=NOW)
    promote(session, user_id, second.id, now=NOW)
    MemoryRepository(session, user_id).purge(first.lineage_id, NOW)
    assert roll_back(session, user_id, now=NOW) is None
    with pytest.raises(NotFoundError):
        promote(session, user_id, first.id, now=NOW)
    assert [one.id for one in AdapterRepository(session, user_id).page(limit=9).items] == [
        second.id
    ]
    assert candidate(session, user_id, digit="c").version == 3  # numbers are not used again


def test_nobody_reaches_anothers_adapter(
    database: Database, session: Session, user_id: str, blobs: BlobStore
) -> None:
    adapter = candidate(session, user_id)
    promote(session, user_id, adapter.id, now=NOW)
    session.commit()
    other = add_user(database, "Noor")
    with database.transaction() as theirs:
        assert current_adapter(theirs, other, blobs) is None
        assert AdapterRepository(theirs, other).page(limit=9).items == []
        with pytest.raises(NotFoundError):
            promote(theirs, other, adapter.id, now=NOW)


def test_promoting_twice_is_refused(session: Session, user_id: str) -> None:
    adapter = candidate(session, user_id)
    promote(session, user_id, adapter.id, now=NOW)
    with pytest.raises(ConflictError):
        promote(session, user_id, adapter.id, now=NOW)


def test_the_audit_says_who_promoted_and_why(session: Session, user_id: str) -> None:
    first = candidate(session, user_id)
    second = candidate(session, user_id, digit="b", passed=False)
    promote(session, user_id, first.id, now=NOW)
    promote(session, user_id, second.id, now=NOW, reason="I like it.", actor="user")
    roll_back(session, user_id, now=NOW, actor="user")
    told = [
        (event.memory_id, event.verb, event.actor, event.reason)
        for event in MemoryEventRepository(session, user_id).oldest_first()
    ]
    assert told == [
        (first.id, "add", "system", "trained"),
        (second.id, "add", "system", "trained"),
        (first.id, "activate", "system", "it passed the gate"),
        (second.id, "activate", "user", "I like it."),
        (first.id, "archive", "user", "another adapter took over"),
        (first.id, "restore", "user", "rolled back"),
        (second.id, "archive", "user", "another adapter took over"),
    ]
