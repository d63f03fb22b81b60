"""From a picture on a screen to a masked observation in the store, with the real parts between."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from idiolect.client import IdiolectClient
from idiolect.errors import NotReadyError, UnauthorizedError
from idiolect.observe.ingest import Ingestor
from idiolect.observe.wire import ObservationIn, ObservationReceipt
from idiolect.store.database import Database
from idiolect.store.repositories.observation import ObservationRepository
from idiolect_observer import observer as observer_module
from idiolect_observer.__main__ import main
from idiolect_observer.capture import Frame
from idiolect_observer.change import ChangeDetector, difference_hash
from idiolect_observer.observer import Observer
from idiolect_observer.ocr import RapidOcrText
from tests.client.server import Answer, Request, serve

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOTE = ["Practice plan for the piano", "Password: hunter2", "Satie before breakfast"]


def picture(*lines: str, clock: str = "09:00", cursor: bool = False) -> Image.Image:
    """A small desktop: lines of text, a clock in the corner and perhaps a cursor."""
    image = Image.new("RGB", (1280, 800), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1280, 30), fill="#264653")
    draw.text((1220, 6), clock, fill="white", font=ImageFont.load_default(16))
    for number, line in enumerate(lines):
        draw.text((60, 80 + 40 * number), line, fill="black", font=ImageFont.load_default(22))
    if cursor:
        draw.rectangle((60, 700, 61, 720), fill="black")
    return image


class PaintedScreens:
    """Screens that show what a test painted."""

    def __init__(self, *images: Image.Image) -> None:
        self.images = list(images)
        self.is_gone = False

    def capture(self) -> list[Frame]:
        if self.is_gone:
            raise NotReadyError("no display", code="NO_DISPLAY")
        return [Frame(number, image) for number, image in enumerate(self.images, start=1)]


class KnownText:
    """Reads the texts that a test gives, one after the other."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    def read(self, image: Image.Image) -> str:
        return self.texts.pop(0)


class Inbox:
    """A platform that takes everything, or is away, or refuses the key."""

    def __init__(self) -> None:
        self.items: list[ObservationIn] = []
        self.error: Exception | None = None

    def observe(self, items: list[ObservationIn], /) -> ObservationReceipt:
        if self.error:
            raise self.error
        self.items += items
        return ObservationReceipt()


def test_a_screen_goes_all_the_way_and_its_secret_does_not(
    database: Database, user_id: str
) -> None:
    ingestor = Ingestor(database, clock=lambda: NOW)
    sent: list[str] = []

    def platform(request: Request) -> Answer:
        sent.append(str(request.body))
        receipt = ingestor.ingest(user_id, request.body["items"])
        return Answer(202, receipt.model_dump(mode="json"))

    with serve(platform) as url, IdiolectClient(url, "idk_test") as client:
        screens = PaintedScreens(picture(*NOTE))
        observer = Observer(screens, RapidOcrText(), client, clock=lambda: NOW)
        observer.step()
        observer.step()
    with database.transaction() as session:
        (row,) = ObservationRepository(session, user_id).page(limit=9).items
    assert "Practice plan for the piano" in row.text
    assert "Satie before breakfast" in row.text
    assert "[masked: password]" in row.text
    assert row.source == "observer:monitor-1"
    assert len(sent) == 1, "the second look saw nothing new"
    assert "hunter2" not in sent[0], "what is secret does not even leave the daemon"
    assert "image_base64" not in sent[0]


@pytest.mark.parametrize(
    ("after", "is_new"),
    [
        (picture(*NOTE), False),
        (picture(*NOTE, clock="09:01"), False),
        (picture(*NOTE, cursor=True), False),
        (picture(*NOTE, "One more typed line"), True),
        (picture("Something else"), True),
        (picture(), True),
    ],
)
def test_a_clock_and_a_cursor_are_no_change_and_a_line_is(after: Image.Image, is_new: bool) -> None:
    detector = ChangeDetector()
    assert detector.is_new(Frame(1, picture(*NOTE)))
    assert detector.is_new(Frame(1, after)) is is_new


