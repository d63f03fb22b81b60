"""Who a life is about: name, place, job, the people around, and the clock."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from idiolect.simulation.lives.wordings import Wordings, words
from idiolect.simulation.people import Person

PARTS: Mapping[str, tuple[int, int]] = {
    "morning": (7 * 60, 8 * 60 + 40),
    "work": (9 * 60 + 5, 16 * 60 + 50),
    "noon": (12 * 60 + 5, 13 * 60 + 20),
    "evening": (18 * 60 + 10, 22 * 60 + 20),
}
"""Minutes of the day between which a scene of that part begins."""


class Cast:
    """Names for the people of a life, no two alike.

    Args:
        rng: shuffles the names.
        taken: the protagonist's own first name.
    """

    def __init__(self, rng: random.Random, taken: str) -> None:
        self._rng = rng
        self._left: dict[str, list[str]] = {
            kind: [name for name in rng.sample(names, len(names)) if name != taken]
            for kind, names in words("people").items()
            if kind in ("women", "men", "pet")
        }

    def name(self, kind: str = "") -> str:
        """A first name that nobody has yet.

        Args:
            kind: ``women``, ``men`` or ``pet``; of a woman or a man if empty.
        """
        return self._left[kind or self._rng.choice(("women", "men"))].pop()


@dataclass(frozen=True, slots=True)
class Protagonist:
    """A simulated person with everything that their texts refer to.

    Attributes:
        id: of the person in the population.
        person: with their hidden utility.
        first: the first name; statements begin with it.
        last: the last name.
        town: where they live.
        zone: in which their clock runs.
        street: with the number of the house.
        start: the first day of the stream.
        days: how many there are.
        job: their occupation, a row of ``words/work.toml``.
        company: where they work.
        project: what they work on.
        colleagues: three first names, of whom the first is the nearest.
        boss: a first name.
        friends: five first names.
        cast: gives further names.
        wordings: draws texts.
    """

    id: str
    person: Person
    first: str
    last: str
    town: str
    zone: ZoneInfo
    street: str
    start: date
    days: int
    job: Mapping[str, Any]
    company: str
    project: str
    colleagues: tuple[str, ...]
    boss: str
    friends: tuple[str, ...]
    cast: Cast = field(repr=False, compare=False)
    wordings: Wordings = field(repr=False, compare=False)

    @classmethod
    def draw(
        cls, person: Person, start: date, days: int, rng: random.Random, key: str
    ) -> "Protagonist":
        """Somebody for a person of a population; ``key`` names them in ids."""
        names, jobs = words("people"), words("work")["job"]
        first = rng.choice(names["women"] + names["men"])
        job = rng.choice(jobs)
        town, zone = rng.choice(names["town"])
        cast = Cast(rng, first)
        return cls(
            id=key,
            person=person,
            first=first,
            last=rng.choice(names["last"]),
            town=town,
            zone=ZoneInfo(zone),
            street=f"{rng.choice(names['street'])} {rng.randint(2, 90)}",
            start=start,
            days=days,
            job=job,
            company=rng.choice(names["company"]),
            project=rng.choice(job["projects"]),
            colleagues=tuple(cast.name() for _ in range(3)),
            boss=cast.name(),
            friends=tuple(cast.name() for _ in range(5)),
            cast=cast,
            wordings=Wordings(rng),
        )

    @property
    def full(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    def slots(self, rng: random.Random) -> dict[str, str]:
        """What the slots of a text stand for; who of the friends is meant is drawn."""
        friend, friend2, friend3 = rng.sample(self.friends, 3)
        street, number = self.street.rsplit(" ", 1)
        article = "an" if self.job["name"][0] in "aeiou" else "a"
        return {
            "me": self.first,
            "full": self.full,
            "last": self.last,
            "town": self.town,
            "street": street,
            "number": number,
            "friend": friend,
            "friend2": friend2,
            "friend3": friend3,
            "colleague": self.colleagues[0],
            "colleague2": self.colleagues[1],
            "boss": self.boss,
            "company": self.company,
            "company_host": host(self.company),
            "project": self.project,
            "job": self.job["name"],
            "a_job": f"{article} {self.job['name']}",
            "artifact": rng.choice(self.job["artifacts"]),
        }

    def date(self, day: int) -> date:
        """The calendar day so many days after the first."""
        return self.start + timedelta(days=day)

    def is_workday(self, day: int) -> bool:
        """Whether it is a day from Monday to Friday."""
        return self.date(day).weekday() < 5

    def moment(self, day: int, minute: int = 0) -> datetime:
        """When the person's clock shows a minute of a day, in UTC."""
        midnight = datetime.combine(self.date(day), time.min, tzinfo=self.zone)
        return (midnight + timedelta(minutes=minute)).astimezone(UTC)

    def minute(self, part: str, rng: random.Random) -> int:
        """A minute of the day in a part of it."""
        return rng.randint(*PARTS[part])

    def some_days(
        self, number: int, rng: random.Random, *, since: int = 0, until: int | None = None
    ) -> list[int]:
        """Different days in ascending order, fewer if there are not so many.

        Args:
            number: of days.
            rng: chooses.
            since: the first day that may be among them.
            until: the day before which all are; None: the stream's end.
        """
        days = range(since, self.days if until is None else until)
        return sorted(rng.sample(days, min(number, len(days))))


def host(name: str) -> str:
    """The first part of an address for a firm or site: ``Halden & Roe`` becomes ``haldenroe``."""
    return "".join(char for char in name.lower() if char.isascii() and char.isalnum())


def in_words(day: date) -> str:
    """A date as people write it: ``14 March 2026``."""
    return f"{day.day} {day:%B %Y}"
