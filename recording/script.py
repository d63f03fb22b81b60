"""The week as it is written down: what the person does, and what reaches them, day by day.

``story/*.toml`` hold one day each: a date, the steps in the order in which they happen, and the
chat messages and mails that arrive. A step is one stretch of use of one application.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

TIME_ZONE = ZoneInfo("Europe/Lisbon")
NAME = "Marta Quintela"
STORY = Path(__file__).parent / "story"

Kind = Literal["text", "statement", "message"]
Trust = Literal["typed", "sent", "read", "untrusted"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stretch of use: when it begins, how long it lasts, how many screens are kept.

    Several screens of one step are nearly identical: only the clock has moved on.
    ``shows`` names the truths, traps and secrets of person.toml that its screens carry.
    ``resent`` has its application event written twice, as a daemon does after a lost answer;
    ``repeated`` has its texts written again under keys of their own.
    """

    at: datetime
    minutes: float
    screens: int = 0
    shows: tuple[str, ...] = ()
    trust: Trust = "read"
    resent: bool = False
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class Edit(Step):
    """Open a file in the editor, type at its end and save."""

    file: str
    type: str = ""
    kind: Kind = "text"
    trust: Trust = "typed"


@dataclass(frozen=True, kw_only=True)
class Shell(Step):
    """Type commands in the terminal."""

    run: tuple[str, ...]
    trust: Trust = "typed"


@dataclass(frozen=True, kw_only=True)
class Browse(Step):
    """Visit a page; scroll down some notches; type into its fields, Tab between them."""

    url: str
    scroll: int = 0
    fill: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Chat(Step):
    """Read a room of a messenger and say something there."""

    host: str
    room: str
    say: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReadMail(Step):
    """Open one mail."""

    mail: str


@dataclass(frozen=True, kw_only=True)
class WriteMail(Step):
    """Write and send one mail."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Ask(Step):
    """Type something to the assistant, which answers what the script says."""

    text: str
    reply: str
    kind: Kind = "text"


@dataclass(frozen=True, kw_only=True)
class Look(Step):
    """Look at the calendar."""

    view: Literal["week", "month"] = "week"


STEPS: dict[str, type[Step]] = {
    "edit": Edit,
    "shell": Shell,
    "browse": Browse,
    "chat": Chat,
    "read": ReadMail,
    "write": WriteMail,
    "ask": Ask,
    "look": Look,
}


@dataclass(frozen=True, kw_only=True)
class Message:
    """A chat message that someone else sent, or that was sent here."""

    at: datetime
    host: str
    room: str
    sender: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail that arrives."""

    at: datetime
    id: str
    sender: str
    address: str
    subject: str
    body: str
    trust: Trust = "read"


@dataclass
class Day:
    """One day of the script."""

    steps: list[Step] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)


def load_days(folder: Path = STORY) -> Iterator[Day]:
    """The days in order. An unknown field or kind of step raises ``TypeError`` or ``KeyError``."""
    for path in sorted(folder.glob("[0-9]*.toml")):
        raw = tomllib.loads(path.read_text())
        day: date = raw["date"]
        yield Day(
            steps=[_step(entry, day) for entry in raw["step"]],
            messages=[Message(**_timed(entry, day)) for entry in raw.get("message", ())],
            mails=[Mail(**_timed(entry, day)) for entry in raw.get("mail", ())],
        )


def load_person(folder: Path = STORY) -> dict[str, Any]:
    """The person's description, truths, traps and secrets, with patterns for their evidence."""
    return tomllib.loads((folder / "person.toml").read_text())


def _step(entry: Mapping[str, Any], day: date) -> Step:
    fields = _timed(entry, day)
    return STEPS[fields.pop("do")](**fields)


def _timed(entry: Mapping[str, Any], day: date) -> dict[str, Any]:
    fields = {
        name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()
    }
    moment = datetime.combine(day, entry["at"], TIME_ZONE)
    return fields | {"at": moment.astimezone(UTC)}
