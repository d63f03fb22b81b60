"""The shipped recording is whole: its files fit together and say what person.json says."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops

from idiolect.observe.importers import ImportOptions, import_file
from idiolect.observe.wire import ObservationIn
from idiolect_observer.ocr import RapidOcrText

WEEK = Path(__file__).parents[2] / "recording" / "week"
BEGIN, END = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
LISBON = ZoneInfo("Europe/Lisbon")
PERSON = json.loads((WEEK / "person.json").read_text())


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (WEEK / name).read_text().splitlines()]


SCREENS, EVENTS = rows("screens.jsonl"), rows("events.jsonl")


def in_wire_form(name: str) -> Iterator[ObservationIn]:
    options = ImportOptions(since=BEGIN, until=END, zone=LISBON)
    return map(ObservationIn.model_validate, import_file(WEEK / name, options))


def said_of_the_person() -> Iterator[dict[str, Any]]:
    for group in ("truth", "traps", "secrets"):
        yield from PERSON[group]


def content(row: dict[str, Any]) -> str:
    return "\n".join(row[name] or "" for name in ("text", "title", "url"))


def test_there_is_enough_to_learn_from() -> None:
    assert len(SCREENS) >= 40
    assert len(EVENTS) >= 200
    assert len(PERSON["truth"]) >= 12
    assert {row["kind"] for row in EVENTS} == {"application", "text", "message", "statement"}


def test_everything_weighs_less_than_five_megabytes() -> None:
    assert sum(file.stat().st_size for file in WEEK.rglob("*") if file.is_file()) < 5_000_000


def test_the_rows_name_each_screen_once() -> None:
    files = sorted(path.name for path in (WEEK / "screens").iterdir())
    assert sorted(row["image"] for row in SCREENS) == files


@pytest.mark.parametrize("name", [row["image"] for row in SCREENS])
def test_a_screen_is_a_whole_png_of_1280_by_800(name: str) -> None:
    with Image.open(WEEK / "screens" / name) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (1280, 800))


@pytest.mark.parametrize("name", ["events.jsonl", "screens.jsonl", "calendar.ics"])
def test_the_rows_are_what_the_platform_takes(name: str) -> None:
    observations = list(in_wire_form(name))
    assert observations
    assert all(BEGIN <= one.occurred_at < END for one in observations)


@pytest.mark.parametrize("rows", [EVENTS, SCREENS])
def test_the_rows_are_in_the_order_of_time(rows: list[dict[str, Any]]) -> None:
    moments = [row["occurred_at"] for row in rows]
    assert moments == sorted(moments)


def test_an_application_is_used_for_a_while_and_by_name() -> None:
    used = [row for row in EVENTS if row["kind"] == "application"]
    assert all(row["application"] and row["title"] and row["duration_s"] > 0 for row in used)
    assert all(re.fullmatch(r"\d+ keys, \d+ clicks", row["text"]) for row in used)
    assert {row["application"] for row in used} == {
        "Chromium",
        "Mousepad",
        "XTerm",
        "gnome-calendar",
    }


def test_each_day_has_something() -> None:
    days = {datetime.fromisoformat(row["occurred_at"]).date() for row in EVENTS}
    assert len(days) == 7


def test_evidence_points_at_rows_that_exist() -> None:
    known = {
        "events": {row["idempotency_key"] for row in EVENTS},
        "screens": {row["image"] for row in SCREENS},
        "calendar": set(re.findall(r"UID:(\S+)", (WEEK / "calendar.ics").read_text())),
    }
    for said in said_of_the_person():
        evidence = said["evidence"]
        assert sum(map(len, evidence.values())) > 0, said["id"]
        for kind, names in evidence.items():
            assert set(names) <= known[kind], said["id"]


def test_ids_in_person_json_are_unique() -> None:
    ids = [said["id"] for said in said_of_the_person()]
    assert len(ids) == len(set(ids))


def test_every_planted_secret_is_listed_where_it_stands() -> None:
    kinds = {secret["kind"] for secret in PERSON["secrets"]}
    assert kinds == {"api key", "password", "card number", "one-time code"}
    for secret in PERSON["secrets"]:
        carrying = {row["idempotency_key"] for row in EVENTS if secret["text"] in content(row)}
        assert carrying == set(secret["evidence"]["events"])
        assert secret["evidence"]["screens"]


def test_the_noise_is_listed() -> None:
    noise = PERSON["noise"]
    times = Counter(row["idempotency_key"] for row in EVENTS)
    assert {key for key, count in times.items() if count > 1} == set(noise["resent_events"])
    texts = {row["idempotency_key"]: row["text"] for row in EVENTS}
    for key in noise["repeated_events"]:
        assert texts[key] == texts[key.removesuffix("-again")]
    assert len(noise["near_identical_screens"]) >= 4


def test_near_identical_screens_differ_by_a_clock_or_a_fading_scroll_bar() -> None:
    for names in PERSON["noise"]["near_identical_screens"]:
        images = [Image.open(WEEK / "screens" / name).convert("L") for name in names]
        for one, other in pairwise(images):
            # Every screen has a palette of its own, so the same gray may come out a little off.
            pixels_by_difference = ImageChops.difference(one, other).histogram()
            assert 0 < sum(pixels_by_difference[41:]) < 0.005 * 1280 * 800


def test_a_screen_can_be_read() -> None:
    row = next(row for row in SCREENS if row["url"] == "https://greenpot.example/chickpea-stew")
    with Image.open(WEEK / "screens" / row["image"]) as image:
        text = RapidOcrText().read(image)
    assert "Chickpea and spinach stew" in text
    assert "400 g chickpeas" in text
