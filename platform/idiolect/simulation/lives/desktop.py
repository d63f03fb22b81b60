"""Small true things that follow from a stream itself: programs, files and sites used on days."""

from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urlsplit

from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.protagonist import Protagonist
from idiolect.simulation.lives.timeline import Seen

LEAST_DAYS = 2


def used(who: Protagonist, seen: Iterable[Seen]) -> list[Fact]:
    """One incidental fact for each program, file or site that was used on two days or more."""
    days: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in seen:
        observation = one.observation
        if observation.kind != "application" or observation.trust == "untrusted":
            continue
        day = observation.occurred_at.astimezone(who.zone).date().isoformat()
        days["program", observation.application or ""].add(day)
        title = (observation.title or "").removesuffix(f" - {observation.application}")
        if observation.trust == "typed" and title != observation.title:
            days["file", title].add(day)
        if site := urlsplit(observation.url or "").hostname:
            days["site", site].add(day)
    often = [key for key, of_key in sorted(days.items()) if len(of_key) >= LEAST_DAYS]
    return [_fact(who, number, kind, name) for number, (kind, name) in enumerate(often)]


def _fact(who: Protagonist, number: int, kind: str, name: str) -> Fact:
    me = who.first
    file = name.rpartition("/")[2]
    statements = {
        "file": (f"{me} works on the file {file}.", f"{me} works on {name}."),
        "program": (f"{me} uses {name}.", f"{me} uses {name} on most days."),
        "site": (f"{me} visits {name}.", f"{me} visits {name} regularly."),
    }
    statement, *wordings = statements[kind]
    return Fact(
        id=f"{who.id}/desk-{number}",
        kind="desk",
        statement=statement,
        wordings=tuple(wordings),
        durability=0.4,
        revelation="incidental",
        days_needed=LEAST_DAYS,
    )
