"""Documents, projects and sites that come back in window titles on several days."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from idiolect.usermodel.confidence import from_days
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.propose.seen import Seen, trusts
from idiolect.usermodel.propose.vocabulary import COMMON_FILE_HEADS, TOP_LEVEL_DOMAINS

LEAST_DAYS = 2
MOST_OF_A_KIND = 6
DURABILITY = 0.45

_SEPARATOR = re.compile(r"\s+[-\u2013—|·•:]\s+|\s*[—|·•]\s*|:\s+")
_FILE = re.compile(r"^(?P<stem>[\w][\w .()-]*)\.(?P<suffix>[A-Za-z]\w{0,4})$")
_HEAD = re.compile(r"^[A-Za-z]{4,}")


def propose_titles(seen: Seen) -> Iterator[Draft]:
    """Estimates for files, projects (names that several files share) and sites."""
    files: dict[str, list[ObservationView]] = defaultdict(list)
    heads: dict[str, list[ObservationView]] = defaultdict(list)
    head_names: dict[str, set[str]] = defaultdict(set)
    sites: dict[str, list[ObservationView]] = defaultdict(list)
    quotes: dict[tuple[str, str], str] = {}
    for view in seen.everything:
        if view.trust == "untrusted" or view.kind not in ("application", "screen"):
            continue
        for name, head in _files(view.title or ""):
            files[name].append(view)
            quotes[name, view.id] = name
            if head is not None:
                heads[head.casefold()].append(view)
                head_names[head.casefold()].add(name)
                quotes[head.casefold(), view.id] = head
        if view.url and (host := urlsplit(view.url).hostname):
            sites[host].append(view)
            quotes[host, view.id] = host if host in view.url else view.url
    projects = {head: views for head, views in heads.items() if len(head_names[head]) > 1}
    in_projects = {name for head in projects for name in head_names[head]}
    loose = {name: views for name, views in files.items() if name not in in_projects}
    for kind, verb, found in (
        ("project", "works on a project called {}", projects),
        ("file", "works on the file {}", loose),
        ("site", "visits {} regularly", sites),
    ):
        for name, views in _most_frequent(seen, found):
            shown = quotes[name, views[0].id]
            days = {seen.day(view) for view in views}
            yield Draft(
                text=f"{seen.user_name} {verb.format(shown)}.",
                reasoning=f"It was in the title or address on {len(days)} days.",
                confidence=from_days(len(days), 0, trusts(views)),
                durability=DURABILITY,
                evidence=seen.one_a_day(views, {view.id: quotes[name, view.id] for view in views}),
                valid_from=views[0].occurred_at,
                estimate_key=f"{kind}:{name}",
            )


def _most_frequent(
    seen: Seen, found: dict[str, list[ObservationView]]
) -> list[tuple[str, list[ObservationView]]]:
    days = {name: len({seen.day(view) for view in views}) for name, views in found.items()}
    frequent = [name for name in found if days[name] >= LEAST_DAYS]
    frequent.sort(key=lambda name: (-days[name], -len(found[name]), name))
    return [(name, found[name]) for name in frequent[:MOST_OF_A_KIND]]


def names_a_file(title: str) -> bool:
    """Whether a window's title tells that it shows a file."""
    return bool(_files(title))


@lru_cache(maxsize=4096)  # the titles of weeks are looked at with every batch
def _files(title: str) -> tuple[tuple[str, str | None], ...]:
    """Names of files and working folders in a title, each with the project they tell of.

    The project is the nearest folder with a name of its own, else the head of the file's name.
    """
    return tuple(_named_files(title))


def _named_files(title: str) -> Iterator[tuple[str, str | None]]:
    for segment in _SEPARATOR.split(title):
        part = segment.strip().lstrip("*\u25cf ")
        *folders, last = part.split("/")
        named = [folder for folder in folders if _head(folder) is not None]
        file = _FILE.match(last)
        if file is not None and file["suffix"].casefold() not in TOP_LEVEL_DOMAINS:
            yield last, named[-1] if named else _head(file["stem"])
        elif folders and part.startswith(("~", "/")) and _head(last) is not None:
            yield last, last


def _head(stem: str) -> str | None:
    found = _HEAD.match(stem)
    if found is None or found.group().casefold() in COMMON_FILE_HEADS:
        return None
    return found.group()
