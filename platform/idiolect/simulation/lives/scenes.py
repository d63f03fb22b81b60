"""The pieces of which a stream is made, before they have their moments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from idiolect.observe.wire import Kind, Trust
from idiolect.simulation.lives.facts import Fact, Trap


@dataclass(frozen=True, slots=True)
class Shot:
    """One text that an observer sees within a scene.

    Attributes:
        kind: of the observation.
        text: what is there.
        trust: whose words they are.
    """

    kind: Kind
    text: str
    trust: Trust


@dataclass(frozen=True, slots=True)
class Scene:
    """Some minutes in front of one window.

    Attributes:
        day: since the stream began, 0 for the first.
        minute: of the day by the person's clock, at which it begins or soon after.
        length_s: how long the window is in front, in seconds.
        application: the program.
        title: of the window.
        url: what a browser shows.
        trust: of the window itself.
        shots: what is seen, in order.
        facts: ids of the facts that it shows.
        traps: ids of the traps that it sets.
        title_shows: whether the window's title shows the facts too, as that of a file of a project.
    """

    day: int
    minute: int
    length_s: float
    application: str
    title: str
    url: str | None
    trust: Trust
    shots: tuple[Shot, ...]
    facts: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    title_shows: bool = False

    def showing(self, *facts: str) -> "Scene":
        """The same scene, which shows these facts too."""
        return replace(self, facts=(*self.facts, *facts))

    def luring(self, *traps: str) -> "Scene":
        """The same scene, which sets these traps too."""
        return replace(self, traps=(*self.traps, *traps))


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the person's calendar; times are by the person's clock.

    Attributes:
        id: unique within a life.
        title: what it is called.
        day: of the first time.
        begins: the hour.
        minutes: how long it takes.
        weekdays: on which it recurs, 0 for Monday; none if it takes place once.
        until: the last day on which it may recur; None: it goes on.
        organizer: who invited; empty if it is the person's own.
        description: further words.
        facts: ids of the facts that it shows.
        traps: ids of the traps that it sets.
    """

    id: str
    title: str
    day: date
    begins: time
    minutes: int
    weekdays: tuple[int, ...] = ()
    until: date | None = None
    organizer: str = ""
    description: str = ""
    facts: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread of a life: what is so, what only seems so, and what is seen of both.

    Attributes:
        facts: without their evidence.
        traps: without their evidence.
        scenes: in any order.
        entries: of the calendar.
    """

    facts: tuple[Fact, ...] = ()
    traps: tuple[Trap, ...] = ()
    scenes: tuple[Scene, ...] = ()
    entries: tuple[Entry, ...] = ()

    @classmethod
    def joined(cls, threads: Sequence["Thread"]) -> "Thread":
        """Several threads as one."""
        return cls(
            facts=tuple(fact for thread in threads for fact in thread.facts),
            traps=tuple(trap for thread in threads for trap in thread.traps),
            scenes=tuple(scene for thread in threads for scene in thread.scenes),
            entries=tuple(entry for thread in threads for entry in thread.entries),
        )
