"""The arms of the proof, the claim, and one person of it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import fmean

from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.observe.wire import ObservationIn
from idiolect.proofs.members.forgetting.home import ASKED, USER, Home, copied, opened
from idiolect.proofs.members.forgetting.stream import (
    AGAIN,
    DAYS,
    Reader,
    Remembering,
    draw,
    in_name_of,
    seen_again,
)
from idiolect.proofs.parts import PEOPLE_SEEDS, Arm, ArmDone, Check, Proof, Trial
from idiolect.simulation.lives import Life
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.matching import Matcher
from idiolect.usermodel.forgetting.likeness import without_name
from idiolect.usermodel.forgetting.scope import OfApplication, OfProposition, OfTopic, Scope

STRANGERS = 500_000
"""Seeds of whose facts are somebody else's begin here, above those of the people."""

SHARE = 0.5
"""Of what is known, that is forgotten."""


@dataclass(frozen=True, slots=True)
class World:
    """A person whose first week was learned from.

    Attributes:
        life: theirs.
        stranger: somebody else's, for statements that are not theirs.
        folder: the stores after the first week.
        embedder: shared by the arms.
        known: the facts that the platform knows, with the lineages that say them.
        targets: those of them to be forgotten, and as what.
    """

    life: Life
    stranger: Life
    folder: Path
    embedder: Remembering
    known: Mapping[str, Sequence[str]]
    targets: Mapping[str, Scope]

    def fact(self, id: str) -> Fact:
        """A fact of the life."""
        return next(one for one in self.life.truth.facts if one.id == id)


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    days = max(2, round(DAYS * min(scale, 1.0)))
    life, stranger = draw(seed, days), draw(STRANGERS + seed, days)
    measured: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="idiolect-proof-") as work:
        world = _learned(life, stranger, Path(work) / "first", seed)
        for arm in PROOF.arms:
            folder = copied(world.folder, Path(work) / arm)
            measured[arm] = _measured(world, arm, folder, seed)
            arm_done()
    return Trial(measured)


def _learned(life: Life, stranger: Life, folder: Path, seed: int) -> World:
    """The first week, and what of it is to be forgotten."""
    folder.mkdir()
    embedder = Remembering(_embedder())
    with _open(life, folder, embedder, seed) as home:
        home.live(life.observations)
        said = _said(life, home.beliefs(), embedder)
        worth = {one.id for one in life.truth.facts if one.kind != "desk"}
        known = {id: keys for id, keys in said.items() if id in worth}
        targets = _targets(life, known, home, random.Random(f"{seed}/targets"))  # noqa: S311 - no secret
    return World(life, stranger, folder, embedder, known, targets)


def _targets(
    life: Life, known: Mapping[str, Sequence[str]], home: Home, rng: random.Random
) -> dict[str, Scope]:
    """Half of what is known, in turn as a proposition, a topic and, once, an application."""
    facts = {one.id: one for one in life.truth.facts}
    drawn = rng.sample(sorted(known), max(1, round(SHARE * len(known))))
    targets: dict[str, Scope] = {}
    for place, id in enumerate(drawn):
        fact, name = facts[id], life.truth.name
        targets[id] = OfTopic(without_name(fact.statement, name).rstrip("."))
        if place % 2 == 0:
            targets[id] = OfProposition(known[id][0])
    # The application in which most of what it shows is shown nowhere else, and least of the rest.
    for id in reversed(drawn):
        seen_in = home.applications_of(facts[id].evidence)
        if len(seen_in) == 1 and "" not in seen_in:
            targets[id] = OfApplication(seen_in.pop())
            break
    return targets


def _measured(world: World, arm: str, folder: Path, seed: int) -> dict[str, float]:
    life = world.life
    with _open(life, folder, world.embedder, seed) as home:
        erased = set() if arm == "kept" else _forget(world, home)
        after = _said(life, home.beliefs(), world.embedder)
        # What went along with the targets, as all else of an application, is not to come back.
        gone = world.targets.keys() | (world.known.keys() - after.keys())
        left = _recovered(world, home, gone, erased)
        if arm == "hash":
            home.know_by_words_alone()
        if arm == "stranger":
            home.bury_instead(_strangers(world))
        home = replace(home, now=home.now + (life.truth.ends_at - life.observations[0].occurred_at))
        home.reader.telling = "other words"
        home.reader.retells = arm == "retold"
        home.live(_second_week(world, gone, is_clean=arm == "unseen"))
        leaked = _recovered(world, home, gone, erased)
        reworded = [id for id in gone if world.fact(id).wordings]
        refused = {} if arm == "stranger" else {"refused": _refused(world, home, gone)}
        confirmed = _confirmed(world, home, gone)
    return {
        "leak": len(leaked) / len(gone),
        "leak, reworded": sum(id in leaked for id in reworded) / max(1, len(reworded)),
        "left": len(left) / len(gone),
        "forgotten": float(len(gone)),
        "confirmed": confirmed,
        **refused,
    }


def _forget(world: World, home: Home) -> set[str]:
    """Forgets the targets; gives the texts of the propositions that went."""
    before = home.beliefs()
    for scope in world.targets.values():
        if isinstance(scope, OfProposition) and scope.id not in home.beliefs():
            continue  # it went along with one before
        home.forgetter.forget(USER, scope, ASKED)
    return set(before.values()) - set(home.beliefs().values())


