"""From a text on a channel to a scene at a desk: chats, mails, notes, pages, forms.

A text's parts stand in one string: the turns of a chat are parted by ``>>``, the parts of a mail,
note or page by ``//``.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from idiolect.observe.wire import Trust
from idiolect.simulation.lives.desk import Desk, Turn
from idiolect.simulation.lives.protagonist import Protagonist, host
from idiolect.simulation.lives.scenes import Scene, Shot
from idiolect.simulation.lives.wordings import Clip, clip_of, words

_SPEAKER = re.compile(r"^(?P<who>[^:]{1,30}): (?P<text>.*)$", re.DOTALL)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SCREEN_SHARE = 0.35
"""Of conversations and mails that are also seen as a screen."""
_ONLY_SCREEN_SHARE = 0.12
"""Of chats that are seen as a screen alone."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be seen on a channel.

    Attributes:
        body: with its slots filled; its parts are still together.
        slots: with which they were.
        minute: of the day at which it is seen.
        trust: of mails and pages, whose words they are.
    """

    body: str
    slots: Mapping[str, str]
    minute: int
    trust: Trust


@dataclass(frozen=True, slots=True)
class Window:
    """What a channel opens.

    Attributes:
        application: the program.
        title: of the window.
        shots: what is seen in it.
        minutes: about how long it is in front.
        url: what a browser shows.
        trust: of the window itself.
    """

    application: str
    title: str
    shots: tuple[Shot, ...]
    minutes: float
    url: str | None = None
    trust: Trust = "read"


@dataclass(frozen=True, slots=True)
class Studio:
    """Where the scenes of one life are made.

    Attributes:
        who: the life's person.
        desk: what they have installed.
    """

    who: Protagonist
    desk: Desk

    def scene(
        self,
        clip: Clip,
        slots: Mapping[str, str],
        day: int,
        rng: random.Random,
        *,
        minute: int | None = None,
        trust: Trust = "read",
    ) -> Scene:
        """A text as it is seen on a day.

        Args:
            clip: the text by its channel.
            slots: what its slots stand for.
            day: since the stream began.
            rng: decides how it is seen.
            minute: of the day; None: at an hour that suits the channel.
            trust: of mails and pages, whose words they are.
        """
        channel, text = clip_of(clip)
        if minute is None:
            part = rng.choice(_PARTS.get(channel, ("morning", "noon", "evening")))
            minute = self.who.minute(part, rng)
        filled = Text(text.format_map(slots), slots, minute, trust)
        window = CHANNELS[channel](self.desk, filled, rng)
        return Scene(
            day=day,
            minute=minute,
            length_s=round(60 * window.minutes * rng.uniform(0.6, 1.5), 1),
            application=window.application,
            title=window.title,
            url=window.url,
            trust=window.trust,
            shots=window.shots,
        )


_PARTS: Mapping[str, tuple[str, ...]] = {
    "work": ("work",),
    "colleague": ("work",),
    "shell": ("work",),
    "mail": ("morning", "work", "evening"),
    "inbox": ("morning", "work", "noon", "evening"),
    "page": ("morning", "noon", "evening", "evening"),
    "ask": ("work", "noon", "evening"),
}


def _own_last(text: str, other: str) -> list[Turn]:
    """Turns of two people, of which the owner has the last one."""
    parts = text.split(" >> ")
    return [
        Turn("" if (len(parts) - place) % 2 else other, part) for place, part in enumerate(parts)
    ]


def _other_first(text: str, other: str) -> list[Turn]:
    """Turns of two people, of which the other has the first one."""
    return [Turn("" if place % 2 else other, part) for place, part in enumerate(text.split(" >> "))]


def _named(text: str, owner: str) -> list[Turn]:
    """Turns that begin with their speaker's name."""
    turns = []
    for part in text.split(" >> "):
        found = _SPEAKER.match(part)
        speaker, said = (found["who"], found["text"]) if found else (owner, part)
        turns.append(Turn("" if speaker == owner else speaker, said))
    return turns


def _conversation(
    app: str, room: str, turns: list[Turn], desk: Desk, text: Text, rng: random.Random
) -> Window:
    shots = [
        Shot("message", f"{turn.speaker}: {turn.text}", "read")
        if turn.speaker
        else Shot("message", turn.text, "sent")
        for turn in turns
    ]
    seen = Shot("screen", desk.chat_screen(app, room, turns, text.minute), "read")
    chance = rng.random()
    if chance < _ONLY_SCREEN_SHARE:
        shots = [seen]
    elif chance < _SCREEN_SHARE:
        shots.append(seen)
    return Window(app, f"{room} | {app}", tuple(shots), 1.0 + len(turns))


def _chat(desk: Desk, text: Text, rng: random.Random) -> Window:
    friend = text.slots["friend"]
    return _conversation(desk.chat, friend, _own_last(text.body, friend), desk, text, rng)


def _from(desk: Desk, text: Text, rng: random.Random) -> Window:
    friend = text.slots["friend"]
    return _conversation(desk.chat, friend, _other_first(text.body, friend), desk, text, rng)


