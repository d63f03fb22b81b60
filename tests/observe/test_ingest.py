"""A batch is judged item by item; what is stored is new, masked and read once."""

import base64
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from idiolect.errors import InvalidInputError
from idiolect.lm.protocols import TextLine
from idiolect.observe.ingest import Ingestor
from idiolect.store.database import Database
from idiolect.store.models import Observation
from idiolect.store.repositories.observation import ObservationRepository
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PARAGRAPH = (
    "The harbour project needs a new timetable before Thursday because the ferry company moved "
    "its spring schedule and the printed leaflets show the old times on every page"
)


class FixedReader:
    """Reads the same lines from every image that can be decoded."""

    name = "fixed"

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        self.images_read = 0

    def read(self, image: bytes) -> list[TextLine]:
        self.images_read += 1
        try:
            Image.open(io.BytesIO(image)).load()
        except OSError as error:
            raise InvalidInputError("cut off", code="INVALID_IMAGE") from error
        return [TextLine(line, 1.0, 0, 0, 1, 1) for line in self.lines]


def item(key: str, **fields: Any) -> dict[str, Any]:
    return {
        "idempotency_key": key,
        "kind": "text",
        "source": "test",
        "text": f"words of {key}",
        "occurred_at": "2026-03-02T09:00:00Z",
        **fields,
    }


def screen(key: str, text: str, minute: int, **fields: Any) -> dict[str, Any]:
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC) + timedelta(minutes=minute)
    return item(key, kind="screen", text=text, occurred_at=moment.isoformat(), **fields)


def png() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "PNG")
    return buffer.getvalue()


def stored(database: Database, user_id: str) -> list[Observation]:
    with database.transaction() as session:
        return ObservationRepository(session, user_id).page(limit=100).items


@pytest.fixture
def ingest(database: Database, user_id: str) -> Callable[..., Any]:
    def run(*items: object, reader: FixedReader | None = None) -> Any:
        return Ingestor(database, reader, clock=lambda: NOW).ingest(user_id, items)

    return run


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (item("k", occurred_at="2026-03-02T09:00:00"), "INVALID_TIME"),
        (item("k", occurred_at="yesterday"), "INVALID_TIME"),
        (item("k", occurred_at="1989-12-31T23:59:59Z"), "INVALID_TIME"),
        (item("k", occurred_at="2026-03-03T12:00:01Z"), "INVALID_TIME"),
        (item("k", text="a" * 200_001), "TEXT_TOO_LONG"),
        (item("k", colour="red"), "UNKNOWN_FIELD"),
        (item("k", kind="dream"), "UNKNOWN_VALUE"),
        (item("k", trust="certain"), "UNKNOWN_VALUE"),
        (item("k", text=7), "INVALID_FIELD"),
        (item("k", text="\ud800"), "INVALID_FIELD"),
        (item("k", title="a" * 1001), "INVALID_FIELD"),
        (item("k", duration_s=float("nan")), "INVALID_FIELD"),
        (item("k", duration_s=-1), "INVALID_FIELD"),
        (item(""), "INVALID_FIELD"),
        (item("k", text=""), "EMPTY_OBSERVATION"),
        ({"kind": "text"}, "MISSING_FIELD"),
        ("a text", "NOT_AN_OBJECT"),
        (None, "NOT_AN_OBJECT"),
        (item("k", kind="screen", text="", image_base64="%%%"), "INVALID_IMAGE"),
        (item("k", kind="screen", text="", image_base64="aGVsbG8="), "INVALID_IMAGE"),
        (item("k", kind="screen", text="", image_base64=["a"]), "INVALID_IMAGE"),
        (item("k", text="", image_base64=base64.b64encode(png()).decode()), "INVALID_IMAGE"),
        (item("k", kind="screen", text="", image_base64="a" * 13_400_000), "IMAGE_TOO_LARGE"),
    ],
)
def test_a_bad_item_is_refused_and_the_rest_of_the_batch_is_kept(
    ingest: Callable[..., Any], raw: object, code: str
) -> None:
    receipt = ingest(item("before"), raw, item("after"))
    assert [accepted.index for accepted in receipt.accepted] == [0, 2]
    (refused,) = receipt.refused
    assert (refused.index, refused.code) == (1, code)
    assert refused.hint


def test_a_refusal_does_not_repeat_what_was_sent(ingest: Callable[..., Any]) -> None:
    (refused,) = ingest(item("k", kind="hunter2", title="hunter3" * 200)).refused
    assert "hunter" not in refused.model_dump_json()


def test_calendar_entries_may_lie_ahead_and_other_things_may_not(
    ingest: Callable[..., Any],
) -> None:
    in_a_month = "2026-04-02T09:00:00Z"
    receipt = ingest(
        item("plan", kind="calendar", occurred_at=in_a_month), item("text", occurred_at=in_a_month)
    )
    assert [one.idempotency_key for one in receipt.accepted] == ["plan"]
    assert [one.idempotency_key for one in receipt.refused] == ["text"]


