"""The compact forms in which the bundled model was taught the platform's small tasks.

A model this small cannot follow a long prompt that asks for JSON. Each task has a short system
message of its own and a reply of plain lines, mostly of words copied from what it is shown. What
the model is asked when it is measured and what it was trained on are both made here, so they cannot
drift apart.
"""

from idiolect.lm.protocols import ChatMessage

TITLE = "Write a title for this message."
RELATION = "How does the new statement stand to the old one?"
PROPOSITIONS = "List what this shows about {name}. {source}"

SOURCES = {
    "typed": "{name} wrote it.",
    "sent": "{name} wrote and sent it.",
    "read": "{name} read it.",
    "untrusted": "A stranger sent it to {name}.",
}
"""How the source is told, by the trust level of what is shown."""

NOTHING = "Nothing."
"""The reply when what is shown says nothing about its user."""

MESSAGE_CHARACTERS = 400
OBSERVATION_CHARACTERS = 1200
STATEMENT_CHARACTERS = 300
"""How much of a text is shown: with the reply there is room for 1,024 tokens, mostly words."""


def title_prompt(message: str) -> tuple[ChatMessage, ...]:
    """Asks for the title of a conversation that begins with this message."""
    return (ChatMessage("system", TITLE), ChatMessage("user", message[:MESSAGE_CHARACTERS]))


def propositions_prompt(text: str, *, name: str, trust: str) -> tuple[ChatMessage, ...]:
    """Asks what a text says about its user.

    Args:
        text: as it stood on the screen, in the message or in the note.
        name: how the user is called in it.
        trust: one of ``SOURCES``.
    """
    source = SOURCES[trust].format(name=name)
    system = PROPOSITIONS.format(name=name, source=source[:1].upper() + source[1:])
    return (ChatMessage("system", system), ChatMessage("user", text[:OBSERVATION_CHARACTERS]))


def relation_prompt(old: str, new: str) -> tuple[ChatMessage, ...]:
    """Asks for the label of a pair of statements; the new one may *generalize* the old one."""
    pair = f"Old: {old[:STATEMENT_CHARACTERS]}\nNew: {new[:STATEMENT_CHARACTERS]}"
    return (ChatMessage("system", RELATION), ChatMessage("user", pair))


def listed(statements: list[str]) -> str:
    """The reply to ``propositions_prompt`` that holds these statements."""
    return "\n".join(f"- {statement}" for statement in statements) or NOTHING


def statements_of(reply: str) -> list[str]:
    """The statements of such a reply, each once; lines of another form are left out."""
    lines = [" ".join(line.split()) for line in reply.splitlines()]
    return list(dict.fromkeys(line[2:] for line in lines if line.startswith("- ") and line[2:]))
