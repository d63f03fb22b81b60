"""Real pictures of a real, if virtual, screen."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from idiolect.errors import NotReadyError
from idiolect_observer.capture import MssScreens


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual X display of 640 by 480 pixels."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-screen", "0", "640x480x24", "-nolisten", "tcp", "-displayfd", str(writing)],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def test_each_monitor_gives_a_frame(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    (frame,) = MssScreens().capture()
    assert (frame.monitor, frame.image.size, frame.image.mode) == (1, (640, 480), "RGB")


def test_without_a_display_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(NotReadyError) as caught:
        MssScreens().capture()
    assert caught.value.reason_code == "NO_DISPLAY"