def _group(desk: Desk, text: Text, rng: random.Random) -> Window:
    room = rng.choice(("the usual ones", "Sunday people", "old school", "stairwell B"))
    turns = _named(text.body, text.slots["me"])
    return _conversation(desk.chat, room, turns, desk, text, rng)


def _work(desk: Desk, text: Text, rng: random.Random) -> Window:
    turns = _own_last(text.body, text.slots["colleague"])
    return _conversation(desk.team, text.slots["project"], turns, desk, text, rng)


def _colleague(desk: Desk, text: Text, rng: random.Random) -> Window:
    turns = _other_first(text.body, text.slots["colleague"])
    return _conversation(desk.team, text.slots["project"], turns, desk, text, rng)


def _mail(desk: Desk, text: Text, rng: random.Random) -> Window:
    subject, body = text.body.split(" // ", 1)
    written = f"Subject: {subject}\n\n{body}" if rng.random() < 0.5 else body
    shots = (Shot("message", written, "sent"),)
    return Window(desk.mail, f"{subject} - {desk.mail}", shots, 5.0, trust="typed")


def _inbox(desk: Desk, text: Text, rng: random.Random) -> Window:
    sender, subject, body = _three(text.body)
    shown = desk.mail_head.format(
        who=sender, address=address(sender), subject=subject, body=body, me=text.slots["me"]
    )
    shots = [Shot("message", shown, text.trust)]
    if rng.random() < _SCREEN_SHARE:
        shots.append(Shot("screen", desk.mail_screen(shown, rng), text.trust))
    return Window(desk.mail, f"{subject} - {desk.mail}", tuple(shots), 1.5, trust=text.trust)


def _note(desk: Desk, text: Text, rng: random.Random) -> Window:
    del rng
    title, body = text.body.split(" // ", 1)
    shots = (Shot("text", body, "typed"),)
    return Window(desk.notes, f"{title} - {desk.notes}", shots, 4.0, trust="typed")


def _ask(desk: Desk, text: Text, rng: random.Random) -> Window:
    asked, _, answer = text.body.partition(" >> ")
    answer = answer or rng.choice(words("desktop")["assistant_reply"])
    shots = (
        Shot("text", asked, "typed"),
        Shot("message", f"{desk.assistant}: {answer}", "read"),
    )
    title = f"{desk.assistant}, your assistant - {desk.browser}"
    return Window(desk.browser, title, shots, 3.0, url=f"https://{host(desk.assistant)}.example/")


def _page(desk: Desk, text: Text, rng: random.Random) -> Window:
    site, title, body = _three(text.body)
    url = f"https://{host(site)}.example/{_NOT_SLUG.sub('-', title.lower()).strip('-')[:40]}"
    shots = (Shot("screen", desk.page_screen(url, f"{title}\n\n{body}", rng), text.trust),)
    return Window(
        desk.browser,
        f"{title} | {site} - {desk.browser}",
        shots,
        minutes=4.0 if text.trust == "read" else 0.3,
        url=url,
        trust=text.trust,
    )


def _post(desk: Desk, text: Text, rng: random.Random) -> Window:
    site, title, body = _three(text.body)
    shots = [Shot("message", body, "sent")]
    if rng.random() < _SCREEN_SHARE:
        shots.append(Shot("screen", desk.thread_screen(title, body), "read"))
    url = f"https://{host(site)}.example/thread/{rng.randint(100, 9999)}"
    return Window(desk.browser, f"{title} | {site} - {desk.browser}", tuple(shots), 5.0, url=url)


def _form(desk: Desk, text: Text, rng: random.Random) -> Window:
    del rng
    site, title, body = _three(text.body)
    shots = (Shot("screen", f"{site}\n{title}\n\n{body}", "typed"),)
    url = f"https://{host(site)}.example/form"
    return Window(desk.browser, f"{title} | {site} - {desk.browser}", shots, 3.0, url=url)


def _shell(desk: Desk, text: Text, rng: random.Random) -> Window:
    del rng
    shots = (Shot("text", text.body, "typed"),)
    return Window(desk.shell, f"{host(text.slots['me'])}@desk: ~", shots, 2.0, trust="typed")


def address(sender: str) -> str:
    """A mail address for a sender: a person's, or a firm's at a host of its own."""
    name, _, firm = sender.partition(", ")
    first = host(name.split()[0]) or "mail"
    return f"{first}@{host(firm or name)[:24] if ' ' in sender else 'mailfern'}.example"


def _three(text: str) -> tuple[str, str, str]:
    first, second, third = text.split(" // ", 2)
    return first, second, third


CHANNELS: Mapping[str, Callable[[Desk, Text, random.Random], Window]] = {
    "chat": _chat,
    "from": _from,
    "group": _group,
    "work": _work,
    "colleague": _colleague,
    "mail": _mail,
    "inbox": _inbox,
    "note": _note,
    "ask": _ask,
    "page": _page,
    "post": _post,
    "form": _form,
    "shell": _shell,
}