def _recovered(world: World, home: Home, gone: Iterable[str], erased: set[str]) -> set[str]:
    """The facts that can be had, of those that were forgotten."""
    wanted = {id: world.fact(id) for id in gone}
    shown = set(home.beliefs().values()) | home.indexed()
    for fact in wanted.values():
        shown |= home.shown_for(fact.statement)
    rows = home.rows()
    shown |= {text for text in erased if text.casefold() in rows}
    texts = {f"text {place}": text for place, text in enumerate(sorted(shown))}
    return wanted.keys() & _said(world.life, texts, world.embedder).keys()


def _said(life: Life, beliefs: Mapping[str, str], embedder: Remembering) -> dict[str, list[str]]:
    """The facts that some statements give away, with the keys of these, the nearest first.

    A statement gives away the one fact that it is nearest to.
    """
    facts = life.truth.facts
    wordings = [(fact.id, text) for fact in facts for text in (fact.statement, *fact.wordings)]
    keys = sorted(beliefs)
    nearness = Matcher(embedder).nearness(
        [beliefs[key] for key in keys], [text for _, text in wordings], life.truth.name
    )
    found: dict[str, list[tuple[float, str]]] = {}
    for row, key in zip(nearness, keys, strict=True):
        if row.max(initial=0.0) > 0:
            place = int(row.argmax())
            found.setdefault(wordings[place][0], []).append((-float(row[place]), key))
    return {id: [key for _, key in sorted(said)] for id, said in found.items()}


def _second_week(world: World, gone: Iterable[str], *, is_clean: bool) -> list[ObservationIn]:
    again = seen_again(world.life)
    if not is_clean:
        return again
    shown = {f"{key}{AGAIN}" for id in gone for key in world.fact(id).evidence}
    return [one for one in again if one.idempotency_key not in shown]


def _refused(world: World, home: Home, gone: Iterable[str]) -> float:
    """The share of statements refused that nobody forgot: the person's other facts, a stranger's.

    Programs, files and sites are left out here too, since they belong to what was forgotten or not
    (whoever forgets a piece of work may well lose its files' names with it); and so is what says
    what was forgotten, as when the stranger has the same hobby.
    """
    forgotten = set(gone)
    own = [
        fact.statement
        for fact in world.life.truth.facts
        if fact.id not in forgotten and fact.kind != "desk"
    ]
    texts = sorted({*own, *_strangers(world)})
    said = _said(world.life, dict(zip(texts, texts, strict=True)), world.embedder)
    same = {text for id in forgotten for text in said.get(id, ())}
    return fmean(map(float, home.would_refuse([text for text in texts if text not in same])))


def _confirmed(world: World, home: Home, gone: Iterable[str]) -> float:
    """The share of what is known and was not forgotten that gained evidence in the second week."""
    again = home.seen_in(AGAIN)
    said = _said(world.life, home.beliefs(), world.embedder)
    others = world.known.keys() - set(gone)
    return fmean(not again.isdisjoint(said.get(id, ())) for id in others) if others else 1.0


def _strangers(world: World) -> list[str]:
    truth = world.stranger.truth
    texts = [fact.statement for fact in truth.facts if fact.kind != "desk"]
    return in_name_of(texts, truth.name, world.life.truth.name)


def _open(
    life: Life, folder: Path, embedder: Remembering, seed: int
) -> AbstractContextManager[Home]:
    return opened(
        folder,
        embedder,
        Reader.of(life, seed),
        life.truth.name,
        life.truth.ends_at,
        life.who.zone,
    )


@cache
def _embedder() -> BundledEmbedder:
    return BundledEmbedder()


PROOF = Proof(
    paper="Our own: no system at hand keeps what was forgotten from being learned again",
    claim=(
        "Of what a person had forgotten nothing is left, and nothing comes back when the same week"
        " is seen once more and told in other words, where with tombstones that know words alone"
        " it does. Fewer than 5 % of other statements are refused, and what was not forgotten goes"
        " on gaining evidence. Refuted by anything that comes back, or by more that is refused."
    ),
    measure="leak",
    arms={
        "meaning": Arm("treatment", "forgotten, with tombstones by meaning and evidence"),
        "retold": Arm("treatment", "the same, and the second week tells it from other spans"),
        "hash": Arm("control", "forgotten, with tombstones by words alone"),
        "kept": Arm("trivial", "nothing is forgotten"),
        "stranger": Arm("sham", "forgotten, with tombstones of another person's facts"),
        "unseen": Arm("oracle", "forgotten, and nothing of it is seen again"),
    },
    checks=(
        Check("nothing comes back", "leak", "meaning", bound=0.001, lower=True),
        Check("less than by words alone", "leak", "meaning", "hash", lower=True),
        Check("nothing is left right after", "left", "meaning", bound=0.001, lower=True),
        Check("fewer than 5 % of others are refused", "refused", "meaning", bound=0.05, lower=True),
        Check("others go on gaining evidence", "confirmed", "meaning", "kept", bound=-0.05),
    ),
    trial=_trial,
    seeds=PEOPLE_SEEDS,
)
