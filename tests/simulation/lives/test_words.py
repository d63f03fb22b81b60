"""Every text can be told: its channel is known, its parts and slots are there."""

import random
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idiolect.simulation.attributes import ATTRIBUTES
from idiolect.simulation.lives import wordings
from idiolect.simulation.lives.channels import CHANNELS
from idiolect.simulation.lives.wordings import words

FILES = sorted(path.stem for path in Path(wordings.__file__).parent.glob("words/*.toml"))

PARTS = {"mail": 2, "note": 2, "inbox": 3, "page": 3, "post": 3, "form": 3, "invite": 3}

# fmt: off
EVERYWHERE = frozenset((
    "me", "full", "last", "town", "street", "number", "friend", "friend2", "friend3", "colleague",
    "colleague2", "boss", "company", "company_host", "project", "job", "a_job", "artifact",
))
# fmt: on
"""Slots that ``Protagonist.slots`` fills."""

OWN = {
    "background": {"headline", "headline2"},
    "falsehoods": {"amount", "kilos", "code"},
    "habits": {
        "title",
        "days",
        "day",
        "time",
        "log",
        "new_days",
        "headline",
        "day_line",
        "weekday",
    },
    "interests": {"topic", "ask", "point", "point2", "why"},
    "misreadings": {"i", "they", "ing", "title"},
    "plans": {"place", "title", "date", "new_date", "code"},
    "relations": {"name"},
    "stated": {"i", "they", "ing"},
    "tastes": {"newcomer", "n"},
    "work": {"new_project", "page"},
}
"""Slots that a strand fills besides."""


def clips(value: Any) -> Iterator[tuple[str, str]]:
    """Every text with its channel, wherever it stands in a file."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in {*CHANNELS, "invite"}:
            (clip,) = value.items()
            if isinstance(clip[1], str):
                yield clip
                return
        for inner in value.values():
            yield from clips(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from clips(inner)


@pytest.mark.parametrize("file", FILES)
def test_every_text_can_be_told(file: str) -> None:
    for channel, text in clips(dict(words(file))):
        wanted = PARTS.get(channel, 1)
        assert len(text.split(" // ", wanted - 1)) == wanted, text
        slots = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert slots <= EVERYWHERE | OWN.get(file, set()), text


def test_whoever_is_told_of_is_named() -> None:
    for row in words("relations")["relation"]:
        told = list(clips({side: row[side] for side in ("stated", "shown")}))
        assert told
        assert all("{name}" in text for _, text in told), row["role"]


TODAY = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|this (?:week|morning|evening)|just back|running late)\b"
)
WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b")


def test_what_is_told_on_any_day_does_not_put_a_weekly_thing_on_that_day() -> None:
    habits = {name: words("habits")[name] for name in ("said", "told", "moved")}
    of_weekdays = [
        row
        for kind in ("taste", "switch")
        for row in words("tastes")[kind]
        if WEEKDAY.search(" ".join(row.get(name, "") for name in ("predicate", "old", "new")))
    ]
    assert len(of_weekdays) == 3  # the phone on Sundays, home on Thursdays, football on Tuesdays
    for _, text in clips([habits, of_weekdays]):
        assert not TODAY.search(text), text


def test_there_are_dozens_of_wordings_of_a_kind() -> None:
    counts = {
        file: len({text for _, text in clips(dict(words(file)))})
        for file in ("stated", "misreadings", "falsehoods", "tastes", "relations", "styles")
    }
    assert min(counts.values()) >= 48, counts


def test_every_leaning_of_an_attribute_has_words() -> None:
    assert set(words("styles")) == set(ATTRIBUTES)
    for sides in words("styles").values():
        assert set(sides) == {"more", "less"}


def test_lists_do_not_repeat_before_they_are_used_up() -> None:
    members = [1, 2, 3, 4]
    deck = wordings.Wordings(random.Random(0))
    drawn = [deck.draw(members) for _ in range(8)]
    assert sorted(drawn[:4]) == sorted(drawn[4:]) == members
