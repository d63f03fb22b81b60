"""Whether the store tells what was believed on each day of a life, once the life has gone on.

   python -m benchmarks.as_of [--people 8] [--days 7] [--seed 1] [--reader perfect|wired]

Simulated people's streams go through the pipeline day by day, and what is believed at the end of
each day is written down here. After the last day and an upkeep, the store is asked as of each of
these moments. A *perfect* reader proposes just the facts that an observation shows, so that what is
measured is what becomes of them; the *wired* one knows few of those that change.

*the same*: days of which it tells exactly the versions that were believed, in their states of then.

Each life has something that changes on a day in it: the old holds until then, the new from then on.
Of the changes whose old the pipeline knew on the eve, *before* are those of which the store, asked
at the end as of the eve, tells the old and not the new; *after* those of which it tells, as of the
end, the new and no longer the old. What says the same as a fact is for ``simulation.matching``.
"""

import argparse
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from benchmarks.propositions.arms import WIRED, Arm
from benchmarks.propositions.people import by_day, draw_lives, whole
from benchmarks.propositions.pipeline import Pipeline, opened
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.lm.protocols import Embedder
from idiolect.simulation.lives import Life
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.matching import Matcher
from idiolect.simulation.scoring import Belief, score
from idiolect.store.models import Observation
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.usermodel.memory.reader import MemoryReader
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView
from idiolect.usermodel.relate.rules import RulesRelater

READ_CONFIDENCE = 0.85

Believed = frozenset[tuple[str, str]]
"""Ids of versions and their states."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the store told of one life.

    Attributes:
        days, same: how many days, and of how many it told what was believed then.
        changes: whose old was known on the eve, and whose new was there to be known by the end.
        before, after: of how many of these it told what held; see the module.
        facts: how many versions it told over all days.
    """

    days: int
    same: int
    changes: int
    before: int
    after: int
    facts: int


class PerfectReader:
    """A ``Proposer`` that knows which facts an observation shows.

    Args:
        life: whose stream it reads.
        keys: gives the stream's key of each of some stored observations.
    """

    name = "perfect"

    def __init__(self, life: Life, keys: Callable[[Sequence[str]], dict[str, str]]) -> None:
        self._facts = life.truth.facts
        self._keys = keys

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """See ``Proposer.propose``."""
        del earlier, user_name, now
        keys = self._keys([one.id for one in observations])
        return [
            Draft(
                text=fact.statement,
                reasoning="",
                confidence=READ_CONFIDENCE,
                durability=fact.durability,
                evidence=tuple(Evidence(one.id, one.text[:80]) for one in shown),
                valid_from=min(one.occurred_at for one in shown),
            )
            for fact in self._facts
            if (shown := [one for one in observations if keys[one.id] in fact.evidence])
        ]


def live_now(pipeline: Pipeline, user_id: str) -> Believed:
    """What is believed at this moment, as the list of the present has it."""
    with pipeline.database.transaction() as session:
        held = MemoryRepository(session, user_id).list_current(
            "proposition", states=("generated", "activated", "merged", "archived", "expired")
        )
        return frozenset((one.id, one.state) for one in held)


def told_of(reader: MemoryReader, moment: datetime) -> tuple[Believed, list[Belief]]:
    """What the store tells of a moment: all versions, and those that acted as beliefs."""
    found, cursor = [], None
    while True:
        page = reader.as_of(moment, "proposition", limit=200, cursor=cursor)
        found += page.items
        if (cursor := page.next_cursor) is None:
            break
    acting = [one.memory for one in found if one.state == "activated"]
    return (
        frozenset((one.memory.id, one.state) for one in found),
        [Belief(one.text or "", one.confidence or 0.0) for one in acting],
    )


def said(beliefs: list[Belief], life: Life, matcher: Matcher, moment: datetime) -> set[str]:
    """The facts that some belief says, whether they hold at that moment or have ended."""
    _, judged = score(beliefs, life.truth, matcher, at=moment)
    return {one.id for one in judged if one.outcome in ("true", "stale")}


def changes(life: Life) -> Iterator[tuple[Fact, Fact]]:
    """What holds until a day of the life and what holds from then on, if both were shown."""
    new = {fact.id.rpartition("-")[0]: fact for fact in life.truth.facts if "switch-new" in fact.id}
    for old in life.truth.facts:
        if "switch-old" in old.id and (follows := new.get(old.id.rpartition("-")[0])) is not None:
            yield old, follows


def lived(life: Life, embedder: Embedder, matcher: Matcher, *, is_perfect: bool) -> Told:
    """One life through the pipeline, and what the store tells of it afterwards."""

    def keys(ids: Sequence[str]) -> dict[str, str]:
        with pipeline.database.transaction() as session:
            rows = session.execute(
                select(Observation.id, Observation.idempotency_key).where(Observation.id.in_(ids))
            )
            return {row.id: row.idempotency_key for row in rows}

    perfect = Arm("perfect reader", lambda _: [PerfectReader(life, keys)], RulesRelater())
    with opened(embedder, perfect if is_perfect else WIRED, life.who.zone) as pipeline:
        user_id = pipeline.add_user(life.who.full)
        believed: dict[datetime, Believed] = {}
        for end, of_day in by_day(whole(life), life.who.moment(0)):
            pipeline.learn(user_id, of_day, end)
            believed[end] = live_now(pipeline, user_id)
        pipeline.now = life.truth.ends_at + timedelta(days=1)
        pipeline.upkeep(user_id)
        reader = MemoryReader(pipeline.database, user_id)
        told = {moment: told_of(reader, moment) for moment in believed}
    last = max(told)
    before = after = known = 0
    for old, new in changes(life):
        eves = [day for day in told if old.valid_to is not None and day <= old.valid_to]
        if not eves or new.revealed_at is None or new.revealed_at > last:
            continue
        eve = max(eves)
        then = said(told[eve][1], life, matcher, eve)
        if old.revealed_at is None or old.revealed_at > eve or old.id not in then:
            continue
        known += 1
        now = said(told[last][1], life, matcher, last)
        before += new.id not in then
        after += new.id in now and old.id not in now
    return Told(
        days=len(believed),
        same=sum(told[day][0] == live for day, live in believed.items()),
        changes=known,
        before=before,
        after=after,
        facts=sum(len(one) for one, _ in told.values()),
    )


def main() -> None:
    """Prints a line for each life, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", choices=("perfect", "wired"), default="perfect")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    embedder = BundledEmbedder()
    matcher = Matcher(embedder)
    each = []
    for life in draw_lives(asked.people, asked.days, asked.seed):
        each.append(lived(life, embedder, matcher, is_perfect=asked.reader == "perfect"))
        print(life.who.full, each[-1], flush=True)
    print(
        f"{sum(one.same for one in each)} of {sum(one.days for one in each)} days the same "
        f"({sum(one.facts for one in each):,} versions); of {sum(one.changes for one in each)} "
        f"changes {sum(one.before for one in each)} told right as of the eve, "
        f"{sum(one.after for one in each)} as of the end"
    )


if __name__ == "__main__":
    main()
