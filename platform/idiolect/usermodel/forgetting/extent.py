"""What a scope takes with it, read inside a transaction; changes nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.store.models import (
    Choice,
    Conversation,
    Memory,
    Message,
    Preference,
    Suggestion,
    UserSetting,
)
from idiolect.store.models.memory import SourceType, State
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_conditions import is_indexed
from idiolect.store.repositories.provenance import Edge
from idiolect.usermodel.forgetting.selection import Selection
from idiolect.usermodel.forgetting.traces import FORGOTTEN, Traces
from idiolect.usermodel.memory import deletion
from idiolect.usermodel.memory.cascade import Cascade
from idiolect.usermodel.memory.checks import TEXT_KINDS
from idiolect.usermodel.revise import is_estimate

LIVING: tuple[State, ...] = ("generated", "activated", "merged", "archived", "expired")
"""All states but that of what was erased."""

MOST_SPANS = 50
"""How many of the spans that carried a statement are known again, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """All that goes or changes with a selection.

    Attributes:
        selection: that it follows from.
        cascade: of the memories.
        statements: texts of the propositions that go, in all their versions.
        quotes: the spans that carried them, by their last text.
        estimates: what they estimated, by their last text; see ``Draft.estimate_key``.
        traces: by which the rest was found.
        messages: whose words go.
        records: new records, by message, of the replies that quoted what goes.
        conversations: that go whole.
        untitled: conversations whose title goes.
        preferences: that go.
        suggestions: that go.
        settings: new values, by name, of those that have learned something of what goes.
        vectors: lineages that have one now and will have none.
        files: keys of the blobs of what goes.
        weighed: lineages that are weighed again.
    """

    selection: Selection
    cascade: Cascade
    statements: frozenset[str]
    quotes: Mapping[str, Sequence[str]]
    estimates: Mapping[str, str]
    traces: Traces
    messages: frozenset[str]
    records: dict[str, dict[str, Any]]
    conversations: frozenset[str]
    untitled: frozenset[str]
    preferences: frozenset[str]
    suggestions: frozenset[str]
    settings: Mapping[str, dict[str, Any]]
    vectors: tuple[str, ...]
    files: tuple[str, ...]
    weighed: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each noun go or change; what is not touched is left out."""
        kinds = Counter(self.cascade.nodes[lineage].kind for lineage in self.cascade.purged)
        counts = {
            "observations": len(self.selection.observations),
            "propositions": kinds.pop("proposition", 0),
            "other memories": kinds.total(),
            "propositions weighed again": len(self.weighed),
            "adapters made stale": len(self.cascade.stale),
            "vectors": len(self.vectors),
            "files": len(self.files),
            "conversations": len(self.conversations),
            "messages": len(self.messages),
            "records of replies": len(self.records),
            "preferences": len(self.preferences),
            "suggestions": len(self.suggestions),
            "learned settings": len(self.settings),
        }
        return {noun: count for noun, count in counts.items() if count}


def read_extent(session: Session, user_id: str, selection: Selection) -> Extent:
    """What goes with a selection."""
    reader = _Reader(session, user_id, selection)
    cascade = reader.cascade()
    reader.follow(cascade)
    if reader.preferences or reader.profiles:
        cascade = reader.cascade()  # again, for what was made from these
        reader.follow(cascade)
    expected = deletion.expected(session, user_id, cascade)
    current = MemoryRepository(session, user_id).by_lineage(cascade.purged)
    said = {
        lineage: (memory.text, memory)
        for lineage, memory in current.items()
        if memory.kind == "proposition" and memory.text is not None
    }
    return Extent(
        selection=selection,
        cascade=cascade,
        statements=frozenset(reader.statements),
        quotes={text: _quotes(cascade.below[lineage]) for lineage, (text, _) in said.items()},
        estimates={
            text: memory.payload["estimate_key"]
            for text, memory in said.values()
            if is_estimate(memory)
        },
        traces=reader.traces,
        messages=frozenset(reader.messages),
        records=reader.records,
        conversations=frozenset(reader.conversations),
        untitled=frozenset(reader.untitled),
        preferences=frozenset(reader.preferences),
        suggestions=frozenset(reader.suggestions),
        settings=reader.settings,
        vectors=tuple(one for one in cascade.purged if is_indexed(current[one])),
        files=expected.blobs,
        weighed=expected.reweighed,
    )


def _quotes(edges: Sequence[Edge]) -> list[str]:
    """The spans behind some links, the newest first."""
    spans = [edge.quote for edge in reversed(edges) if edge.quote]
    return list(dict.fromkeys(spans))[:MOST_SPANS]


@dataclass(slots=True)
class _Reader:
    """Follows a selection from table to table."""

    session: Session
    user_id: str
    selection: Selection
    traces: Traces = field(default_factory=Traces)
    statements: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    conversations: set[str] = field(default_factory=set)
    untitled: set[str] = field(default_factory=set)
    preferences: set[str] = field(default_factory=set)
    suggestions: set[str] = field(default_factory=set)
    profiles: set[str] = field(default_factory=set)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def cascade(self) -> Cascade:
        """Of the memories, with the preferences and profiles that were found so far."""
        lost: list[tuple[SourceType, str]] = [
            *(("observation", one) for one in self.selection.observations),
            *(("message", one) for one in self.selection.messages),
            *(("preference", one) for one in sorted(self.preferences)),
        ]
        lineages = sorted(self.selection.lineages | self.profiles)
        return deletion.plan_all(self.session, self.user_id, lineages, lost)

    def follow(self, cascade: Cascade) -> None:
        """Reads what else the memories that go have left, and what goes with the messages."""
        self._name(cascade.purged)
        by_conversation = self._talk()
        for conversation, messages in by_conversation:
            self._read_talk(conversation, messages)
        self._read_preferences()
        self._read_suggestions(cascade.purged)
        self._read_profiles(cascade.cuts)
        self._read_settings()

    def _name(self, lineages: Sequence[str]) -> None:
        versions = self._versions(lineages)
        texts = [one.text for one in versions if one.kind in TEXT_KINDS and one.text]
        self.statements = {
            one.text for one in versions if one.kind == "proposition" and one.text is not None
        }
        ids = (one.id for one in versions)
        self.traces = Traces.of(ids, texts, self.selection.words, self.selection.applications)

    def _versions(self, lineages: Sequence[str]) -> list[Memory]:
        memories = MemoryRepository(self.session, self.user_id)
        return list(chain.from_iterable(map(memories.history, lineages)))

    def _talk(self) -> Iterable[tuple[Conversation, list[Message]]]:
        conversations = self.session.scalars(
            select(Conversation).where(Conversation.user_id == self.user_id)
        ).all()
        grouped: dict[str, list[Message]] = {one.id: [] for one in conversations}
        for message in self.session.scalars(
            select(Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Conversation.user_id == self.user_id)
            .order_by(Message.created_at, Message.position, Message.id)
        ):
            grouped[message.conversation_id].append(message)
        return [(one, grouped[one.id]) for one in conversations]

    def _read_talk(self, conversation: Conversation, messages: Sequence[Message]) -> None:
        """A message that goes takes the replies to it; one that is left alone goes whole."""
        named = self.selection.messages
        going = {
            one.id
            for one in messages
            if one.id in named or (one.role == "assistant" and one.parent_id in named)
        }
        if going and all(one.id in going or one.text == FORGOTTEN for one in messages):
            self.conversations.add(conversation.id)
        self.messages |= going
        for message in messages:
            if message.id not in going and message.acted:
                record = self.traces.taken_from_record(message.acted)
                if record is not None:
                    self.records[message.id] = record
        begins_with_it = bool(messages) and messages[0].id in going
        if conversation.title and (begins_with_it or self.traces.in_text(conversation.title)):
            self.untitled.add(conversation.id)

    def _read_preferences(self) -> None:
        """Pairs that quote what goes or were chosen under it: training would bring it back."""
        touched = self.messages | self.records.keys()
        chosen_under = {
            choice.id
            for choice in self._own(Choice)
            if not touched.isdisjoint(choice.candidate_ids)
        }
        for pair in self._own(Preference):
            replies = (pair.chosen, pair.rejected)
            if (
                pair.choice_id in chosen_under
                or self.traces.in_turns(pair.context)
                or any(map(self.traces.in_text, replies))
            ):
                self.preferences.add(pair.id)

    def _read_suggestions(self, lineages: Collection[str]) -> None:
        named = self.traces.ids.union(lineages)
        for one in self._own(Suggestion):
            said = (one.text, one.prompt or "", one.reason)
            if (
                one.id in self.selection.suggestions
                or not named.isdisjoint(one.evidence)
                or self.traces.in_name(one.kind)
                or any(map(self.traces.in_text, said))
            ):
                self.suggestions.add(one.id)

    def _read_profiles(self, cut: Collection[str]) -> None:
        """A profile sums up what it was made from, so it goes with any of that; it is made again.

        Args:
            cut: the lineages that lose something they rest on.
        """
        memories = MemoryRepository(self.session, self.user_id)
        for one in memories.list_current("profile", states=LIVING):
            if one.lineage_id in cut or self.traces.in_text(one.text or ""):
                self.profiles.add(one.lineage_id)

    def _read_settings(self) -> None:
        for one in self._own(UserSetting):
            left = self.traces.without_names(one.value)
            if left != one.value:
                self.settings[one.name] = left

    def _own(self, table: type[Any]) -> Iterable[Any]:
        return self.session.scalars(select(table).where(table.user_id == self.user_id))
