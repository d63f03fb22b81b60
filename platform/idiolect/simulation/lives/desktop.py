"""Small true things that follow from a stream itself: programs, files of the job, and sites."""

from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urlsplit

from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.protagonist import Protagonist
from idiolect.simulation.lives.timeline import Seen

LEAST_DAYS = 2


def used(who: Protagonist, seen: Iterable[Seen]) -> list[Fact]:
    """One incidental fact for each program, file or site that was used on two days or more.

    Files are what the job's programs have open: the window of a mail or note is named after what
    it says, which nobody works on.
    """
    programs = who.job["programs"]
    days: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in seen:
        observation = one.observation
        if observation.kind != "application" or observation.trust == "untrusted":
            continue
        day = observation.occurred_at.astimezone(who.zone).date().isoformat()
        days["program", observation.application or ""].add(day)
        title = (observation.title or "").removesuffix(f" - {observation.application}")
        if observation.application in programs and title != observation.title:
            days["file", title].add(day)
        if site := urlsplit(observation.url or "").hostname:
            days["site", site].add(day)
    often = [(*key, len(seen)) for key, seen in sorted(days.items()) if len(seen) >= LEAST_DAYS]
    return [_fact(who, number, *one) for number, one in enumerate(often)]


def _fact(who: Protagonist, number: int, kind: str, name: str, days: int) -> Fact:
    me = who.first
    file = name.rpartition("/")[2]
    statement, wording = {
        "file": (f"{me} works on the file {file}.", f"{me} works on {name}."),
        "program": (f"{me} uses {name}.", f"{me} uses {name} on most days."),
        "site": (f"{me} visits {name}.", f"{me} visits {name} on most days."),
    }[kind]
    # Used on two days of thirty, it is not used on most of them.
    is_so = kind == "file" or 2 * days > who.days
    return Fact(
        id=f"{who.id}/desk-{number}",
        kind="desk",
        statement=statement,
        wordings=(wording,) if is_so else (),
        durability=0.4,
        revelation="incidental",
        days_needed=LEAST_DAYS,
    )
