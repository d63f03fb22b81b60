"""A small real desktop on a virtual screen, with a clock that the script sets."""

import math
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from mss import MSS
from PIL import Image

WIDTH_PX, HEIGHT_PX = 1280, 800
DISPLAY = ":1"
COLORS = 128
"""Colors kept in a screen's palette: text stays smooth, a file stays near 40 KB."""

_LIBFAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
_FILES = Path(__file__).parent / "settings"


class DesktopError(RuntimeError):
    """The desktop did not do what the script asked for in time."""


@dataclass(frozen=True)
class Window:
    """The window in front: its application's class and its title, as X tells them."""

    application: str
    title: str


@dataclass
class Input:
    """How many keys and clicks were really sent."""

    keys: int = 0
    clicks: int = 0


class InventedClock:
    """The time of the recorded week; programs read it through libfaketime."""

    def __init__(self, offset_file: Path) -> None:
        self._offset_file = offset_file
        self._offset = timedelta()

    @property
    def now(self) -> datetime:
        """The invented moment; it goes on as fast as the real one."""
        return datetime.now(UTC) + self._offset

    def set(self, moment: datetime) -> None:
        """Jump to a moment."""
        self._offset = moment - datetime.now(UTC)
        offset_s = self._offset.total_seconds()
        # Renamed into place, because libfaketime may read while we write.
        fresh = self._offset_file.with_suffix(".new")
        fresh.write_text(f"{math.floor(offset_s):+d}\n")
        fresh.rename(self._offset_file)


