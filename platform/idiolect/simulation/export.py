"""A simulated set as a folder of files that the platform imports."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from idiolect.errors import ConflictError, InvalidInputError
from idiolect.kit.hashing import sha256_file
from idiolect.preference.judged import Group
from idiolect.preference.pairs import Pair
from idiolect.simulation.card import card
from idiolect.simulation.choices import Candidates
from idiolect.simulation.person_json import person_as_dict
from idiolect.simulation.society import Design, Member, Preferences, Society

MANIFEST = "manifest.json"
FORMAT = "idiolect-simulation-1"

UNFINISHED = "unfinished.txt"
"""Names of the files that a run has begun to write; a run that has finished removes it."""

PREFERENCES = ("train", "held-out-combinations", "held-out-people")
"""Files of everybody's pairs."""


@dataclass
class Counts:
    """What is in a set.

    Attributes:
        people: how many, and how many of them are held out.
        observations: by kind.
        trusts: observations by trust.
        facts: by how they are revealed.
        traps: by kind.
        pairs: of each file in ``PREFERENCES``, ties included.
        ties: of all pairs.
        rankings, thumbs, edits: of all people, held-out ones included.
    """

    people: int = 0
    held_out_people: int = 0
    observations: Counter[str] = field(default_factory=Counter)
    trusts: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    traps: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)
    ties: int = 0
    rankings: int = 0
    thumbs: int = 0
    edits: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            name: dict(value) if isinstance(value, Counter) else value
            for name, value in vars(self).items()
        }

    def add(self, member: Member) -> None:
        """Counts one person."""
        self.people += 1
        self.held_out_people += member.is_held_out
        self.observations.update(one.kind for one in member.life.observations)
        self.trusts.update(one.trust for one in member.life.observations)
        self.facts.update(fact.revelation for fact in member.life.truth.facts)
        self.traps.update(trap.kind for trap in member.life.truth.traps)
        for name, pairs in parted(member).items():
            self.pairs[name] += len(pairs)
            self.ties += sum(pair.is_tie for pair in pairs)
        for said in (member.train, member.held_out):
            self.rankings += len(said.rankings)
            self.thumbs += len(said.thumbs)
            self.edits += len(said.edits)


