"""Record the invented week of recording/story from real applications on a virtual screen.

Run from the repository's root: ``python -m recording.record``. It takes about eight minutes and
needs the Debian packages that recording/README.md lists.
"""

import argparse
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from recording.applications import Calendar, Editor, Terminal, Trace
from recording.browser import Browser
from recording.desktop import Desktop
from recording.evidence import calendar_text, describe
from recording.ledger import Ledger
from recording.sandbox import HOME, command_inside
from recording.script import (
    STORY,
    TIME_ZONE,
    Ask,
    Browse,
    Chat,
    Edit,
    Look,
    ReadMail,
    Shell,
    Step,
    WriteMail,
    load_days,
    load_person,
)
from recording.web import Web, WebServer, certify

WEEK = Path(__file__).parent / "week"
HOME_FILES = Path(__file__).parent / "home"
PANEL_TICK_S = 1.3
"""The panel shows a new time after one second."""


class Player:
    """Plays steps on the desktop and keeps what they leave in the ledger."""

    def __init__(self, desktop: Desktop, browser: Browser, ledger: Ledger) -> None:
        self._desktop = desktop
        self._browser = browser
        self._ledger = ledger
        # An hour is not used to the second; the same seed gives the same seconds.
        self._jitter = random.Random(20260302)
        self._actions: dict[type[Step], Callable[[Any], list[Trace]]] = {
            Edit: Editor(desktop).play,
            Shell: Terminal(desktop).play,
            Look: Calendar(desktop).play,
            Browse: browser.browse,
            Chat: browser.chat,
            ReadMail: browser.read_mail,
            WriteMail: browser.write_mail,
            Ask: browser.ask,
        }

    def play(self, step: Step) -> None:
        """Play one step and keep its use, its texts and its screens."""
        begun_at = step.at + timedelta(seconds=self._jitter.randrange(50))
        duration = timedelta(minutes=step.minutes) * self._jitter.uniform(0.93, 1.07)
        self._desktop.clock.set(begun_at)
        before = replace(self._desktop.input)
        traces = self._actions[type(step)](step)
        used = self._desktop.input
        window = self._desktop.window()
        url = self._address()

        use = self._ledger.event(
            "application",
            window,
            f"{used.keys - before.keys} keys, {used.clicks - before.clicks} clicks",
            trust=step.trust,
            at=begun_at,
            url=url,
            duration_s=round(duration.total_seconds(), 1),
        )
        for number, trace in enumerate(traces, start=1):
            at = begun_at + duration * number / (len(traces) + 1)
            row = self._ledger.event(
                trace.kind, window, trace.text, trust=trace.trust, at=at, url=url
            )
            if step.repeated:
                self._ledger.repeat(row)
        if step.resent:
            self._ledger.resend(use)
        self._keep_screens(step, begun_at, duration)

    def _keep_screens(self, step: Step, begun_at: datetime, duration: timedelta) -> None:
        names = []
        for number in range(1, step.screens + 1):
            self._desktop.clock.set(begun_at + duration * number / (step.screens + 1))
            time.sleep(PANEL_TICK_S)
            name = self._ledger.screen(
                self._desktop.capture(),
                self._desktop.window(),
                trust=step.trust,
                at=self._desktop.clock.now,
                url=self._address(),
                shows=step.shows,
            )
            names.append(name)
        if len(names) > 1:
            self._ledger.near_identical.append(names)

    def _address(self) -> str | None:
        in_browser = self._desktop.window().application.startswith("Chromium")
        return self._browser.url if in_browser else None


def record(out: Path, days: Sequence[int]) -> None:
    """Record the chosen days (0 is Monday) into an empty folder."""
    (out / "screens").mkdir()
    shutil.copy(STORY / "calendar.ics", out)
    ledger = Ledger(out)
    week = list(load_days())
    shutil.copytree(HOME_FILES, HOME, dirs_exist_ok=True)
    _give_calendar(HOME)
    certificate, key = certify(HOME)
    with Desktop(HOME, str(TIME_ZONE)) as desktop:
        desktop.run("bash", ".history.sh")
        web = Web(desktop.clock, week)
        with WebServer(web, certificate, key) as port:
            player = Player(desktop, Browser(desktop, web, port), ledger)
            for number in days:
                for step in week[number].steps:
                    sys.stderr.write(f"{step.at:%a %H:%M} {type(step).__name__}\n")
                    player.play(step)
    ledger.write()
    if len(days) == len(week):
        person = describe(load_person(), ledger, calendar_text(out / "calendar.ics"))
        text = json.dumps(person, indent=2, ensure_ascii=False)
        (out / "person.json").write_text(text + "\n")


def _give_calendar(home: Path) -> None:
    """Put calendar.ics where GNOME Calendar keeps the person's own calendar."""
    folder = home / ".local/share/evolution/calendar/system"
    folder.mkdir(parents=True)
    shutil.copy(STORY / "calendar.ics", folder)


def main() -> None:
    """Read the arguments and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEEK, help="folder to write (emptied first)")
    parser.add_argument("--days", default="0123456", help="days to record, 0 is Monday")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        shutil.rmtree(arguments.out, ignore_errors=True)
        arguments.out.mkdir(parents=True)
        again = ["-m", "recording.record", *sys.argv[1:], "--inside"]
        command = command_inside(again, arguments.out)
        os.execvp(command[0], command)
    record(arguments.out, [int(day) for day in arguments.days])


if __name__ == "__main__":
    main()