@dataclass
class Desktop:
    """Xvfb, openbox and a panel, with a home of their own; a context manager.

    ``home`` is a throwaway folder: nothing of the maintainer's own desktop is read or changed.
    """

    home: Path
    time_zone: str
    input: Input = field(default_factory=Input)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = InventedClock(self.home / ".clock")
        runtime = self.home / ".runtime"
        runtime.mkdir(mode=0o700)
        self._environment = {
            "DISPLAY": DISPLAY,
            "HOME": str(self.home),
            "LANG": "en_GB.UTF-8",
            "LOCPATH": str(_compiled_locale(self.home / ".locale")),
            "PATH": os.environ["PATH"],
            "TZ": self.time_zone,
            "USER": "marta",
            "XDG_RUNTIME_DIR": str(runtime),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
            "GSETTINGS_BACKEND": "keyfile",
            "GSK_RENDERER": "cairo",
            "NO_AT_BRIDGE": "1",
        }
        # Programs that show the time are started with the invented one.
        self._invented_time = {
            "LD_PRELOAD": str(_LIBFAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.home / ".clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def __enter__(self) -> Self:
        self.clock.set(datetime.now(UTC))
        _install_settings(self.home)
        size = f"{WIDTH_PX}x{HEIGHT_PX}x24"
        self.start("Xvfb", DISPLAY, "-screen", "0", size, "-nolisten", "tcp")
        wait_for("the X server", lambda: self._succeeds("xdpyinfo"))
        bus = self._environment["DBUS_SESSION_BUS_ADDRESS"]
        self.start("dbus-daemon", "--session", "--nofork", f"--address={bus}", faked=True)
        self.start("openbox")
        self.start("tint2", "-c", str(_FILES / "tint2rc"), faked=True)
        return self

    def __exit__(self, *_exception: object) -> None:
        while self._processes:
            self.stop(self._processes[-1])

    def start(self, *command: str, faked: bool = False) -> subprocess.Popen[bytes]:
        """Start a program in a process group of its own; ``faked`` gives it the invented time."""
        environment = self._environment | (self._invented_time if faked else {})
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=self.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        self._processes.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a started program with everything it started."""
        self._processes.remove(process)
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(timeout=5)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def key(self, *names: str) -> None:
        """Press keys by their X names, such as ``ctrl+s``."""
        self.run("xdotool", "key", "--clearmodifiers", "--delay", "30", *names)
        self.input.keys += len(names)

    def type(self, text: str) -> None:
        """Type a text into the window in front; its line ends are typed with Return."""
        first, *rest = text.split("\n")
        self._type_line(first)
        for line in rest:
            self.key("Return")
            self._type_line(line)

    def click(self, x_px: int, y_px: int) -> None:
        """Click with the left button at a place on the screen."""
        self.run("xdotool", "mousemove", str(x_px), str(y_px), "click", "1")
        self.input.clicks += 1

    def scroll(self, notches: int) -> None:
        """Turn the wheel down over the middle of the screen."""
        if notches:
            self.run("xdotool", "mousemove", str(WIDTH_PX // 2), str(HEIGHT_PX // 2))
            self.run("xdotool", "click", "--repeat", str(notches), "--delay", "60", "5")

    def focus(self, window_class: str) -> None:
        """Bring the newest window of a class to the front; waits until it is there."""

        def is_in_front() -> bool:
            search = ("xdotool", "search", "--onlyvisible", "--class", window_class)
            *_, newest = ["", *self._output(search).split()]
            if not newest:
                return False
            self._output(("xdotool", "windowactivate", newest))
            return self._output(("xdotool", "getactivewindow")) == newest

        wait_for(f"{window_class} in front", is_in_front)

    def window(self) -> Window:
        """The window in front."""
        identifier = self._output(["xdotool", "getactivewindow"])
        # Reads: WM_CLASS(STRING) = "mousepad", "Mousepad"
        names = self._output(["xprop", "-id", identifier, "WM_CLASS"]).split('"')
        return Window(
            application=names[-2] if len(names) > 2 else "",
            title=self._output(["xdotool", "getwindowname", identifier]),
        )

    def wait_for_title(self, part: str) -> None:
        """Wait until the window in front has ``part`` in its title."""
        wait_for(f"a title with {part!r}", lambda: part in self.window().title)

    def capture(self) -> Image.Image:
        """The whole screen, as a palette image."""
        with MSS(display=DISPLAY) as screen:
            shot = screen.grab(screen.monitors[0])
        image = Image.frombytes("RGB", shot.size, shot.bgra, "raw", "BGRX")
        return image.quantize(COLORS, dither=Image.Dither.NONE)

    def run(self, *command: str) -> None:
        """Run a short program in the home and wait for it; it must succeed."""
        subprocess.run(
            command,
            env=self._environment,
            cwd=self.home,
            check=True,
            capture_output=True,
            timeout=60,
        )

    def _type_line(self, line: str) -> None:
        if line:
            self.run("xdotool", "type", "--clearmodifiers", "--delay", "12", "--", line)
            self.input.keys += len(line)

    def _output(self, command: Sequence[str]) -> str:
        result = subprocess.run(
            command, env=self._environment, check=False, capture_output=True, timeout=60, text=True
        )
        return result.stdout.strip()

    def _succeeds(self, *command: str) -> bool:
        result = subprocess.run(command, env=self._environment, check=False, capture_output=True)
        return result.returncode == 0


def wait_for(what: str, holds: Callable[[], bool], *, patience_s: float = 20.0) -> None:
    """Ask ten times a second until it holds.

    Raises:
        DesktopError: it did not hold in time.
    """
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            raise DesktopError(f"Waited {patience_s:.0f} s for {what}.")
        time.sleep(0.1)


def _compiled_locale(folder: Path) -> Path:
    """British English for the programs: weeks begin on Monday, days have 24 hours."""
    folder.mkdir()
    target = str(folder / "en_GB.UTF-8")
    subprocess.run(
        ["localedef", "-i", "en_GB", "-f", "UTF-8", target], check=True, capture_output=True
    )
    return folder


def _install_settings(home: Path) -> None:
    targets = {
        "openbox.xml": ".config/openbox/rc.xml",
        "gtk.ini": ".config/gtk-3.0/settings.ini",
        "gsettings.ini": ".config/glib-2.0/settings/keyfile",
        "fonts.conf": ".config/fontconfig/fonts.conf",
        "bashrc": ".bashrc",
    }
    for name, target in targets.items():
        (home / target).parent.mkdir(parents=True, exist_ok=True)
        (home / target).write_bytes((_FILES / name).read_bytes())
    gtk4 = home / ".config/gtk-4.0"
    gtk4.mkdir()
    (gtk4 / "settings.ini").write_bytes((_FILES / "gtk.ini").read_bytes())
