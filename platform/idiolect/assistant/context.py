"""What the model is shown: the system message that acts, and as much of the talk as fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from idiolect.handbook.notes import Found, sections
from idiolect.lm.protocols import ChatMessage
from idiolect.personalize.conditioning import system_message
from idiolect.personalize.profile import style_of
from idiolect.usermodel.charter.precedence import Decision, decide
from idiolect.usermodel.charter.preferences import Preference, preferences_of
from idiolect.usermodel.charter.render import Rendered, render
from idiolect.usermodel.charter.standards import Charter, Role

WISHES_CHARACTERS = 1000
"""Room for what the user wishes of replies, for a model that is not told the charter's rules."""


@dataclass(frozen=True, slots=True)
class Used:
    """A proposition that was found for a reply, as it was then."""

    memory_id: str
    text: str
    confidence: float
    relevance: float
    is_contested: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """The messages for the model, their system message, and what stands behind it.

    ``used`` are the propositions about the user that act, ``decision`` is what became of all that
    were found, ``told`` whether the model was told the charter's rules; ``notes`` are topics of
    the handbook, with nothing in them but what is noted.
    """

    messages: tuple[ChatMessage, ...]
    system: str
    used: tuple[Used, ...]
    decision: Decision
    told: bool
    notes: tuple[Found, ...] = ()

    def as_acted(self) -> dict[str, object]:
        """What a reply's record says of it: system message, propositions, charter and notes."""
        return {
            "system": self.system,
            "memories": [
                {
                    "id": used.memory_id,
                    "text": used.text,
                    "confidence": used.confidence,
                    "relevance": used.relevance,
                }
                for used in self.used
            ],
            "charter": {**self.decision.as_dict(), "told": self.told},
            "notes": [
                {"id": note.topic.id, "topic": note.topic.name, "nearness": note.nearness}
                for note in self.notes
            ],
        }


def assemble(
    turns: Sequence[ChatMessage],
    knowledge: Sequence[Used],
    about_style: Sequence[Used],
    notes: Sequence[Found] | None = None,
    *,
    charter: Charter,
    characters: int,
    charter_characters: int = 0,
    role: Role = "assistant",
) -> Context:
    """Puts a context together, under the charter.

    The charter decides what of the user may act, whether or not the model is told its rules: a
    proposition that reads as a wish acts by the sentence for what is left of it, any other by its
    own words or not at all.

    A system message among ``turns`` is the client's own instruction. It comes after the rules and
    stands in the place of the user's wishes: whoever wrote it knows better what the answer is for.

    Args:
        turns: the conversation so far, the user's newest message last.
        knowledge: propositions retrieved for that message, the most relevant first.
        about_style: propositions that may say how to answer, the strongest first.
        notes: what the handbook has on the matter, cut down to what fits; None where it was
            not asked, which is not the same as having nothing.
        charter: the user's.
        characters: how much of the conversation is kept, counted from its end.
        charter_characters: room for the charter's rules and for wishes; 0 for a model that is not
            told the rules, because it cannot make use of them.
        role: in which is answered.

    Raises:
        PayloadTooLargeError: the rules need more room than they have.
    """
    known = {each.memory_id: each for each in (*about_style, *knowledge)}
    wishes = [wish for each in known.values() for wish in _preferences(each)]
    decision = decide(charter, role, wishes)
    instruction = "\n\n".join(turn.content for turn in turns if turn.role == "system")
    told = charter_characters > 0
    said = replace(
        decision,
        standards=decision.standards if told else (),
        adaptations=decision.adaptations if not instruction else (),
    )
    rendered = render(said, charter_characters or WISHES_CHARACTERS)
    style = [known[each] for each in _asked_for(said, rendered)]
    read_as_wishes = {each.proposition_id for each in wishes if each.subject is not None}
    facts = [
        each
        for each in knowledge
        if each.memory_id not in read_as_wishes and each.memory_id not in decision.withheld
    ]
    system = system_message(
        "\n\n".join(part for part in (rendered.text, instruction) if part),
        [each.text for each in facts],
        sections(notes) if notes is not None else (),
    )
    return Context(
        messages=with_system(system, recent(turns, characters)),
        system=system,
        used=(*style, *facts),
        decision=decision,
        told=told,
        notes=tuple(notes or ()),
    )


def _preferences(known: Used) -> Iterable[Preference]:
    return preferences_of(
        known.memory_id,
        known.text,
        known.confidence,
        style=style_of(known.text),
        is_contested=known.is_contested,
    )


def _asked_for(said: Decision, rendered: Rendered) -> list[str]:
    """The propositions, each once, for which a model is asked to answer in some way."""
    ids = [
        each.preference.proposition_id
        for each in said.adaptations
        if each.instruction and each not in rendered.adaptations
    ]
    return list(dict.fromkeys(ids))


def with_system(system: str, turns: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """The turns under a system message; an empty one is left out."""
    first = (ChatMessage("system", system),) if system else ()
    return (*first, *turns)


def recent(turns: Sequence[ChatMessage], characters: int) -> tuple[ChatMessage, ...]:
    """The newest turns of at most this many characters, beginning with the user's.

    The last turn is kept whatever its length; system messages are not turns.
    """
    talk = [turn for turn in turns if turn.role != "system"]
    start = len(talk)
    left = characters
    for index in range(len(talk) - 1, -1, -1):
        left -= len(talk[index].content)
        if left < 0:
            break
        if talk[index].role == "user":
            start = index
    return tuple(talk[min(start, len(talk) - 1) :]) if talk else ()
