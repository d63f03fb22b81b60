"""``idiolect chat``: talking with the assistant in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from idiolect.cli.connection import connect
from idiolect.errors import IdiolectError

if TYPE_CHECKING:
    from idiolect.client import IdiolectClient


def chat(
    ctx: typer.Context,
    personalize: Annotated[
        bool, typer.Option(help="Let what is known of you shape the replies.")
    ] = True,
) -> None:
    """Talks with the assistant; an empty line or Ctrl-D ends it."""
    with connect(ctx) as client:
        conversation_id = client.create_conversation()["id"]
        parent_id: str | None = None
        while text := _ask():
            parent_id = _reply(client, conversation_id, text, parent_id, personalize)


def _ask() -> str:
    try:
        return input("> ").strip()
    except EOFError:
        return ""


def _reply(
    client: IdiolectClient,
    conversation_id: str,
    text: str,
    parent_id: str | None,
    personalize: bool,
) -> str | None:
    """Prints a reply as it is written; returns the message that the next one follows."""
    last = parent_id
    for event in client.stream_reply(
        conversation_id, text, parent_id=parent_id, personalize=personalize
    ):
        if event.name == "delta":
            typer.echo(event.data["text"], nl=False)
        elif event.name == "done":
            last = event.data["message"]["id"]
            typer.echo(written_from(event.data["message"]["acted"]))
        elif event.name == "failed":
            problem = event.data["problem"]
            raise IdiolectError(
                problem["detail"], hint=problem.get("hint"), code=problem.get("code")
            )
    return last


def written_from(acted: dict[str, Any]) -> str:
    """What a reply was written from, on a line of its own; empty where it was from nothing."""
    memories, notes = len(acted.get("memories", [])), acted.get("notes", [])
    used = [f"things known of you: {memories}"] if memories else []
    used += [f"notes: {', '.join(note['topic'] for note in notes)}"] if notes else []
    return f"\n  [{'; '.join(used)}]" if used else ""
