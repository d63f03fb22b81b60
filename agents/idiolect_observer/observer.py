"""The loop: capture, compare, read, mask, send."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

import structlog

from idiolect.errors import NotReadyError
from idiolect.kit.clock import Clock, utc_now
from idiolect.kit.ids import new_id
from idiolect.kit.redaction import redact
from idiolect.observe.wire import MAX_TEXT_CHARS, ObservationIn, ObservationReceipt
from idiolect_observer.capture import Frame, Screens
from idiolect_observer.change import ChangeDetector
from idiolect_observer.ocr import TextReader

log = structlog.get_logger(__name__)

MAX_WAITING = 1000
MAX_BATCH = 50


class Platform(Protocol):
    """Where observations go; ``IdiolectClient`` is one."""

    def observe(self, items: list[ObservationIn], /) -> ObservationReceipt:
        """Takes observations and tells what became of each."""
        ...


class Observer:
    """Watches the screens of one person and sends what they say as masked text.

    What the platform cannot take at the moment waits in memory, at most 1,000 observations; then
    the oldest are given up, and the log counts them.
    """

    def __init__(
        self,
        screens: Screens,
        reader: TextReader,
        platform: Platform,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._screens = screens
        self._reader = reader
        self._platform = platform
        self._clock = clock
        self._changes = ChangeDetector()
        self._waiting: deque[ObservationIn] = deque()
        self._given_up = 0

    @property
    def waiting(self) -> int:
        """How many observations have not reached the platform yet."""
        return len(self._waiting)

    def run(
        self, interval_s: float, pause: Callable[[float], object], stop: Callable[[], bool]
    ) -> None:
        """Steps each ``interval_s`` seconds until told to stop.

        Raises:
            IdiolectError: the platform refuses the key or the requests themselves, which waiting
                does not mend.
        """
        while not stop():
            self.step()
            pause(interval_s)

    def step(self) -> None:
        """Looks once, and sends what is new together with what still waits."""
        try:
            frames = self._screens.capture()
        except NotReadyError as error:
            log.warning("nothing captured", code=error.reason_code)
            frames = []
        for frame in frames:
            if self._changes.is_new(frame) and (item := self._observation(frame)):
                self._keep(item)
        self._send()

    def _observation(self, frame: Frame) -> ObservationIn | None:
        text = redact(self._reader.read(frame.image)).text[:MAX_TEXT_CHARS]
        if not text.strip():
            return None
        return ObservationIn(
            idempotency_key=new_id("scr"),
            kind="screen",
            source=f"observer:monitor-{frame.monitor}",
            text=text,
            occurred_at=self._clock(),
        )

    def _keep(self, item: ObservationIn) -> None:
        self._waiting.append(item)
        if len(self._waiting) > MAX_WAITING:
            self._waiting.popleft()
            self._given_up += 1
            log.warning("an observation was given up", given_up=self._given_up)

    def _send(self) -> None:
        while self._waiting:
            batch = list(self._waiting)[:MAX_BATCH]
            try:
                receipt = self._platform.observe(batch)
            except NotReadyError as error:
                log.warning("not sent yet", code=error.reason_code, waiting=len(self._waiting))
                return
            for _ in batch:
                self._waiting.popleft()
            log.info(
                "sent",
                accepted=len(receipt.accepted),
                duplicates=len(receipt.duplicates),
                refused=[refused.code for refused in receipt.refused],
            )
