"""What is true of the recorded person, what is not, and which rows carry it: person.json."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from recording.ledger import Ledger, Row


def describe(person: Mapping[str, Any], ledger: Ledger, calendar: str) -> dict[str, Any]:
    """The content of person.json: the story's person with patterns turned into evidence.

    Args:
        person: story/person.toml. Every truth, trap and secret has an ``id`` and ``patterns``,
            regular expressions looked for in the rows' text, title and address.
        ledger: the recorded rows; screens carry what their step says that it shows.
        calendar: the text of calendar.ics, whose events are found by their summary.

    Raises:
        ValueError: a truth, trap or secret that no row, screen or calendar entry carries.
    """
    described = {key: person[key] for key in ("name", "time_zone", "description", "week")}
    for group in ("truth", "traps", "secrets"):
        described[group] = [_with_evidence(entry, ledger, calendar) for entry in person[group]]
    described["noise"] = {
        "near_identical_screens": ledger.near_identical,
        "resent_events": _duplicates(row["idempotency_key"] for row in ledger.events),
        "repeated_events": [
            row["idempotency_key"]
            for row in ledger.events
            if row["idempotency_key"].endswith("-again")
        ],
    }
    return described


def calendar_text(path: Path) -> str:
    """A calendar's text, folded lines joined."""
    return re.sub(r"\r?\n[ \t]", "", path.read_text())


def _with_evidence(entry: Mapping[str, Any], ledger: Ledger, calendar: str) -> dict[str, Any]:
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in entry["patterns"]]
    evidence: dict[str, Sequence[str]] = {
        "events": sorted(
            {row["idempotency_key"] for row in ledger.events if _carries(row, patterns)}
        ),
        "screens": sorted(
            row["image"]
            for row in ledger.screens
            if entry["id"] in ledger.shown[row["image"]] or _carries(row, patterns)
        ),
        "calendar": _calendar_entries(calendar, patterns),
    }
    if not any(evidence.values()):
        raise ValueError(f"Nothing in the recording carries {entry['id']!r}.")
    kept = {name: value for name, value in entry.items() if name != "patterns"}
    return kept | {"evidence": {kind: found for kind, found in evidence.items() if found}}


def _carries(row: Row, patterns: Iterable[re.Pattern[str]]) -> bool:
    content = "\n".join(row.get(name) or "" for name in ("text", "title", "url"))
    return any(pattern.search(content) for pattern in patterns)


def _calendar_entries(calendar: str, patterns: Sequence[re.Pattern[str]]) -> list[str]:
    entries = re.findall(r"BEGIN:VEVENT.*?UID:(\S+).*?SUMMARY:([^\n]*)", calendar, re.DOTALL)
    return [uid for uid, summary in entries if any(p.search(summary) for p in patterns)]


def _duplicates(keys: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for key in keys:
        if key in seen:
            twice[key] = None
        seen.add(key)
    return list(twice)
