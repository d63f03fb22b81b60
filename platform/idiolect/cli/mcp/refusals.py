"""What the API refuses, as MCP tells it."""

from collections.abc import Iterator
from contextlib import contextmanager

from mcp.server.mcpserver.exceptions import ToolError

from idiolect.errors import IdiolectError


@contextmanager
def refusals() -> Iterator[None]:
    """Turns the API's errors into ones that the assistant can read.

    Raises:
        ToolError: what was refused and what to do about it.
    """
    try:
        yield
    except IdiolectError as error:
        raise ToolError(f"{error.message} ({error.reason_code}). {error.hint}") from error
