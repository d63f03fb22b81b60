"""Who does something to a memory and why, and with whom a memory is shared."""

from collections.abc import Collection
from dataclasses import dataclass

from idiolect.store.repositories.memory_event import SYSTEM, USER

PRIVATE = "private"
ASSISTANTS = "assistants"
"""A memory's scope: ``private`` is read by the user and the assistant that runs here alone;
``assistants`` also by every API key of the user that may read; the id of a key (``key_...``) also
by this one key. Each is wider than private, and sharing again replaces what was shared before."""


@dataclass(frozen=True, slots=True)
class Act:
    """What the audit keeps of an act besides the act itself.

    Attributes:
        actor: ``user``, ``system`` or the id of the API key of an assistant.
        reason: why, in 1 to 500 characters that do not repeat what the memory says.
        expected_version: the version that the actor has seen and acts upon; None for whichever.
    """

    actor: str
    reason: str
    expected_version: int | None = None


def by_user(reason: str, expected_version: int | None = None) -> Act:
    """An act of the person whose memories these are."""
    return Act(USER, reason, expected_version)


def by_system(reason: str) -> Act:
    """An act of a job of the platform."""
    return Act(SYSTEM, reason)


def scopes_of(key_id: str) -> tuple[str, str]:
    """The scopes of the memories that an assistant with this key, which may read, is shown."""
    return ASSISTANTS, key_id


def may_read(scope: str, key_id: str) -> bool:
    """Whether an assistant with this key, which may read, is shown a memory of this scope."""
    return scope in scopes_of(key_id)


def narrowest(scopes: Collection[str]) -> str:
    """The scope in which nobody is shown more than each of these scopes shows them."""
    keys = set(scopes) - {ASSISTANTS}
    if not keys:
        return ASSISTANTS
    return keys.pop() if len(keys) == 1 else PRIVATE
