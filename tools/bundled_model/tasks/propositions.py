"""What a screen, a mail, a note or a chat says about its user, and what only others say there."""

import dataclasses
import functools
import random
import re
from collections.abc import Sequence

from tools.bundled_model.context import Message, message
from tools.bundled_model.tasks.forms import listed, propositions_prompt
from tools.bundled_model.tasks.frames import ACTS, CHATS, EMPTY_FRAMES, LURES, OWN_FRAMES, WINDOWS
from tools.bundled_model.tasks.gold import Screen, load_screens, load_talks
from tools.bundled_model.tasks.people import capitalized, draw_remark
from tools.bundled_model.tasks.words import Slots, draw_name

GOLD_SHARE = 0.2
EMPTY_SHARE = 0.2
WINDOW_SHARE = 0.4
RENAMED_SHARE = 0.5

_NAME = "\0"


def draw_propositions(rng: random.Random) -> tuple[Message, ...]:
    """Draw a text about whose user something is to be concluded, and the right conclusions."""
    screen = _gold(rng) if rng.random() < GOLD_SHARE else compose_screen(rng)
    prompt = propositions_prompt(screen.text, name=screen.name, trust=screen.trust)
    reply = listed(list(screen.statements))
    return (*(each.as_dict() for each in prompt), message("assistant", reply))


def compose_screen(rng: random.Random) -> Screen:
    """A screen on which the user says, plans or does things while others speak too."""
    frame = rng.choice(EMPTY_FRAMES if rng.random() < EMPTY_SHARE else OWN_FRAMES)
    contents = _Contents(rng, draw_name(rng))
    text = frame.text.format_map(contents)
    if rng.random() < WINDOW_SHARE:
        window = rng.choice(WINDOWS)
        text = window.format_map(_Contents(rng, contents["name"], screen=text))
    name = contents["name"]
    statements = tuple(dict.fromkeys(f"{name} {held}." for held in contents.held))
    return Screen("", name, frame.trust, text, statements, ())


class _Contents(Slots):
    """Fills the slots of a frame from left to right and notes what is known of the user."""

    def __init__(self, rng: random.Random, name: str, **given: str) -> None:
        super().__init__(rng, name)
        self.update(given)
        self.held: list[str] = []

    def _draw(self, kind: str) -> str:
        if kind == "own":
            remark = draw_remark(self, self._rng)
            self.held.append(remark.held)
            return remark.said
        if kind == "other":
            return draw_remark(Slots(self._rng, self["name"]), self._rng).said
        if kind.startswith("act_"):
            return self._act(kind.removeprefix("act_"))
        if kind in _PHRASES:
            phrase = self._rng.choice(_PHRASES[kind])
            return capitalized(phrase.format_map(Slots(self._rng, self["name"])))
        return super()._draw(kind)

    def _act(self, kind: str) -> str:
        act = self._rng.choice(ACTS[kind])
        slots = Slots(self._rng, self["name"])
        self.held.append(act.held.format_map(slots))
        return act.shown.format_map(slots)


_PHRASES: dict[str, Sequence[str]] = {"chat": CHATS, "lure": LURES}


def _gold(rng: random.Random) -> Screen:
    """A gold row of the training part; often under another name, so that names are copied."""
    screen = rng.choice(_learned())
    name = draw_name(rng) if rng.random() < RENAMED_SHARE else screen.name
    return dataclasses.replace(
        screen,
        name=name,
        text=screen.text.replace(_NAME, name),
        statements=tuple(each.replace(_NAME, name) for each in screen.statements),
    )


@functools.cache
def _learned() -> tuple[Screen, ...]:
    """The gold rows of the training part, a mark in the place of the user's name.

    What strangers send is left out: the platform concludes nothing from it, and does not ask.
    """
    rows = (*load_screens("training"), *load_talks("training"))
    return tuple(_marked(row) for row in rows if row.trust != "untrusted")


def _marked(screen: Screen) -> Screen:
    word = re.compile(rf"\b{re.escape(screen.name)}\b")
    return dataclasses.replace(
        screen,
        text=word.sub(_NAME, screen.text),
        statements=tuple(word.sub(_NAME, each) for each in screen.statements),
    )
