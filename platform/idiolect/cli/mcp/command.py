"""``idiolect mcp``: what is known of you, as tools for an assistant that speaks MCP."""

import typer

from idiolect.cli.connection import Target, connect
from idiolect.errors import NotReadyError, UnauthorizedError


def mcp(ctx: typer.Context) -> None:
    """Serves an assistant over standard input and output, with the key in IDIOLECT_KEY.

    The assistant starts it. What it may do is what the key may do: `read` to be told what is
    shared with it, `train` to record preferences; to forget takes a key of your own.
    """
    target: Target = ctx.obj
    if not target.key:
        # The first user's key may do everything; nobody should hand that out without noticing.
        raise UnauthorizedError(
            "an assistant needs a key of its own",
            hint="Make one with `idiolect keys create NAME --scope read`, and set IDIOLECT_KEY.",
        )
    try:
        from idiolect.cli.mcp.server import build_server
    except ModuleNotFoundError as error:
        raise NotReadyError(
            f"the MCP SDK is not installed ({error.name} is missing)",
            hint="Run `make setup`, or `pip install 'idiolect[mcp]'`.",
        ) from error
    with connect(ctx) as client:
        build_server(client).run("stdio")