def test_monitors_are_compared_each_with_itself() -> None:
    detector = ChangeDetector()
    assert detector.is_new(Frame(1, picture(*NOTE)))
    assert detector.is_new(Frame(2, picture(*NOTE)))
    assert not detector.is_new(Frame(1, picture(*NOTE)))


def test_an_even_picture_has_no_edges_and_a_bright_right_half_one_per_row() -> None:
    half = Image.new("RGB", (1280, 800), "black")
    assert difference_hash(half) == 0
    half.paste((255, 255, 255), (640, 0, 1280, 800))
    # The step lies within or between two cells of each of the 40 rows: one or two rises a row.
    assert 40 <= difference_hash(half).bit_count() <= 80


def test_what_cannot_be_sent_waits_in_order_and_goes_out_later() -> None:
    inbox = Inbox()
    screens = PaintedScreens(picture("a"))
    observer = Observer(screens, KnownText("first", "second", "third"), inbox, clock=lambda: NOW)
    inbox.error = NotReadyError("away")
    observer.step()
    screens.images = [picture(*NOTE)]
    observer.step()
    assert observer.waiting == 2
    inbox.error = None
    screens.images = [picture("b")]
    observer.step()
    assert [item.text for item in inbox.items] == ["first", "second", "third"]
    assert observer.waiting == 0


def test_when_too_much_waits_the_oldest_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observer_module, "MAX_WAITING", 2)
    inbox = Inbox()
    inbox.error = NotReadyError("away")
    screens = PaintedScreens(picture("a"), picture("b"), picture("c"))
    observer = Observer(screens, KnownText("first", "second", "third"), inbox, clock=lambda: NOW)
    observer.step()
    inbox.error = None
    observer.step()
    assert [item.text for item in inbox.items] == ["second", "third"]


def test_a_display_that_goes_away_may_come_back() -> None:
    inbox = Inbox()
    screens = PaintedScreens(picture("a"))
    observer = Observer(screens, KnownText("seen"), inbox, clock=lambda: NOW)
    screens.is_gone = True
    observer.step()
    screens.is_gone = False
    observer.step()
    assert [item.text for item in inbox.items] == ["seen"]


def test_a_screen_without_text_is_not_sent() -> None:
    inbox = Inbox()
    Observer(PaintedScreens(picture("a")), KnownText(" \n"), inbox, clock=lambda: NOW).step()
    assert inbox.items == []


def test_it_runs_until_told_to_stop_and_pauses_between_two_looks() -> None:
    inbox = Inbox()
    pauses: list[float] = []
    observer = Observer(PaintedScreens(), KnownText(), inbox, clock=lambda: NOW)
    observer.run(2.5, pauses.append, lambda: len(pauses) == 3)
    assert pauses == [2.5, 2.5, 2.5]


def test_a_refused_key_ends_it() -> None:
    inbox = Inbox()
    inbox.error = UnauthorizedError("no such key")
    observer = Observer(PaintedScreens(picture("a")), KnownText("x"), inbox, clock=lambda: NOW)
    with pytest.raises(UnauthorizedError):
        observer.run(0, lambda pause_s: None, lambda: False)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("idk_test\n")
    path.chmod(0o600)
    return path


def test_it_does_nothing_until_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "run" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["http://idiolect.example", "ftp://127.0.0.1", "127.0.0.1:8765"])
def test_text_goes_to_this_machine_or_encrypted_only(
    url: str, key_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--url", url, "--key-file", str(key_file)]) == 2
    assert "neither on this machine nor encrypted" in capsys.readouterr().err


def test_a_key_that_others_may_read_is_refused(
    key_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key_file.chmod(0o644)
    assert main(["run", "--key-file", str(key_file)]) == 2
    assert f"chmod 600 {key_file}" in capsys.readouterr().err
    key_file.unlink()
    assert main(["run", "--key-file", str(key_file)]) == 2


def test_the_daemon_starts_without_a_display_and_stops_when_told(key_file: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    command = [sys.executable, "-m", "idiolect_observer", "run", "--key-file", str(key_file)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as daemon:
        assert daemon.stdout is not None
        assert "NO_DISPLAY" in daemon.stdout.readline()
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(30) == 0
