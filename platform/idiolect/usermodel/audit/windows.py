"""Which window an observation was seen in: private, confidential, excluded, or our own.

Titles end in the program's name, so a mark counts where programs put it and not anywhere: a page
*about* private browsing is no private window. In brackets beside a browser's name any word that is
not known to be harmless counts as the mark of a private window, since it may be one of a language
that is not listed.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from idiolect.usermodel.audit.plain import bare
from idiolect.usermodel.propose.protocols import ObservationView

TITLE_LINES = 3
"""Lines of a screen without a title that may be one: what stands at its top."""

_MOST_TITLE_CHARS = 1000
_SEPARATOR = re.compile(r"\s+[-\u2013|·•]\s+|\s*[—|]\s*")
_IN_BRACKETS = re.compile(r"[(\[【](.*?)[)\]】]")
_AROUND = " ()[]【】-\u2013—:.!*"
_JOINING = frozenset({"de", "di", "do", "da", "von", "van", "w"})


def is_private(view: ObservationView) -> bool:
    """Whether it was seen in a private window of a browser, or in a browser that is one."""
    listed = _listed()
    programs = [*titles(view), bare(view.application or "")]
    return (
        any(map(_is_private_title, programs))
        or any(_names(program, listed["browsers.private"]) for program in programs)
        or (view.url or "").casefold().startswith(listed["browsers.addresses"])
        or (view.kind == "screen" and _has_line(view.text, listed["private.lines"]))
    )


def is_confidential(view: ObservationView) -> bool:
    """Whether it was seen in a program or on a site that holds passwords, codes or money."""
    listed = _listed()
    if is_application(view, listed["confidential.applications"]):
        return True
    if _is_confidential_host(_host(view.url), listed):
        return True
    windows = titles(view) if view.kind in ("screen", "application") else []
    return any(
        _holds(title, phrase) for title in windows for phrase in listed["confidential.phrases"]
    )


def is_application(view: ObservationView, names: Iterable[str]) -> bool:
    """Whether one of the programs named is in front, by its own name or by a part of the title."""
    wanted = _bared(tuple(names))
    application = bare(view.application or "")
    if any(_holds(application, name) for name in wanted):
        return True
    return any(_names(title, wanted) for title in titles(view))


def is_excluded(view: ObservationView, patterns: Iterable[str]) -> bool:
    """Whether the title or the address fits a pattern, or holds one without ``*`` and ``?``."""
    shown = [*map(bare, heading(view)), bare(view.url or "")]
    return any(_fits(text, bare(pattern)) for text in shown if text for pattern in patterns)


def is_own(view: ObservationView, names: Sequence[str], origins: Sequence[str]) -> bool:
    """Whether it is a window or a page of ours."""
    wanted = _bared(tuple(names))
    if bare(view.application or "") in wanted or any(
        part in wanted for title in titles(view) for part in _parts(title)[-2:]
    ):
        return True
    places = {place for origin in origins if (place := _place(origin))}
    if _place(view.url) in places:
        return True
    # Without an address: the bar of the browser stands at the top of the screen.
    return view.kind == "screen" and any(
        place in line.casefold() for line in _top(view.text) for place in places
    )


def heading(view: ObservationView) -> list[str]:
    """The window's title as it was seen; for a screen without one, its first lines."""
    if view.title:
        return [view.title[:_MOST_TITLE_CHARS]]
    return list(_top(view.text)) if view.kind == "screen" else []


def titles(view: ObservationView) -> list[str]:
    """The window's title for comparing; for a screen without one, those of its first lines that
    have the form of one: a name alone may be that of a tab in the background."""
    found = [bare(line) for line in heading(view)]
    return found if view.title else [line for line in found if len(_parts(line)) > 1]


@lru_cache(maxsize=256)
def _top(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text[: TITLE_LINES * _MOST_TITLE_CHARS].splitlines())
    return tuple(line[:_MOST_TITLE_CHARS] for line in lines if line)[:TITLE_LINES]


def _is_private_title(title: str) -> bool:
    listed, parts = _listed(), _parts(title)
    if not parts:
        return False
    if _is_mark(parts[-1]):
        return True
    browser = next((name for name in listed["browsers.names"] if _holds(parts[-1], name)), None)
    if browser is None:
        return False
    beside = parts[-1].replace(browser, " ", 1)
    in_brackets = _IN_BRACKETS.findall(beside)
    if any(text and text not in listed["browsers.ordinary"] for text in in_brackets):
        return True
    if _is_mark(beside) or beside.strip(_AROUND) in listed["private.beside_a_browser"]:
        return True
    return _is_mark(parts[-2]) if len(parts) > 1 else False


def _is_mark(part: str) -> bool:
    said = [word for word in part.strip(_AROUND).split() if word not in _JOINING]
    marks = _listed()["private.marks"]
    return part.strip(_AROUND) in marks or " ".join(said) in marks


def _parts(title: str) -> list[str]:
    return [part for part in _SEPARATOR.split(title) if part.strip()]


def _names(title: str, names: Iterable[str]) -> bool:
    """Whether a part of a title is one of the names, or begins with it."""
    parts = _parts(title)
    return any(part == name or part.startswith(name + " ") for part in parts for name in names)


def _holds(text: str, phrase: str) -> bool:
    """Whether a phrase stands in a text as whole words; scripts without spaces have no words."""
    place = text.find(phrase) if phrase else -1
    if place < 0 or not phrase[0].isascii():
        return place >= 0
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) is not None


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern) if {"*", "?"} & set(pattern) else pattern in text


def _has_line(text: str, lines: Sequence[str]) -> bool:
    folded = text.casefold().replace("\u2019", "'")
    if not any(line in folded for line in lines):
        return False
    return any(bare(line).strip(_AROUND) in lines for line in text.splitlines())


def _is_confidential_host(host: str, listed: Mapping[str, tuple[str, ...]]) -> bool:
    if any(host == site or host.endswith("." + site) for site in listed["confidential.sites"]):
        return True
    return any(
        part.endswith(listed["confidential.host_endings"])
        and part not in listed["confidential.no_banks"]
        for part in re.split(r"[.-]", host)
    )


def _host(url: str | None) -> str:
    """The host of an address, empty where there is none or it is broken."""
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def _place(url: str | None) -> str:
    """Host and port of an address, empty where there is none or it is broken."""
    try:
        return urlsplit(url or "").netloc.casefold()
    except ValueError:
        return ""


@lru_cache(maxsize=64)
def _bared(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(bare, names))


@cache
def _listed() -> Mapping[str, tuple[str, ...]]:
    """The lists of ``windows.toml`` by "table.list", as titles are compared; longest first."""
    with (Path(__file__).parent / "windows.toml").open("rb") as file:
        content = tomllib.load(file)
    return {
        f"{table}.{name}": tuple(sorted(map(bare, members), key=len, reverse=True))
        for table, lists in content.items()
        for name, members in lists.items()
    }
