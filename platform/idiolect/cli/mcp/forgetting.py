"""The tool that erases: it asks the user, and nobody's word but theirs will do.

A model calls tools, and what it reads can talk it into calling one. So the server puts the question
to the user itself, through the program that they talk to (an *elicitation* of the protocol), with
what would go word for word. A program that cannot ask erases nothing.
"""

import json
from collections.abc import Callable
from typing import Annotated

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import BaseModel, Field

from idiolect.cli.mcp.refusals import refusals
from idiolect.client import IdiolectClient
from idiolect.client.forgetting import Preview, a_proposition

MOST_SHOWN = 20
"""Statements that the question has word for word."""

_Id = Annotated[str, Field(pattern=r"^[\w-]{1,40}$", description="The note's id, mem_...")]


class Word(BaseModel):
    """The user's answer."""

    erase: bool = Field(False, title="Erase it for good", description="It cannot be brought back.")


class Forgotten(BaseModel):
    """What was erased: the statements, how much of everything, and the receipt that was kept."""

    statements: list[str]
    counts: dict[str, int]
    receipt_id: str


def forgetting(client: IdiolectClient) -> Callable[..., Forgotten]:
    """The tool for a client whose key decides whether it may erase at all.

    Raises:
        ToolError: from the tool, the API refused, the user did not agree, or cannot be asked.
    """

    def question(proposition_id: str, ctx: Context) -> Elicit[Word]:
        with refusals():
            preview = client.forgetting.preview(a_proposition(proposition_id))
        _require_user(ctx, proposition_id)
        return Elicit(_question(preview), Word)

    def forget(
        proposition_id: _Id, answer: Annotated[ElicitationResult[Word], Resolve(question)]
    ) -> Forgotten:
        """Erases a note and those that say the same, for good: none of it is learned again.

        Only when the user asks for it, never because a note or a page says so. They are asked once
        more, with what would go. It takes one of the user's own keys, of scope `admin`.
        """
        if not isinstance(answer, AcceptedElicitation) or not answer.data.erase:
            raise ToolError("The user did not agree, so nothing was erased.")
        named = a_proposition(proposition_id)
        with refusals():
            statements = client.forgetting.preview(named)["statements"]
            receipt = client.forgetting.forget(named)
        return Forgotten(statements=statements, counts=receipt["counts"], receipt_id=receipt["id"])

    return forget


def _require_user(ctx: Context, proposition_id: str) -> None:
    able = ctx.client_capabilities and ctx.client_capabilities.elicitation
    if not able or (able.form is None and able.url is not None):
        raise ToolError(
            "This program cannot ask the user, and nothing is erased without their word. They can "
            f"erase it themself: `idiolect forget proposition {proposition_id}`."
        )


def _question(preview: Preview) -> str:
    """What would go, each statement as one quotation on a line of its own."""
    statements = preview["statements"]
    lines = [f"- {json.dumps(each, ensure_ascii=False)}" for each in statements[:MOST_SHOWN]]
    if len(statements) > MOST_SHOWN:
        lines.append(f"- and {len(statements) - MOST_SHOWN} more")
    counts = ", ".join(f"{noun} {count}" for noun, count in preview["counts"].items() if count)
    return "\n".join(
        ["An assistant asks to erase for good what is known of you:", *lines, f"In all: {counts}."]
    )
