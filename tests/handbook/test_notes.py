"""Notes have the form that the bundled model is trained on, and never more than fits."""

from dataclasses import replace

import pytest

from idiolect.handbook.notes import (
    MOST_POINTS,
    NOTHING_NOTED,
    Found,
    fit,
    section,
    sections,
    take_notes,
)
from idiolect.handbook.topics import load_topics
from tests.handbook.topics import topic

BEES = topic("keeping bees", "How do I keep bees?")
IN_ORDER = tuple(range(8))

# "Notes on keeping bees:" has 22 characters, each line 20 and the three of "\n- ";
# "Ask back: " has ten more.
HEADING, LINE, ASK_BACK = 22, 23, 10


def starts(noted) -> list[str]:
    return [line[2:].rstrip(".") for line in section(noted).splitlines()[1:]]


def test_the_form() -> None:
    laptop = load_topics()[0]
    noted = replace(laptop, points=laptop.points[:3], technical="", caution="")
    assert section(noted) == (
        "Notes on speeding up a slow computer:\n"
        "- Most slow computers are only short of memory or disk space, and both can be freed at no "
        "cost.\n"
        "- Restart the computer first, because a fresh start clears out programs that are stuck in "
        "memory.\n"
        "- Close programs and browser tabs that you are not using, since each one takes a share of "
        "memory.\n"
        "- Check the list of running programs to see which one uses the most memory or processor "
        "time.\n"
        "- For example, closing thirty forgotten browser tabs can make an old laptop feel quick "
        "again within a minute.\n"
        "- Ask back: Is it slow all the time, or only with one program?"
    )


def test_all_remarks_and_the_six_best_points_in_the_topics_order() -> None:
    noted = take_notes(BEES, (7, 2, 5, 4, 1, 0, 3, 6), room=10_000)
    assert noted is not None
    assert len(noted.points) == MOST_POINTS
    assert starts(noted) == [
        "Why",
        *(f"Point{n} keeping bees" for n in (0, 1, 2, 4, 5, 7)),
        "Technical",
        "Example",
        "Caution",
        "Ask back: Question",
    ]


@pytest.mark.parametrize(
    ("room", "kept"),
    [
        (HEADING + 3 * LINE - 1, None),
        (HEADING + 3 * LINE, ["Point2", "Point5", "Point7"]),
        (HEADING + 4 * LINE, ["Why", "Point2", "Point5", "Point7"]),
        # The question back needs ten characters more than the next point, which goes in instead.
        (HEADING + 5 * LINE, ["Why", "Point2", "Point4", "Point5", "Point7"]),
        (
            HEADING + 5 * LINE + ASK_BACK,
            ["Why", "Point2", "Point5", "Point7", "Ask back: Question"],
        ),
    ],
)
def test_what_is_worth_most_goes_in_first(room: int, kept: list[str] | None) -> None:
    noted = take_notes(BEES, (7, 2, 5, 4, 1, 0, 3, 6), room)
    if kept is None:
        assert noted is None
    else:
        assert noted is not None
        assert [start.removesuffix(" keeping bees") for start in starts(noted)] == kept
        assert len(section(noted)) <= room


def test_topics_share_the_room_and_the_last_go_where_it_is_too_small() -> None:
    found = [Found(topic(f"topic no {n}"), 0.9 - n / 10, IN_ORDER) for n in range(3)]
    # "Notes on topic no 0:" has 20 characters; with three lines and a blank line before: 91.
    for room, names in ((3 * 91, 3), (3 * 91 - 1, 2), (2 * 91 - 1, 1), (91, 1), (90, 0)):
        noted = fit(found, room)
        assert [each.nearness for each in noted] == [0.9, 0.8, 0.7][:names]
        assert sum(2 + len(text) for text in sections(noted) if noted) <= room
    one, two = fit(found[:1], 10_000)[0], fit(found[:2], 10_000)[0]
    assert one == two
    assert fit([], 10_000) == ()


def test_nothing_found_is_said() -> None:
    assert sections([]) == [NOTHING_NOTED] == ["Notes: nothing on this."]
