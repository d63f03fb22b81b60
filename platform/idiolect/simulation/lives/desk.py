"""What somebody has installed, and how its windows look."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.simulation.lives.wordings import words


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat; ``speaker`` is empty for the person at the desk."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The programs of one person and the manner in which they show things.

    Attributes:
        browser, mail, chat, team, notes, assistant, shell: names of programs.
        owner: the first name of who sits there.
        chat_line: how a chat shows one message.
        self_label: what it calls its owner.
        chat_frame, mail_frame, page_frame: what stands around a chat, a mail, a page.
        mail_head: how a mail begins.
        thread: how a forum shows a post.
    """

    browser: str
    mail: str
    chat: str
    team: str
    notes: str
    assistant: str
    shell: str
    owner: str
    chat_line: str
    self_label: str
    chat_frame: str
    mail_frame: str
    page_frame: str
    mail_head: str
    thread: str

    @classmethod
    def draw(cls, owner: str, rng: random.Random) -> "Desk":
        """One of each for somebody."""
        kinds = words("desktop")
        drawn = {name: rng.choice(kinds[name]) for name in cls.__slots__ if name not in ("owner",)}
        return cls(owner=owner, **drawn)

    def chat_screen(self, app: str, room: str, turns: Sequence[Turn], minute: int) -> str:
        """A chat as it stands on the screen at a minute of the day."""
        label = self.self_label.format(me=self.owner)
        sent = range(minute - len(turns), minute)
        lines = [
            self.chat_line.format(
                who=turn.speaker or label, text=turn.text, time=f"{at // 60:02}:{at % 60:02}"
            )
            for at, turn in zip(sent, turns, strict=True)
        ]
        return self.chat_frame.format(app=app, room=room, body="\n".join(lines))

    def mail_screen(self, body: str, rng: random.Random) -> str:
        """A mail as it stands on the screen."""
        return self.mail_frame.format(app=self.mail, body=body, count=rng.randint(2, 90))

    def page_screen(self, url: str, body: str, rng: random.Random) -> str:
        """A page in the browser, with its tabs."""
        tabs = " | ".join(rng.sample(words("desktop")["tab"], 3))
        return self.page_frame.format(tabs=tabs, url=url, body=body)

    def thread_screen(self, title: str, text: str) -> str:
        """A forum's thread with a post of the owner's."""
        label = self.self_label.format(me=self.owner)
        return self.thread.format(title=title, label=label, text=text)
