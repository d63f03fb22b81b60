"""Every column of every table that can hold words: forgetting leaves none out.

A word is planted wherever it could come, then looked for. A new column fails the first test here
until the word is planted in it, or until it is listed as one that holds nobody's words.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, LargeBinary, String, cast, select
from sqlalchemy.orm import Session

from idiolect.store.models import (
    AuditDecision,
    Base,
    Job,
    JobEvent,
    Memory,
    MemoryEvent,
    Observation,
    ProvenanceLink,
    Rating,
    Suggestion,
    UserSetting,
)
from idiolect.store.repositories.user import create_key
from idiolect.usermodel.forgetting.scope import (
    OfApplication,
    OfDay,
    OfEverything,
    OfProposition,
    OfTopic,
    Scope,
)
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.propose.vocabulary import words as listed
from tests.usermodel.forgetting.conftest import NOW, Person

WORD = "zygomycosis"
SAYS = f"Mara has {WORD}."
PROGRAM = f"{WORD} diary"

NO_WORDS = listed(
    """
    api_keys.hash api_keys.prefix api_keys.scopes
    audit_decisions.verdict audit_decisions.sender audit_decisions.subject
    audit_decisions.recipient audit_decisions.data_type audit_decisions.principle
    choices.candidate_ids choices.verdict
    forgettings.scope forgettings.counts
    job_events.kind jobs.kind jobs.queue jobs.state
    memories.kind memories.state memories.scope memories.blob_key memories.content_hash
    memory_events.verb memory_events.from_state memory_events.to_state memory_events.actor
    messages.role messages.state
    observations.kind observations.trust observations.content_hash observations.masked
    preferences.source preferences.split preferences.content_hash
    provenance_links.source_type provenance_links.relation
    ratings.mark
    suggestions.outcome suggestions.state suggestions.stakes suggestions.evidence
    tombstones.content_hash tombstones.space tombstones.vector
    """
)
"""Hashes, counts, ids and names of a closed list."""

NAMES_GIVEN = frozenset({"users.name", "api_keys.name"})
"""What users call themself and their keys stays with these."""

BY_CONTRACT = listed(
    """
    jobs.idempotency_key jobs.payload jobs.result job_events.data memory_events.detail
    ratings.author user_settings.name
    """
)
"""Programs write these, and none of them writes content there: only everything takes them."""


def columns() -> set[str]:
    """All columns of the schema that could hold words."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
        and column.name != "id"
        and not column.name.endswith("_id")
    }


def holding(person: Person) -> set[str]:
    """The columns in which the word stands, in rows of anybody."""
    with person.database.transaction() as session:
        return {
            f"{table.name}.{column.name}"
            for table in Base.metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, String | JSON)
            and session.execute(
                select(column).where(cast(column, String).icontains(WORD)).limit(1)
            ).first()
        }


@pytest.fixture
def secret(mara: Person, tmp_path: Path) -> str:
    """The word in every column; gives the id of the proposition that says it."""
    seen = mara.saw("obs_1", f"I have {WORD}, says the doctor.", application=PROGRAM, at=NOW)
    id = mara.knows(SAYS, seen, reasoning=WORD, payload={"estimate_key": f"topic:{WORD}"})
    nine = mara.saw("obs_2", "At nine.", at=NOW)
    other = mara.knows("Mara sees a doctor.", nine, reasoning=f"For {WORD}, it seems.")
    mara.made("profile", id, other, text=f"Mind the {WORD}.")
    mara.made("cache", id, blob_key=mara.put(tmp_path / "kv", SAYS))
    _, _, replies = mara.asked(f"What helps with {WORD}?", id, answer=f"Rest for {WORD}.")
    mara.adapter(mara.chose(replies), blob_key=mara.put(tmp_path / "lora", "weights"))
    mara.prefers(f"For {WORD}: rest.", f"{WORD}? No idea.", f"Tell me of {WORD}.")
    mara.offered(f"Read about {WORD}?", id)
    job = mara.job("propose", state="failed", error={"code": "X", "message": f"not JSON:\n{SAYS}"})
    with mara.database.transaction() as session:
        plant_the_rest(session, mara, id, job)
    return id


