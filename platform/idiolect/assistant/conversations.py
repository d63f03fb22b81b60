"""The assistant: takes a message, answers under what is known of its user, records what acted."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, replace
from functools import partial

from idiolect.assistant.context import Context, Used, assemble, recent
from idiolect.assistant.events import Event, Failed, Finished, Started, Wrote
from idiolect.assistant.prefixes import Prefixes
from idiolect.assistant.titles import title_of
from idiolect.assistant.turns import as_turns, parent_of
from idiolect.errors import IdiolectError, NotFoundError
from idiolect.handbook.handbook import Handbook
from idiolect.handbook.notes import Found, fit
from idiolect.kit.clock import Clock
from idiolect.lm.protocols import AdapterRef, ChatMessage, LanguageModel, PrefixRef, Sampling
from idiolect.personalize.profile import STYLE_QUERY
from idiolect.store.database import Database
from idiolect.store.models import Message
from idiolect.store.repositories.conversation import ConversationRepository, MessageState
from idiolect.usermodel.charter.preferences import is_contested
from idiolect.usermodel.charter.standards import Charter
from idiolect.usermodel.charter.stored import StoredCharters
from idiolect.usermodel.confidence import is_credible
from idiolect.usermodel.memory.promotion import Standing
from idiolect.usermodel.pipeline import UserModel

CurrentAdapter = Callable[[str], AdapterRef | None]
"""Gives a user's promoted adapter, named by its id."""

CharterOf = Callable[[str], Charter]
"""Gives a user's charter."""

KNOWLEDGE_LIMIT = 4
"""How many propositions are put before the model."""

MINIMUM_RELEVANCE = 0.08
"""Under it a proposition is not worth its place. What bears on a question is seldom like it in
words: of 200 questions with 25 propositions each, of which one bears on it, that one lies above
with 27 %, any other with 10 % (0.125: 11 and 3 %)."""

STYLE_LIMIT = 8

TALK_SHARE = 0.55
"""How much of the context the talk may have beside notes; they may have what it leaves."""


