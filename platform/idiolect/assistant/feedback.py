"""What the user says about replies, turned into preferences to learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idiolect.assistant.context import recent, with_system
from idiolect.assistant.turns import as_turns
from idiolect.errors import ConflictError, InvalidInputError
from idiolect.kit.clock import Clock
from idiolect.kit.hashing import sha256_json
from idiolect.store.database import Database
from idiolect.store.models import Choice, Message, Preference
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.store.repositories.preference import PreferenceRepository, Split, Verdict


@dataclass(frozen=True, slots=True)
class Pair:
    """A preference that was made elsewhere: chosen over rejected under a context."""

    context: Sequence[Mapping[str, str]]
    chosen: str
    rejected: str
    source: str


@dataclass(frozen=True, slots=True)
class ChoiceOutcome:
    """What a choice came to: its preference, if any, and how far the next training is."""

    choice: Choice
    preference: Preference | None
    preferences_total: int
    needed: int


class Feedback:
    """Takes choices and pairs.

    Args:
        database: holds them.
        clock: stamps them.
        context_characters: how much of a conversation the model was shown; the assistant's.
        held_out_share: share of the contexts that are kept from training.
        needed: how many preferences a training asks for.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        context_characters: int,
        held_out_share: float,
        needed: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._context_characters = context_characters
        self._held_out_share = held_out_share
        self._needed = needed

    def choose(
        self,
        user_id: str,
        candidate_ids: Sequence[str],
        verdict: Verdict,
        picked_id: str | None = None,
    ) -> ChoiceOutcome:
        """Records a choice between two replies to the same message.

        A pick or a tie becomes a preference; two bad replies teach nothing, and neither do two
        that say the same. Choosing again between the same replies replaces the earlier choice.

        Args:
            user_id: who chose.
            candidate_ids: the two replies, in the order in which they were displayed.
            verdict: what was said of them.
            picked_id: the better one, when one was picked.

        Raises:
            NotFoundError: one of the replies is not this user's.
            InvalidInputError: they are not two replies to one message, or the pick is not one of
                them.
            ConflictError: one of them is not complete.
        """
        if (picked_id in candidate_ids) != (verdict == "picked") or len(set(candidate_ids)) != 2:
            raise InvalidInputError(
                "a choice is between two replies, and only the verdict `picked` names one of them",
                hint="Send two candidate_ids, and picked_id exactly when the verdict is picked.",
            )
        now = self._clock()
        with self._database.transaction() as session:
            conversations = ConversationRepository(session, user_id)
            preferences = PreferenceRepository(session, user_id)
            found = conversations.get_messages(candidate_ids)
            candidates = [found[each] for each in candidate_ids]
            _check_siblings(candidates)
            conversation = conversations.get(candidates[0].conversation_id)
            for earlier in conversations.choices(conversation):
                if set(earlier.candidate_ids) == set(candidate_ids):
                    preferences.retract_choice(earlier)
            choice = preferences.add_choice(candidate_ids, verdict, picked_id, now)
            best, other = sorted(candidates, key=lambda each: each.id != picked_id)
            preference = None
            if verdict != "both_bad" and best.text != other.text:
                context = self._context(conversations, best)
                preference = preferences.add(
                    context,
                    best.text,
                    other.text,
                    is_tie=verdict == "tie",
                    source="choice",
                    split=split_of(context, self._held_out_share),
                    choice_id=choice.id,
                    now=now,
                )
            return ChoiceOutcome(choice, preference, preferences.count(), self._needed)

    def add_pairs(self, user_id: str, pairs: Sequence[Pair]) -> list[bool]:
        """Stores preferences that were made elsewhere; False for those already here."""
        now = self._clock()
        with self._database.transaction() as session:
            preferences = PreferenceRepository(session, user_id)
            return [
                preferences.add(
                    pair.context,
                    pair.chosen,
                    pair.rejected,
                    source=pair.source,
                    split=split_of(pair.context, self._held_out_share),
                    now=now,
                )
                is not None
                for pair in pairs
            ]

    def _context(
        self, conversations: ConversationRepository, reply: Message
    ) -> list[dict[str, str]]:
        """The messages that the model was shown when it wrote a reply."""
        turns = as_turns(conversations.path_to(reply)[:-1])
        shown = with_system(reply.acted["system"], recent(turns, self._context_characters))
        return [turn.as_dict() for turn in shown]


def split_of(context: Sequence[Mapping[str, str]], held_out_share: float) -> Split:
    """Whether preferences under a context are for learning or for measuring.

    It follows from the hash of the talk alone, so the same question is always on the same side,
    whatever system message acted on its answer and however it is spaced or capitalized.
    """
    talk = [
        [turn["role"], " ".join(turn["content"].casefold().split())]
        for turn in context
        if turn["role"] != "system"
    ]
    place = int(sha256_json(talk)[:8], 16) / 2**32
    return "held_out" if place < held_out_share else "train"


def _check_siblings(candidates: Sequence[Message]) -> None:
    parents = {message.parent_id for message in candidates}
    if len(parents) > 1 or any(message.role != "assistant" for message in candidates):
        raise InvalidInputError(
            "the candidates are not replies to the same message",
            hint="Choose between replies that have the same parent_id.",
        )
    if any(message.state not in ("done", "stopped") for message in candidates):
        raise ConflictError(
            "a reply is still being written, or failed",
            code="REPLY_NOT_COMPLETE",
            hint="Choose when both replies are complete.",
        )
