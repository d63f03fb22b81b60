"""Files become observations that the platform takes; calendars keep to the clock on the wall."""

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.observe.ics import Occurrence, occurrences
from idiolect.observe.importers import ImportOptions, import_file, import_files
from idiolect.observe.ingest import Ingestor
from idiolect.observe.wire import ObservationIn
from idiolect.store.database import Database

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
OPTIONS = ImportOptions.around(NOW)


def calendar(*events: str, head: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def spring(*events: str, head: str = "") -> list[Occurrence]:
    """What begins in March and April 2026; summer time begins on 29 March in Lisbon."""
    since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    return list(occurrences(calendar(*events, head=head), since, until, ZoneInfo("Asia/Tokyo")))


def in_utc(found: list[Occurrence]) -> list[str]:
    return [f"{one.starts_at.astimezone(UTC):%m-%d %H:%M}" for one in found]


PIANO = """
UID:piano
SUMMARY:Piano lesson
DTSTART;TZID=Europe/Lisbon:20260317T180000
DURATION:PT1H
RRULE:FREQ=WEEKLY;COUNT=4
"""


def test_a_weekly_lesson_stays_at_six_across_the_change_to_summer_time() -> None:
    assert in_utc(spring(PIANO)) == ["03-17 18:00", "03-24 18:00", "03-31 17:00", "04-07 17:00"]


def test_a_calendar_that_brings_its_own_zone_is_read_in_it() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Island\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0330\nTZOFFSETTO:+0330\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    event = "UID:a\nSUMMARY:Tea\nDTSTART;TZID=Island:20260310T100000"
    assert in_utc(spring(event, head=zone)) == ["03-10 06:30"]


def test_canceled_and_moved_occurrences_are_not_told_twice() -> None:
    found = spring(
        PIANO + "EXDATE;TZID=Europe/Lisbon:20260324T180000",
        "UID:piano\nSUMMARY:Piano lesson (moved)\nDURATION:PT1H\n"
        "RECURRENCE-ID;TZID=Europe/Lisbon:20260331T180000\n"
        "DTSTART;TZID=Europe/Lisbon:20260401T090000",
    )
    assert in_utc(found) == ["03-17 18:00", "04-07 17:00", "04-01 08:00"]
    assert found[2].title == "Piano lesson (moved)"


def test_a_canceled_event_is_left_out() -> None:
    assert spring(PIANO + "STATUS:CANCELLED") == []


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("UNTIL=20260319", "03-19 08:00"),
        ("UNTIL=20260319T080000Z", "03-19 08:00"),
        ("UNTIL=20260319T075959Z", "03-18 08:00"),
        ("COUNT=3", "03-19 08:00"),
        ("INTERVAL=2;COUNT=2", "03-19 08:00"),
    ],
)
def test_a_rule_ends_where_it_says(end: str, last: str) -> None:
    event = f"UID:a\nSUMMARY:Run\nDTSTART:20260317T080000Z\nRRULE:FREQ=DAILY;{end}"
    assert in_utc(spring(event))[-1] == last


def test_a_rule_without_end_is_expanded_within_the_window_only() -> None:
    event = "UID:a\nSUMMARY:Run\nDTSTART:19950101T080000Z\nRRULE:FREQ=DAILY"
    found = in_utc(spring(event))
    assert (len(found), found[0], found[-1]) == (61, "03-01 08:00", "04-30 08:00")


def test_additional_dates_count() -> None:
    event = "UID:a\nSUMMARY:Choir\nDTSTART:20260317T080000Z\nRDATE:20260319T200000Z"
    assert in_utc(spring(event)) == ["03-17 08:00", "03-19 20:00"]


@pytest.mark.parametrize(
    ("head", "first"),
    [
        ("X-WR-TIMEZONE:Europe/Lisbon\n", "04-02 23:00"),  # midnight in Lisbon's summer, UTC+1
        ("", "04-02 15:00"),  # midnight in Tokyo, UTC+9, which the caller named
        ("X-WR-TIMEZONE:Nowhere/At-all\n", "04-02 15:00"),
    ],
)
def test_days_and_times_without_a_zone_are_in_the_calendars(head: str, first: str) -> None:
    (day,) = spring("UID:a\nSUMMARY:Birthday\nDTSTART;VALUE=DATE:20260403", head=head)
    assert in_utc([day]) == [first]
    assert day.is_all_day


