"""Erases rows, inside the caller's transaction: those of an extent, or all of a user's."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, distinct, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from idiolect.store.models import (
    Base,
    Choice,
    Conversation,
    Job,
    JobEvent,
    Memory,
    MemoryEvent,
    Message,
    Observation,
    Preference,
    Suggestion,
    UserSetting,
)
from idiolect.store.repositories.memory_event import ERASED
from idiolect.usermodel.forgetting.extent import Extent
from idiolect.usermodel.forgetting.traces import FORGOTTEN, Traces, emptied
from idiolect.usermodel.memory import deletion
from idiolect.usermodel.memory.act import Act

KEPT = frozenset({"users", "api_keys"})
"""Tables of which a user's rows outlast the forgetting of everything, beside its receipt."""

_IDS_AT_ONCE = 10_000  # a statement takes some 32,000 values on the smallest of the databases


def erase_extent(session: Session, user_id: str, extent: Extent, act: Act, now: datetime) -> None:
    """Does what an extent says to the rows; vectors and files are left to the caller."""
    _forget_words(session, user_id, extent)
    _forget_settings(session, user_id, extent)
    deletion.carry_out(session, user_id, extent.cascade, act, now)
    _delete(session, Observation.id, extent.selection.observations)
    _erase_talk(session, user_id, extent)
    _delete(session, Preference.id, extent.preferences)
    _delete(session, Suggestion.id, extent.suggestions)
    _quiet_jobs(session, user_id, extent)
    session.flush()


def erase_everything(session: Session, user_id: str) -> None:
    """Deletes every row that is a user's, but for those of ``KEPT``.

    The tables are asked for by their column and not named, so that a new one is not forgotten here.
    """
    for table in reversed(Base.metadata.sorted_tables):
        if "user_id" in table.columns and table.name not in KEPT:
            session.execute(delete(table).where(table.c.user_id == user_id))
    session.expire_all()


def count_everything(session: Session, user_id: str) -> dict[str, int]:
    """How many rows ``erase_everything`` would delete, by noun; memories are counted by lineage."""
    counts: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        if "user_id" in table.columns and table.name not in KEPT | {"memories"}:
            query = select(func.count()).select_from(table).where(table.c.user_id == user_id)
            counts[table.name.replace("_", " ")] = session.scalar(query) or 0
    lineages = select(Memory.kind, func.count(distinct(Memory.lineage_id))).where(
        Memory.user_id == user_id, Memory.state != "purged"
    )
    kinds: Mapping[str, int] = dict(session.execute(lineages.group_by(Memory.kind)).all())
    own = select(Conversation.id).where(Conversation.user_id == user_id)
    messages = select(func.count()).where(Message.conversation_id.in_(own))
    counts |= {
        "propositions": kinds.get("proposition", 0),
        "adapters": kinds.get("adapter", 0),
        "other memories": sum(kinds.values())
        - kinds.get("proposition", 0)
        - kinds.get("adapter", 0),
        "messages": session.scalar(messages) or 0,
    }
    return {noun: count for noun, count in sorted(counts.items()) if count}


def files_of(session: Session, user_id: str) -> list[str]:
    """The keys of all blobs that a user's memories have."""
    query = select(Memory.blob_key).where(Memory.user_id == user_id, Memory.blob_key.is_not(None))
    return [key for key in session.scalars(query.distinct()) if key is not None]


def _forget_words(session: Session, user_id: str, extent: Extent) -> None:
    """Takes the reasoning off what stays, where it quotes what goes, and the reasons of acts."""
    for lineage, cuts in extent.cascade.cuts.items():
        quotes = Traces.of((), (line for cut in cuts for line in (cut.quote or "").splitlines()))
        versions = select(Memory).where(Memory.user_id == user_id, Memory.lineage_id == lineage)
        for version in session.scalars(versions):
            reasoning = (version.reasoning or "").casefold()
            if any(quote and quote in reasoning for quote in quotes.lines):
                version.reasoning = None
    session.flush()
    for column, empty in ((Memory.reasoning, None), (MemoryEvent.reason, ERASED)):
        table = column.class_
        said = select(column).where(table.user_id == user_id, column.is_not(None)).distinct()
        quoting = [text for text in session.scalars(said) if text and extent.traces.in_text(text)]
        for part in _parts(quoting):
            changed = update(table).where(table.user_id == user_id, column.in_(part))
            session.execute(changed.values({column: empty}))


def _forget_settings(session: Session, user_id: str, extent: Extent) -> None:
    for setting in session.scalars(select(UserSetting).where(UserSetting.user_id == user_id)):
        setting.value = extent.settings.get(setting.name, setting.value)


def _erase_talk(session: Session, user_id: str, extent: Extent) -> None:
    for message in _rows(session, Message.id, extent.messages):
        message.text, message.acted = FORGOTTEN, emptied(message.acted)
    for message in _rows(session, Message.id, extent.records):
        message.acted = extent.records[message.id]
    for conversation in _rows(session, Conversation.id, extent.untitled):
        conversation.title = ""
    session.flush()
    if not extent.conversations:
        return
    inside = select(Message.id).where(Message.conversation_id.in_(list(extent.conversations)))
    gone = set(session.scalars(inside))
    for choice in session.scalars(select(Choice).where(Choice.user_id == user_id)):
        if gone.issuperset(choice.candidate_ids):
            session.delete(choice)
    session.flush()
    _delete(session, Conversation.id, extent.conversations)


def _quiet_jobs(session: Session, user_id: str, extent: Extent) -> None:
    """Takes quotations out of what failed jobs said.

    Trainings under way, or to be gone on with, learn from pairs that are no more: they go, and
    their checkpoints with them (the worker removes the folders of jobs that are not there).
    """
    if extent.preferences:
        session.execute(
            delete(Job).where(
                Job.user_id == user_id,
                Job.kind == "train",
                Job.attempt > 0,
                Job.state != "succeeded",
            )
        )
    failed = select(Job).where(Job.user_id == user_id, Job.error.is_not(None))
    for job in session.scalars(failed):
        if job.error is not None and _quotes(extent.traces, job.error.get("message", "")):
            job.error = {**job.error, "message": FORGOTTEN}
            events = select(JobEvent).where(JobEvent.job_id == job.id)
            for event in session.scalars(events):
                if event.data.get("error"):
                    event.data = {**event.data, "error": job.error}


def _quotes(traces: Traces, message: str) -> bool:
    said = " ".join(message.casefold().split())
    return traces.in_text(message) or any(line in said for line in traces.lines)


def _rows(session: Session, key: InstrumentedAttribute[str], ids: Collection[str]) -> Iterator[Any]:
    for part in _parts(ids):
        yield from session.scalars(select(key.class_).where(key.in_(part)))


def _delete(session: Session, key: InstrumentedAttribute[str], ids: Collection[str]) -> None:
    for part in _parts(ids):
        session.execute(delete(key.class_).where(key.in_(part)))


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(ids)
    for start in range(0, len(every), _IDS_AT_ONCE):
        yield every[start : start + _IDS_AT_ONCE]