def write_society(
    design: Design,
    folder: Path,
    *,
    force: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Counts:
    """Simulates and writes everything; the manifest comes last, so a folder with one is whole.

    Args:
        design: what is to be simulated.
        folder: made if it is missing.
        force: write also where there are files; those of an earlier simulation are removed,
            others stay unless they have a name that is written.
        on_progress: told how many people are done, and of how many.

    Raises:
        ConflictError: the folder is not empty, and it is not forced.
        InvalidInputError: it cannot be written.
        NotReadyError: a package by which replies are measured is not installed.
    """
    _require_free(folder, force)
    society = Society.draw(design)
    counts = Counts()
    if on_progress is not None:
        on_progress(0, design.people)
    try:
        _remove_earlier(folder)
        files = _Files(folder, society.candidates)
        for member in society.members():
            counts.add(member)
            files.write(member)
            if on_progress is not None:
                on_progress(counts.people, design.people)
        files.finish(society, counts)
    except OSError as error:
        raise InvalidInputError(
            f"{folder} cannot be written: {error.strerror}", hint="Name another folder."
        ) from error
    return counts


def parted(member: Member) -> Mapping[str, Sequence[Pair]]:
    """A person's pairs by the file that they belong to."""
    train, held_out = member.train.pairs, member.held_out.pairs
    if member.is_held_out:
        return {"held-out-people": [*train, *held_out]}
    return {"train": train, "held-out-combinations": held_out}


class _Files:
    """The folder while it is written.

    Args:
        folder: where.
        candidates: what everybody chose from.
    """

    def __init__(self, folder: Path, candidates: Iterable[Candidates]) -> None:
        self._folder = folder
        self._written: list[Path] = []
        self._pairs: dict[str, list[Pair]] = {name: [] for name in PREFERENCES}
        self._lines("candidates.jsonl", (asdict(offered) for offered in candidates))

    def write(self, member: Member) -> None:
        """One person's files; the pairs are kept for everybody's."""
        place = f"people/{member.person.id}"
        life = member.life
        self._lines(
            f"{place}/observed/observations.jsonl",
            (one.model_dump(mode="json", exclude_none=True) for one in life.observations),
        )
        self._bytes(f"{place}/observed/calendar.ics", life.calendar)
        for form, rows in _rows(member.train).items():
            name = "train" if form == "pairs" else form
            self._lines(f"{place}/preferences/{name}.jsonl", rows)
        for form, rows in _rows(member.held_out).items():
            name = "held-out" if form == "pairs" else f"{form}-held-out"
            self._lines(f"{place}/preferences/{name}.jsonl", rows)
        truth = {"person": _who(member), **life.truth.as_dict()}
        self._bytes(f"{place}/truth.json", _pretty(truth))
        for name, pairs in parted(member).items():
            self._pairs[name] += pairs

    def finish(self, society: Society, counts: Counts) -> None:
        """Everybody's pairs, the card and the manifest."""
        design = society.design
        for name, pairs in self._pairs.items():
            self._lines(f"preferences/{name}.jsonl", map(_whole, pairs))
        size = sum(path.stat().st_size for path in self._written)
        self._bytes("README.md", card(society, counts, size).encode())
        hashes = {str(path.relative_to(self._folder)): sha256_file(path) for path in self._written}
        plain = {**asdict(design), "start": design.start.isoformat()}
        manifest = {"format": FORMAT, "design": plain, "sha256": hashes}
        self._bytes(MANIFEST, _pretty(manifest))
        (self._folder / UNFINISHED).unlink()

    def _lines(self, name: str, rows: Iterable[object]) -> None:
        text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        self._bytes(name, text.encode())

    def _bytes(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with (self._folder / UNFINISHED).open("a", encoding="utf-8") as begun:
            begun.write(f"{name}\n")
        path.write_bytes(content)
        self._written.append(path)


def _require_free(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise ConflictError(f"{folder} is a file", hint="Name a folder.")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise ConflictError(
            f"{folder} is not empty",
            hint="Name another folder, or replace an earlier simulation there with --force.",
        )


def _remove_earlier(folder: Path) -> None:
    """Removes what earlier simulations wrote, finished or not; other files stay."""
    for name in (*_written(folder), MANIFEST, UNFINISHED):
        path = folder / name
        if path.resolve().is_relative_to(folder.resolve()):
            path.unlink(missing_ok=True)
    for name in ("people", "preferences"):
        for place in sorted((*folder.glob(name), *folder.glob(f"{name}/**/*")), reverse=True):
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def _written(folder: Path) -> list[str]:
    """Names of files, by the manifest of a run that finished and the list of one that did not."""
    manifest, unfinished = folder / MANIFEST, folder / UNFINISHED
    names = []
    if unfinished.is_file():
        names += unfinished.read_text(encoding="utf-8").splitlines()
    # A manifest that cannot be read is not of a simulation, so it names nothing.
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        names += [str(name) for name in json.loads(manifest.read_bytes())["sha256"]]
    return [name for name in names if name]


def _rows(said: Preferences) -> Mapping[str, Iterable[dict[str, Any]]]:
    """Rows of one person's files, by the name of the form."""
    return {
        # A tie cannot be imported; everybody's files have them.
        "pairs": (_importable(pair) for pair in said.pairs if not pair.is_tie),
        "edits": (_importable(pair) for pair in said.edits),
        "rankings": (
            {**_told(one), "context": list(one.context), "ranking": list(one.samples)}
            for one in said.rankings
        ),
        "thumbs": (
            {
                **_told(one),
                "context": list(one.context),
                "completion": one.samples[0],
                "label": one.rewards[0] > 0,
            }
            for one in said.thumbs
        ),
    }


def _told(group: Group) -> dict[str, Any]:
    return {"id": group.id, "source": group.source}


def _importable(pair: Pair) -> dict[str, Any]:
    """A row for ``idiolect prefs import`` and ``idiolect train --data``."""
    return {
        "context": list(pair.context_w),
        "chosen": pair.sample_w,
        "rejected": pair.sample_l,
        "source": "simulated",
    }


def _whole(pair: Pair) -> dict[str, Any]:
    """A row for ``idiolect train --data``, with who chose, and whether it is a tie."""
    row = {**_importable(pair), "id": pair.id, "source": pair.source}
    return {**row, "tie": True} if pair.is_tie else row


def _who(member: Member) -> dict[str, Any]:
    who = member.life.who
    return {
        **person_as_dict(member.person),
        "is_held_out": member.is_held_out,
        "name": who.full,
        "town": who.town,
        "time_zone": who.zone.key,
        "job": who.job["name"],
        "company": who.company,
    }


def _pretty(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