def test_the_same_key_is_stored_once_across_and_within_batches(
    ingest: Callable[..., Any], database: Database, user_id: str
) -> None:
    first = ingest(item("a"), item("a", text="other words"))
    again = ingest(item("a", text="third words"), item("b"))
    (row,) = first.accepted
    duplicates = [*first.duplicates, *again.duplicates]
    assert [(one.id, one.reason) for one in duplicates] == [(row.id, "same key")] * 2
    assert sorted(one.text for one in stored(database, user_id)) == ["words of a", "words of b"]


def test_the_same_content_under_another_key_is_stored_once(ingest: Callable[..., Any]) -> None:
    receipt = ingest(
        item("a", text="lunch"),
        item("b", text="lunch"),
        item("c", text="lunch", occurred_at="2026-03-02T10:00:00Z"),
    )
    (duplicate,) = receipt.duplicates
    assert (duplicate.index, duplicate.reason) == (1, "same content")
    assert duplicate.id == receipt.accepted[0].id


def test_two_users_may_say_the_same_under_the_same_key(
    ingest: Callable[..., Any], database: Database
) -> None:
    other = add_user(database, "Ana")
    assert len(ingest(item("a")).accepted) == 1
    assert len(Ingestor(database, clock=lambda: NOW).ingest(other, [item("a")]).accepted) == 1
    assert len(stored(database, other)) == 1


def test_a_screen_that_says_nothing_new_is_dropped_until_the_window_is_over(
    ingest: Callable[..., Any],
) -> None:
    receipt = ingest(
        screen("first", f"{PARAGRAPH}\n09:00", 0),
        screen("clock moved on", f"{PARAGRAPH}\n09:10", 10),
        screen("one word more", f"{PARAGRAPH}\n09:12 vegetarian", 12),
        screen("other application", f"{PARAGRAPH}\n09:13", 13, application="Mail"),
        screen("after the window", f"{PARAGRAPH}\n09:43", 43),
    )
    assert [one.idempotency_key for one in receipt.duplicates] == ["clock moved on"]
    assert receipt.duplicates[0].reason == "near-identical screen"
    assert receipt.duplicates[0].id == receipt.accepted[0].id


def test_secrets_are_masked_before_anything_is_stored(
    ingest: Callable[..., Any], database: Database, user_id: str
) -> None:
    secret = "hunter2secret"
    receipt = ingest(
        item(
            "a",
            text=f"Password: {secret}\ncard 4111 1111 1111 1111",
            title=f"pwd={secret}",
            url=f"https://ana:{secret}@shop.example/",
        )
    )
    assert receipt.accepted[0].masked == {"password": 3, "card number": 1}
    (row,) = stored(database, user_id)
    kept = f"{row.text} {row.title} {row.url}"
    assert secret not in kept
    assert "4111" not in kept
    assert row.masked == {"password": 3, "card number": 1}


def test_a_title_that_masking_makes_longer_still_fits_its_column(
    ingest: Callable[..., Any], database: Database, user_id: str
) -> None:
    ingest(item("a", title="pwd=x " * 166))
    (row,) = stored(database, user_id)
    assert row.title is not None
    assert len(row.title) == 1000


def test_images_are_read_and_not_kept(
    ingest: Callable[..., Any], database: Database, user_id: str
) -> None:
    reader = FixedReader("Piano lesson", "Tuesday at six")
    image = item("a", kind="screen", text="", image_base64=base64.b64encode(png()).decode())
    assert len(ingest(image, reader=reader).accepted) == 1
    assert [row.text for row in stored(database, user_id)] == ["Piano lesson\nTuesday at six"]
    assert len(ingest(image, reader=reader).duplicates) == 1
    assert reader.images_read == 1, "what was sent before is not read again"


def test_a_truncated_image_is_refused(ingest: Callable[..., Any]) -> None:
    cut = base64.b64encode(png()[:200]).decode()
    reader = FixedReader("never seen")
    receipt = ingest(item("a", kind="screen", text="", image_base64=cut), item("b"), reader=reader)
    assert [(one.index, one.code) for one in receipt.refused] == [(0, "INVALID_IMAGE")]
    assert len(receipt.accepted) == 1


def test_a_screen_without_a_word_is_refused(ingest: Callable[..., Any]) -> None:
    image = item("a", kind="screen", text="", image_base64=base64.b64encode(png()).decode())
    assert ingest(image, reader=FixedReader()).refused[0].code == "EMPTY_OBSERVATION"


def test_without_a_reader_images_are_refused_and_texts_are_kept(
    ingest: Callable[..., Any],
) -> None:
    image = item("a", kind="screen", text="", image_base64=base64.b64encode(png()).decode())
    receipt = ingest(image, item("b"))
    assert receipt.refused[0].code == "NO_SCREEN_READER"
    assert len(receipt.accepted) == 1


def test_a_character_that_databases_cannot_hold_is_left_out(
    ingest: Callable[..., Any], database: Database, user_id: str
) -> None:
    ingest(item("a", text="be\x00fore"))
    assert [row.text for row in stored(database, user_id)] == ["before"]
