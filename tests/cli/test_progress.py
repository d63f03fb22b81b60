"""The bar of a long command stands there before the first step is done."""

import io
import threading

import pytest
import rich.console

from idiolect.cli import progress


class Shown(io.StringIO):
    """A terminal that says when something was written on it."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word
        self.seen = threading.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._word in self.getvalue():
            self.seen.set()
        return written


def terminal(monkeypatch: pytest.MonkeyPatch, shown: Shown, *, is_terminal: bool = True) -> None:
    console = rich.console.Console(file=shown, force_terminal=is_terminal, width=80)
    monkeypatch.setattr(rich.console, "Console", lambda **_: console)


def test_work_without_a_step_shows_a_bar_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BAR_AFTER_S", 0.05)
    shown = Shown("weighing")
    terminal(monkeypatch, shown)
    with progress.progress("weighing"):
        assert shown.seen.wait(10)


def test_steps_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BAR_AFTER_S", 0.0)
    shown = Shown("3/8")
    terminal(monkeypatch, shown)
    with progress.progress("weighing") as on_progress:
        on_progress(3, 8)
        assert shown.seen.wait(10)


def test_quick_work_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown("weighing")
    terminal(monkeypatch, shown)
    with progress.progress("weighing") as on_progress:
        on_progress(1, 1)
    assert not shown.seen.is_set()


def test_where_nobody_looks_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BAR_AFTER_S", 0.0)
    shown = Shown("weighing")
    terminal(monkeypatch, shown, is_terminal=False)
    with progress.progress("weighing") as on_progress:
        on_progress(1, 2)
    assert not shown.seen.is_set()
