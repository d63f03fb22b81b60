"""A simulated person, their week, and who concludes what from it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from idiolect.lm.protocols import Embedder
from idiolect.observe.wire import ObservationIn
from idiolect.simulation.attributes.areas import areas
from idiolect.simulation.groups import default_groups
from idiolect.simulation.lives import Life, draw_life
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.population import Population
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView

DAYS = 5
AGAIN_AFTER = timedelta(days=7)
AGAIN = "/again"
"""With this end the idempotency keys of the second week."""

Telling = Literal["statement", "other words"]

_QUOTE_CHARACTERS = 80


def draw(seed: int, days: int) -> Life:
    """Somebody's life; another seed gives somebody else's."""
    [person] = Population.draw(1, default_groups(), seed, topics=tuple(areas())).people
    return draw_life(person, seed, days=days)


def in_name_of(texts: Sequence[str], theirs: str, ours: str) -> list[str]:
    """Statements about one person as if they were about another."""
    return [text.replace(theirs, ours) for text in texts]


def seen_again(life: Life) -> list[ObservationIn]:
    """The same observations a week later, as new ones."""
    return [
        one.model_copy(
            update={
                "idempotency_key": f"{one.idempotency_key}{AGAIN}",
                "occurred_at": one.occurred_at + AGAIN_AFTER,
            }
        )
        for one in life.observations
    ]


@dataclass(slots=True)
class Reader:
    """Concludes every fact from what shows it; a ``Proposer``.

    Attributes:
        facts: by idempotency key of an observation, those that it shows.
        rng: chooses among wordings.
        telling: in which words it speaks.
        retells: quotes other spans than it would, as if the stream told the same in other words.
        keys: of the stored observations, by id.
    """

    facts: Mapping[str, Sequence[Fact]]
    rng: random.Random
    telling: Telling = "statement"
    retells: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    name: str = "reader"

    @classmethod
    def of(cls, life: Life, seed: int) -> Reader:
        """Who reads a life."""
        shown: dict[str, list[Fact]] = {}
        for fact in life.truth.facts:
            for key in fact.evidence:
                shown.setdefault(key, []).append(fact)
        return cls(shown, random.Random(f"{seed}/reader"))  # noqa: S311 - no secret

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """See ``Proposer.propose``; of one batch, each statement once."""
        del earlier, user_name, now
        drafts: dict[str, Draft] = {}
        for seen in observations:
            for fact in self.facts.get(self.keys[seen.id].removesuffix(AGAIN), ()):
                text = self._words(fact)
                evidence = Evidence(seen.id, self._quote(seen))
                known = drafts.get(text)
                drafts[text] = (
                    replace(known, evidence=(*known.evidence, evidence))
                    if known
                    else Draft(
                        text=text,
                        reasoning="",
                        confidence=0.8,
                        durability=fact.durability,
                        evidence=(evidence,),
                        valid_from=seen.occurred_at,
                    )
                )
        return list(drafts.values())

    def _quote(self, seen: ObservationView) -> str:
        shown = seen.text or seen.title or seen.application or ""
        if self.retells:
            shown = " ".join(shown.split()[1:]) or f"in {shown}"
        return shown[:_QUOTE_CHARACTERS]

    def _words(self, fact: Fact) -> str:
        if self.telling == "statement" or not fact.wordings:
            return fact.statement
        return self.rng.choice(fact.wordings)


@dataclass(slots=True)
class Remembering:
    """An embedder that asks another one once for each text; the arms read the same week."""

    embedder: Embedder
    known: dict[str, list[float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The other one's."""
        return self.embedder.name

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See ``Embedder.embed``."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known]
        self.known.update(zip(fresh, self.embedder.embed(fresh), strict=True))
        return [self.known[text] for text in texts]
