"""The first rung of the ladder: what is known of a user, said in the system message.

The wording is a contract: the bundled model is trained on this form.
"""

from collections.abc import Sequence

KNOWLEDGE_HEADING = "What you know about the user:"


def system_message(style: str, knowledge: Sequence[str], notes: Sequence[str] = ()) -> str:
    """How to answer, then what is known of the user, then what is noted on the matter.

    Args:
        style: one paragraph of instructions, or nothing.
        knowledge: statements about the user in the third person, the most relevant first.
        notes: sections of the handbook, each under its heading.

    Returns:
        The system message; empty when there is nothing to say.
    """
    facts = "\n".join(f"- {_one_line(statement)}" for statement in knowledge)
    parts = [style.strip(), f"{KNOWLEDGE_HEADING}\n{facts}" if facts else "", *notes]
    return "\n\n".join(part for part in parts if part)


def _one_line(statement: str) -> str:
    # A line break would let a statement pass for an instruction or for a second statement.
    return " ".join(statement.split())