class Assistant:
    """Answers in conversations.

    Args:
        database: holds the conversations; no transaction is open while the model writes.
        user_model: finds the propositions that matter for a message.
        model: writes the replies.
        current_adapter: gives the adapter that serves a user.
        clock: stamps what is written.
        handbook: what can be looked up for an answer; None leaves the model to itself.
        sampling: how replies are drawn; the number of candidates comes with each request.
        context_characters: how much of a conversation and of notes the model is shown.
        charter_of: gives the charter that acts on a user's replies; by default the stored one.
        charter_characters: room in the system message for the charter's rules and for wishes; 0
            for a model that is not told the rules. The charter decides what it is shown all the
            same.
        prefixes: finds what was computed of a user's contexts; by default nothing is.
        hosted: whether somebody else runs the model; such a one is shown nothing private.

    Attributes:
        talk_characters: how much of a conversation the model is shown.
    """

    def __init__(
        self,
        database: Database,
        user_model: UserModel,
        model: LanguageModel,
        current_adapter: CurrentAdapter,
        clock: Clock,
        *,
        handbook: Handbook | None = None,
        sampling: Sampling = Sampling(),  # noqa: B008 - frozen
        context_characters: int = 8000,
        charter_of: CharterOf | None = None,
        charter_characters: int = 0,
        prefixes: Prefixes | None = None,
        hosted: bool = True,
    ) -> None:
        self._database = database
        self._user_model = user_model
        self._model = model
        self._current_adapter = current_adapter
        self._clock = clock
        self._handbook = handbook
        self._sampling = sampling
        self._context_characters = context_characters
        self._charter_of = charter_of or StoredCharters(database, clock).of
        self._charter_characters = charter_characters
        self._prefixes = prefixes
        self._hosted = hosted
        share = TALK_SHARE if handbook else 1.0
        self.talk_characters = int(share * context_characters)

    def contextualize(
        self,
        user_id: str,
        turns: Sequence[ChatMessage],
        *,
        personalize: bool = True,
        for_owner: bool = False,
    ) -> Context:
        """What the model is shown for a conversation that ends with the user's message.

        Notes and the charter are no personalization: they stand there without it, too. What the
        user rated private is among what is known where the user alone reads the answer
        (``for_owner``) and the model is not hosted.
        """
        knowledge: list[Used] = []
        about_style: list[Used] = []
        if personalize:
            near = self._search(user_id, turns[-1].content, KNOWLEDGE_LIMIT, for_owner, rerank=True)
            knowledge = [each for each in near if each.relevance >= MINIMUM_RELEVANCE]
            about_style = self._about_style(user_id, for_owner)
        return assemble(
            turns,
            knowledge,
            about_style,
            self._look_up(turns),
            charter=self._charter_of(user_id),
            characters=self.talk_characters,
            charter_characters=self._charter_characters,
        )

    def standing(self, user_id: str, *, for_owner: bool = False) -> Standing:
        """What stands first in the system message whatever is asked: the rules and the wishes.

        A question that is itself like a wish can add a sentence; such a context begins otherwise.
        """
        context = assemble(
            (),
            (),
            self._about_style(user_id, for_owner),
            charter=self._charter_of(user_id),
            characters=0,
            charter_characters=self._charter_characters,
        )
        return Standing(
            head=context.system,
            sources=[each.memory_id for each in context.used],
            charter=context.decision.charter_version,
            adapter=self._current_adapter(user_id),
        )

    def reply(
        self,
        user_id: str,
        conversation_id: str,
        text: str,
        *,
        parent_id: str | None = None,
        candidates: int = 1,
        personalize: bool = True,
        for_owner: bool = False,
    ) -> Generator[Event]:
        """Takes a message and writes the replies to it.

        What cannot be done is refused before the first event. Closing the generator ends the
        writing, and the replies are kept as far as they came, as ``stopped``.

        Args:
            user_id: who speaks.
            conversation_id: where.
            text: what they say.
            parent_id: the reply that it answers; None goes on where the conversation ends.
            candidates: how many replies to choose from.
            personalize: False leaves out all that is known of the user, and their adapter.
            for_owner: whether the user alone reads the replies, and not an assistant of theirs.

        Raises:
            NotFoundError: the user has no such conversation, or it has no such message.
            ConflictError: the reply that it answers is still being written, or failed.
            InvalidInputError: the message that it answers is the user's own.
        """
        with self._database.transaction() as session:
            conversations = ConversationRepository(session, user_id)
            conversation = conversations.get(conversation_id)
            parent = parent_of(conversations, conversation, parent_id)
            path = conversations.path_to(parent) if parent else []
        turns = [*as_turns(path), ChatMessage("user", text)]
        context = self.contextualize(user_id, turns, personalize=personalize, for_owner=for_owner)
        adapter = self._current_adapter(user_id) if personalize else None
        sampling = replace(self._sampling, n=candidates)
        acted: dict[str, object] = {
            "model": self._model.name,
            "adapter": adapter.name if adapter else None,
            **context.as_acted(),
            "personalized": personalize,
            "sampling": asdict(sampling),
        }
        started = self._record(user_id, conversation_id, parent, text, candidates, acted)
        prefix = None
        if self._prefixes is not None and personalize:
            prefix = self._prefixes.find(user_id, adapter, context.decision.charter_version)
        yield from self._write(user_id, started, context, sampling, adapter, prefix)

    def _record(
        self,
        user_id: str,
        conversation_id: str,
        parent: Message | None,
        text: str,
        candidates: int,
        acted: dict[str, object],
    ) -> Started:
        now = self._clock()
        with self._database.transaction() as session:
            conversations = ConversationRepository(session, user_id)
            conversation = conversations.get(conversation_id)
            conversation.title = conversation.title or title_of(text)
            asked = conversations.add_message(
                conversation,
                role="user",
                parent_id=parent.id if parent else None,
                text=text,
                now=now,
            )
            replies = tuple(
                conversations.add_message(
                    conversation,
                    role="assistant",
                    parent_id=asked.id,
                    state="streaming",
                    position=position,
                    acted=acted,
                    now=now,
                )
                for position in range(candidates)
            )
        return Started(asked, replies)

    def _write(
        self,
        user_id: str,
        started: Started,
        context: Context,
        sampling: Sampling,
        adapter: AdapterRef | None,
        prefix: PrefixRef | None,
    ) -> Generator[Event]:
        texts = [""] * len(started.replies)
        state: MessageState = "failed"
        error: IdiolectError | None = None
        finished: list[Message] = []
        try:
            yield started
            deltas = self._model.stream(context.messages, sampling, adapter=adapter, prefix=prefix)
            for delta in deltas:
                texts[delta.index] += delta.text
                yield Wrote(started.replies[delta.index].id, delta.text)
            state = "done"
        except GeneratorExit:
            state = "stopped"
            raise
        except IdiolectError as raised:
            error = raised
        finally:
            finished = self._complete(user_id, started.replies, texts, state)
        if error is not None:
            yield Failed(error)
            return
        for message in finished:
            yield Finished(message)

    def _complete(
        self, user_id: str, replies: Sequence[Message], texts: Sequence[str], state: MessageState
    ) -> list[Message]:
        with self._database.transaction() as session:
            conversations = ConversationRepository(session, user_id)
            try:
                rows = conversations.get_messages([reply.id for reply in replies])
            except NotFoundError:
                return []  # the conversation was deleted while the model wrote
            for reply, text in zip(replies, texts, strict=True):
                rows[reply.id].text = text.strip()
                rows[reply.id].state = state
            return [rows[reply.id] for reply in replies]

    def _look_up(self, turns: Sequence[ChatMessage]) -> Sequence[Found] | None:
        """Notes on what is talked about, in the room that the talk leaves; None: not asked."""
        if self._handbook is None:
            return None
        talk = recent(turns, self.talk_characters)
        room = self._context_characters - sum(len(turn.content) for turn in talk)
        said = [turn.content for turn in talk if turn.role == "user"]
        found = self._handbook.find(said)
        if not found:
            return found
        return fit(found, room) or None  # to have no room is not to have nothing

    def _about_style(self, user_id: str, for_owner: bool) -> list[Used]:
        """What may say how to answer, the surest first."""
        found = self._search(user_id, STYLE_QUERY, STYLE_LIMIT, for_owner)
        return sorted(found, key=lambda each: -each.confidence)

    def _search(
        self, user_id: str, query: str, limit: int, for_owner: bool, *, rerank: bool = False
    ) -> list[Used]:
        """What is known that fits a query, and rests on more than strangers' words.

        What the user contests takes no other one's place.
        """
        find = partial(
            self._user_model.search,
            user_id,
            query,
            now=self._clock(),
            with_private=for_owner and not self._hosted,
            rerank=rerank,
        )
        found = find(limit)
        if contested := sum(is_contested(each.memory.payload) for each in found):
            found = find(limit + contested)
        return [
            Used(
                memory_id=each.memory.id,
                text=each.memory.text or "",
                confidence=each.confidence,
                relevance=each.relevance,
                is_contested=is_contested(each.memory.payload),
            )
            for each in found
            if is_credible(each.memory.confidence)
        ]