def plant_the_rest(session: Session, person: Person, secret: str, job: str) -> None:
    now, user = person.now, person.id

    def put(row: Any, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)

    observation = session.get_one(Observation, "obs_1")
    put(observation, source=WORD, title=WORD, url=f"https://{WORD}.example", idempotency_key=WORD)
    put(session.get_one(AuditDecision, "obs_1"), by=WORD, reason=WORD)
    quoted = select(ProvenanceLink).where(ProvenanceLink.memory_id == secret)
    put(session.scalars(quoted).one(), quote=f"I have {WORD}, says the doctor.")
    put(session.scalars(select(Suggestion)).one(), prompt=WORD, reason=WORD, kind=f"n:{PROGRAM}")
    put(session.get_one(Job, job), payload={"a": WORD}, result={"a": WORD}, idempotency_key=WORD)
    of_other = select(MemoryEvent).join(Memory, Memory.id == MemoryEvent.memory_id)
    event = session.scalars(of_other.where(Memory.text == "Mara sees a doctor.")).one()
    put(event, reason=f"the doctor knows about {WORD}", detail={"a": WORD})
    create_key(session, user, WORD, ["read"], now)
    learned = {"offsets": {f"notification:{PROGRAM.title()}": [0.1, 0.2], "reminder": [0.0, 1.0]}}
    session.add_all(
        [
            JobEvent(job_id=job, kind="log", data={"text": WORD}, at=now),
            Rating(id="rat_1", user_id=user, memory_id=secret, lineage_id=secret, author=WORD,
                   raw=0.5, mark="true", at=now),
            UserSetting(user_id=user, name="suggestions.learned", value=learned, updated_at=now),
            UserSetting(user_id=user, name=WORD, value={}, updated_at=now),
        ]
    )  # fmt: skip


def test_it_stands_in_every_column_that_can_hold_words(secret: str, mara: Person) -> None:
    unplanted = columns() - NO_WORDS - holding(mara)
    assert unplanted == {"users.name"}, "plant the word there, or list the column in NO_WORDS"
    assert not NO_WORDS - columns(), "a column that there is no longer"


def test_everything_takes_it_from_all_of_them(secret: str, mara: Person, tmp_path: Path) -> None:
    assert "weights" in in_files(tmp_path)
    mara.forgetter.forget(mara.id, OfEverything(), by_user("forgotten"))
    assert holding(mara) == {"api_keys.name"}
    assert "weights" not in in_files(tmp_path)


TALK = {"conversations.title", "messages.text"}
PAIRS = {"preferences.context", "preferences.chosen", "preferences.rejected"}
SCREEN = {
    f"observations.{name}"
    for name in ("application", "idempotency_key", "source", "text", "title", "url")
}
OTHER_S = {"memories.reasoning", "memory_events.reason"}
"""Why another statement is believed, and what the user said when they acted on it."""

LEFT: Mapping[str, tuple[Callable[[str], Scope], set[str]]] = {
    # What was seen, said and chosen is the user's own, and a statement no more than that.
    "proposition": (
        OfProposition,
        SCREEN | {"audit_decisions.by", "audit_decisions.reason"} | TALK | PAIRS | OTHER_S
        | {"user_settings.value"},
    ),
    "application": (lambda _: OfApplication(PROGRAM), TALK | PAIRS | OTHER_S),
    # The other statement rests on that day alone; the pairs were brought along from elsewhere.
    "day": (lambda _: OfDay(NOW.date()), PAIRS | {"user_settings.value"}),
    "topic": (lambda _: OfTopic(WORD), set()),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_a_scope_leaves_it_only_where_it_is_of_something_else(
    name: str, secret: str, mara: Person
) -> None:
    scope_of, may_stay = LEFT[name]
    mara.forgetter.forget(mara.id, scope_of(secret), by_user("forgotten"))
    assert holding(mara) - BY_CONTRACT - NAMES_GIVEN == may_stay


def test_what_was_learned_of_other_kinds_stays(secret: str, mara: Person) -> None:
    counts = mara.forgetter.preview(mara.id, OfApplication(PROGRAM)).counts
    assert counts["learned settings"] == 1
    mara.forgetter.forget(mara.id, OfApplication(PROGRAM), by_user("forgotten"))
    with mara.database.transaction() as session:
        learned = session.get_one(UserSetting, (mara.id, "suggestions.learned"))
        assert learned.value == {"offsets": {"reminder": [0.0, 1.0]}}


def test_a_topic_leaves_nothing_in_the_files(mara: Person, secret: str, tmp_path: Path) -> None:
    with mara.database.transaction() as session:
        for table in (JobEvent, Rating):  # what programs promise not to fill
            for row in session.scalars(select(table)):
                session.delete(row)
        for job in session.scalars(select(Job)):
            job.payload, job.result, job.idempotency_key = {}, None, None
        for event in session.scalars(select(MemoryEvent)):
            event.detail = {}
        session.delete(session.get_one(UserSetting, (mara.id, WORD)))
        session.connection().exec_driver_sql("DELETE FROM api_keys")
    assert "idiolect.db" in in_files(tmp_path) or "idiolect.db-wal" in in_files(tmp_path)
    mara.forgetter.forget(mara.id, OfTopic(WORD), by_user("forgotten"))
    assert in_files(tmp_path) == set()


def in_files(folder: Path) -> set[str]:
    """The files of the stores in which the word, or the beginning of its stem, stands."""
    stores = [*folder.glob("idiolect.db*"), *folder.glob("blobs/**/*"), *folder.glob("chroma/**/*")]
    files = (path for path in stores if path.is_file())
    return {path.name for path in files if WORD[:6].encode() in path.read_bytes().lower()}
