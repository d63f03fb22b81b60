"""The editor, the terminal and the calendar: how a step of the script is played in each.

Playing a step uses real keys, leaves the application in front and gives the traces that the step
left besides the use itself: the texts that were typed, sent or read.
"""

import subprocess
import time
from dataclasses import dataclass

from recording.desktop import Desktop
from recording.script import Edit, Look, Shell, Trust

PAINT_S = 0.7
"""How long a window is given to be painted after its title has changed."""


COMMAND_S = 1.2
"""How long a command in the terminal is given; the slowest is a short test run."""


@dataclass(frozen=True)
class Trace:
    """A text that was typed, sent or read while an application was in use."""

    kind: str
    text: str
    trust: Trust


class Editor:
    """Mousepad, one window at a time."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._process: subprocess.Popen[bytes] | None = None
        self._file = ""

    def play(self, step: Edit) -> list[Trace]:
        """Open the step's file, type at its end, save."""
        if step.file != self._file:
            self._open(step.file)
        self._desktop.focus("Mousepad")
        self._desktop.click(450, 420)
        self._desktop.key("ctrl+End")
        traces = []
        if step.type:
            self._desktop.type(step.type)
            self._desktop.key("ctrl+s")
            traces.append(Trace(step.kind, step.type.strip(), "typed"))
        time.sleep(PAINT_S)
        return traces

    def _open(self, file: str) -> None:
        if self._process:
            self._desktop.stop(self._process)
        path = str(self._desktop.home / file)
        self._process = self._desktop.start("mousepad", "--disable-server", path, faked=True)
        self._file = file
        self._desktop.focus("Mousepad")
        self._desktop.wait_for_title(file)


class Terminal:
    """XTerm with bash, open all week."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        font = ("-fa", "JetBrains Mono", "-fs", "12", "-geometry", "78x22")
        colors = ("-bg", "#14232a", "-fg", "#dfe9ea")
        desktop.start("xterm", *font, *colors, "-e", "bash", "-i", faked=True)

    def play(self, step: Shell) -> list[Trace]:
        """Type the step's commands on a cleared terminal."""
        self._desktop.focus("XTerm")
        self._desktop.click(800, 560)
        self._desktop.key("ctrl+l")
        for command in step.run:
            self._desktop.type(command + "\n")
            time.sleep(COMMAND_S)
        return [Trace("text", "\n".join(step.run), "typed")]


class Calendar:
    """GNOME Calendar over the week's calendar.ics, opened anew so that it looks at the clock."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._process: subprocess.Popen[bytes] | None = None

    def play(self, step: Look) -> list[Trace]:
        """Open the calendar in the step's view."""
        if self._process:
            self._desktop.stop(self._process)
        chosen = ("org.gnome.calendar", "active-view", step.view)
        self._desktop.run("gsettings", "set", *chosen)
        self._process = self._desktop.start("gnome-calendar", faked=True)
        self._desktop.focus("gnome-calendar")
        time.sleep(4 * PAINT_S)
        return []