@pytest.mark.parametrize(
    "broken",
    [
        "UID:x\nSUMMARY:No start",
        "UID:x\nDTSTART:nonsense",
        "UID:x\nDTSTART:20260317T080000Z\nDTEND:20260317T070000Z",
        "UID:x\nDTSTART:20260317T080000Z\nRRULE:FREQ=SECONDLY",
        "UID:x\nDTSTART:20260317T080000Z\nRRULE:FREQ=FORTNIGHTLY",
        "UID:x\nDTSTART:20260317T080000Z\nRRULE:INTERVAL=2",
        "UID:x\nDTSTART:20250317T080000Z\nRRULE:FREQ=DAILY;INTERVAL=0",
    ],
)
def test_an_event_that_cannot_be_understood_does_not_spoil_the_rest(broken: str) -> None:
    found = spring(broken, PIANO)
    assert [one.title for one in found] == ["Piano lesson"] * 4


@pytest.mark.parametrize("content", [b"", b"hello", b"BEGIN:VCALENDAR\r\nVERS"])
def test_what_is_no_calendar_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError) as caught:
        list(import_file(path, OPTIONS))
    assert caught.value.reason_code == "INVALID_CALENDAR"


def test_a_calendar_entry_says_what_when_how_often_and_where(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(calendar(PIANO + "LOCATION:Rua do Sol 4\nDESCRIPTION:Bring the Satie"))
    first = ObservationIn.model_validate(next(import_file(path, OPTIONS)))
    assert first.title == "Piano lesson"
    assert first.text == (
        "Piano lesson\nTuesday 17 March 2026, 18:00 to 19:00\nRepeats every week\n"
        "Place: Rua do Sol 4\nBring the Satie"
    )
    assert (first.trust, first.duration_s) == ("typed", 3600)


def test_an_invitation_is_somebody_elses_words(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(calendar(PIANO + "ORGANIZER:mailto:win@prize.example"))
    assert {cast("Any", row)["trust"] for row in import_file(path, OPTIONS)} == {"read"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "week"
    (folder / "screens").mkdir(parents=True)
    buffer = io.BytesIO()
    Image.effect_noise((32, 32), 50).save(buffer, "PNG")
    (folder / "screens" / "1.png").write_bytes(buffer.getvalue())
    (folder / "calendar.ics").write_bytes(calendar(PIANO))
    (folder / "note.txt").write_text("\ufeffBuy strings for the viola")
    os.utime(folder / "note.txt", (NOW.timestamp(), NOW.timestamp()))
    (folder / "person.json").write_text("{}")
    row = {"kind": "screen", "source": "test", "occurred_at": "2026-03-17T09:00:00Z"}
    rows = [
        json.dumps(row | {"idempotency_key": "s1", "image": "1.png"}),
        json.dumps(row | {"idempotency_key": "s2", "image": "missing.png"}),
        json.dumps(row | {"idempotency_key": "s3", "image": "../note.txt"}),
        json.dumps(row | {"idempotency_key": "s4", "text": "Agenda"}),
        "{half a line",
        "",
    ]
    (folder / "rows.jsonl").write_text("\n".join(rows))
    return folder


def test_a_folder_is_taken_in_and_bad_rows_are_refused_alone(
    folder: Path, database: Database, user_id: str
) -> None:
    ingestor = Ingestor(database, clock=lambda: NOW)
    receipt = ingestor.ingest(user_id, list(import_files([folder], OPTIONS)))
    # Four lessons, the note and the row with text; without a reader the image is refused too.
    assert len(receipt.accepted) == 6
    assert [one.code for one in receipt.refused] == [
        "NO_SCREEN_READER",
        "INVALID_IMAGE",
        "INVALID_IMAGE",
        "NOT_AN_OBJECT",
    ]
    again = ingestor.ingest(user_id, list(import_files([folder], OPTIONS)))
    assert [one.reason for one in again.duplicates] == ["same key"] * 6


def test_a_text_has_the_time_of_its_file(folder: Path) -> None:
    (item,) = import_file(folder / "note.txt", OPTIONS)
    note = ObservationIn.model_validate(item)
    assert (note.title, note.text, note.occurred_at) == (
        "note.txt",
        "Buy strings for the viola",
        NOW,
    )


def test_a_screen_is_taken_as_an_image(folder: Path) -> None:
    (item,) = import_file(folder / "screens" / "1.png", OPTIONS)
    assert ObservationIn.model_validate(item).image == (folder / "screens/1.png").read_bytes()


def test_a_named_file_must_be_there_and_of_a_known_kind(folder: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"person\.json"):
        list(import_files([folder / "person.json"], OPTIONS))
    with pytest.raises(NotFoundError):
        list(import_files([folder / "nothing.txt"], OPTIONS))
