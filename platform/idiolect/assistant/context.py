"""What the model is shown: the system message that acts, and as much of the talk as fits."""

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.handbook.notes import Found, sections
from idiolect.lm.protocols import ChatMessage
from idiolect.personalize.conditioning import system_message
from idiolect.personalize.profile import style_of, style_paragraph


@dataclass(frozen=True, slots=True)
class Used:
    """A proposition that acted on a reply, as it was when it acted."""

    memory_id: str
    text: str
    confidence: float
    relevance: float


@dataclass(frozen=True, slots=True)
class Context:
    """The messages for the model, their system message, and what stands behind it.

    ``used`` are propositions about the user, ``notes`` topics of the handbook, with nothing in
    them but what is noted.
    """

    messages: tuple[ChatMessage, ...]
    system: str
    used: tuple[Used, ...]
    notes: tuple[Found, ...] = ()

    def as_acted(self) -> dict[str, object]:
        """What a reply's record says of it: the system message, the propositions, the notes."""
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
    characters: int,
) -> Context:
    """Puts a context together.

    A system message among ``turns`` is the client's own instruction and stands in the place of
    the style paragraph: whoever wrote it knows better what the answer is for.

    Args:
        turns: the conversation so far, the user's newest message last.
        knowledge: propositions retrieved for that message, the most relevant first.
        about_style: propositions that may say how to answer, the strongest first.
        notes: what the handbook has on the matter, cut down to what fits; None where it was
            not asked, which is not the same as having nothing.
        characters: how much of the conversation is kept, counted from its end.
    """
    instruction = "\n\n".join(turn.content for turn in turns if turn.role == "system")
    style = [each for each in about_style if style_of(each.text)] if not instruction else []
    facts = [each for each in knowledge if not style_of(each.text)]
    system = system_message(
        instruction or style_paragraph(each.text for each in style),
        [each.text for each in facts],
        sections(notes) if notes is not None else (),
    )
    return Context(
        messages=with_system(system, recent(turns, characters)),
        system=system,
        used=(*style, *facts),
        notes=tuple(notes or ()),
    )


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
