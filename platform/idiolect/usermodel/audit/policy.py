"""What a user has decided about being observed, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from idiolect.errors import InvalidInputError
from idiolect.usermodel.audit.flow import Recipient

Verdict = Literal["allow", "quote", "drop"]
"""Learn from it; learn from it at most what untrusted sources support and obey nothing; never."""

STRICTNESS: tuple[Verdict, ...] = ("allow", "quote", "drop")


@dataclass(frozen=True, slots=True)
class Policy:
    """The user's rules, and what the rules need to know of this installation.

    Attributes:
        excluded_applications: names of programs that are never learned from.
        excluded_patterns: what a title or an address must not hold; with ``*`` or ``?`` it is a
            pattern for the whole of it, as for file names.
        excludes_confidential: whether password managers, second factors, wallets and banks are
            left out; see ``windows.toml``.
        opted_in: sensitive categories that may be learned about; all others may not.
        own_names: what our own windows are called.
        own_origins: where our own pages are served, such as ``http://127.0.0.1:8765``.
        own_replies: of what the assistant said lately, see ``replies.fingerprints``.
        recipient: where the observations go.
        asks_model: whether a language model looks at what the rules let pass.
        changed_at: when the user last changed any of it; None where they never did.

    Raises:
        InvalidInputError: a name or a pattern is blank, which would exclude everything.
    """

    excluded_applications: tuple[str, ...] = ()
    excluded_patterns: tuple[str, ...] = ()
    excludes_confidential: bool = True
    opted_in: frozenset[str] = frozenset()
    own_names: tuple[str, ...] = ("Idiolect",)
    own_origins: tuple[str, ...] = ()
    own_replies: frozenset[int] = frozenset()
    recipient: Recipient = "own model"
    asks_model: bool = False
    changed_at: datetime | None = None

    def __post_init__(self) -> None:
        given = (*self.excluded_applications, *self.excluded_patterns, *self.own_names)
        if not all(text.strip(" *?") for text in given):
            raise InvalidInputError(
                "an excluded application or pattern is blank",
                hint="Name a program, or a part of the titles or addresses to leave out.",
            )


def stricter(first: Verdict, second: Verdict) -> bool:
    """Whether the first verdict lets less pass than the second."""
    return STRICTNESS.index(first) > STRICTNESS.index(second)
