"""Who learns from what, and where it is judged: the base's replies, people, their choices."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING

from idiolect.adapters.examples import without_ties
from idiolect.preference.judged import Group
from idiolect.proofs.asks import Asks
from idiolect.proofs.bandits import scaled
from idiolect.proofs.parts import FIRST_SEED
from idiolect.simulation.attributes import ATTRIBUTES
from idiolect.simulation.choices import Candidates, Sitting
from idiolect.simulation.contest import win_shares
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.groups import default_groups
from idiolect.simulation.people import Person

if TYPE_CHECKING:
    from idiolect.engine.lora import LoraWeights
    from idiolect.preference.pairs import Messages, Pair
    from idiolect.proofs.members.preference_tuning.assistant import Replies

CHOICES = 60
CURVE = (10, 30, CHOICES, 200)
_SEEN, _DRAFTS = 200, 4
_UNSEEN, _JUDGED, _REPLIES = 80, 24, 2
_BEST_OF = 8
CROWD, CROWD_CHOICES = 20, 30
_FEWEST_CHOICES = 6
CROWD_SEED = 1_000_000
_DRAFT_SEED, _BASE_SEED, _BEST_SEED = 2_000_000, 2_000_001, 2_000_002
"""People's own seeds are smaller, and also those that their adapters write with."""

_BETWEEN_DRAWS = 1_000
"""Between the seeds of one draw of the setting and those of the next."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A person, what they chose, and where their adapter is judged.

    Attributes:
        person: standardized over the base's replies.
        pairs: their choices in order, ties included.
        places: of unseen conversations.
    """

    person: Person
    pairs: Sequence[Pair]
    places: Sequence[int]

    def first(self, choices: int) -> list[Pair]:
        """What can be learned from their first choices."""
        return without_ties(self.pairs[:choices])  # type: ignore[return-value]  # all are pairs


@dataclass(frozen=True, slots=True)
class Setting:
    """What the base wrote: for everybody to choose from, and to hold adapters against.

    Attributes:
        asks: the conversations.
        offered: drafts to the seen ones.
        base: replies to the unseen ones.
        more: further ones, for the best of them.
        features: measures replies.
        scale: of the effort, as in ``Proof.trial``.
        number: of the draw.
        adapters: those that were trained, by the person's seed and the number of choices.
    """

    asks: Asks
    offered: Sequence[Candidates]
    base: Replies
    more: Replies
    features: FeatureMap
    scale: float
    number: int = 0
    adapters: dict[tuple[int, int], LoraWeights] = field(default_factory=dict, repr=False)

    @classmethod
    def draw(cls, number: int, scale: float) -> Setting:
        """The same for all people who share a draw."""
        shift = number * _BETWEEN_DRAWS
        asks = Asks.draw(
            number, seen=scaled(_SEEN, scale, least=8), unseen=scaled(_UNSEEN, scale, least=2)
        )
        drafts = _written(asks.seen, _DRAFTS, _DRAFT_SEED + shift, scale)
        best_of = scaled(_BEST_OF, scale, least=2)
        return cls(
            asks,
            _offered(asks.seen, drafts),
            _written(asks.unseen, _REPLIES, _BASE_SEED + shift, scale),
            _written(asks.unseen, best_of, _BEST_SEED + shift, scale),
            FeatureMap(),
            scale,
            number,
        )

    def learner(self, seed: int) -> Learner:
        """The person of a seed, with the most choices that any arm learns from."""
        reference = [self.features(text) for one in self.offered for text in one.replies]
        person = somebody(seed).standardized(reference)
        rng = random.Random(f"choices/{seed}")  # noqa: S311 - simulated choices are no secret
        pairs = Sitting(person, self.features).pairs(self.offered, self.choices(max(CURVE)), rng)
        judged = scaled(_JUDGED, self.scale, least=2)
        return Learner(person, pairs, rng.sample(range(len(self.asks.unseen)), judged))

    def choices(self, number: int) -> int:
        """A number of choices at this scale."""
        return scaled(number, self.scale, least=_FEWEST_CHOICES)

    def tuned(self, seed: int, choices: int) -> LoraWeights:
        """The adapter of the first choices of the person of a seed."""
        from idiolect.proofs.members.preference_tuning.assistant import adapter_of

        key = (seed, self.choices(choices))
        if key not in self.adapters:
            self.adapters[key] = adapter_of(self.learner(seed).first(key[1]), seed=seed)
        return self.adapters[key]

    def imitating(self, seed: int, choices: int) -> LoraWeights:
        """The adapter of what a person chose, without what they rejected."""
        from idiolect.proofs.members.preference_tuning.assistant import adapter_of

        chosen = chosen_of(self.learner(seed).first(self.choices(choices)))
        return adapter_of(chosen, objective="c_rlft", seed=seed)

    def population(self) -> LoraWeights:
        """One adapter for the choices of people who are not judged."""
        from idiolect.proofs.members.preference_tuning.assistant import adapter_of

        people, each = scaled(CROWD, self.scale, least=2), self.choices(CROWD_CHOICES)
        first = CROWD_SEED + self.number * _BETWEEN_DRAWS
        key = (first, people * each)
        if key not in self.adapters:
            crowd = range(first, first + people)
            pooled = [pair for seed in crowd for pair in self.learner(seed).first(each)]
            self.adapters[key] = adapter_of(pooled, seed=first)
        return self.adapters[key]

    def judged(self, learner: Learner, replies: Replies) -> dict[str, float]:
        """What replies to a learner's unseen conversations are truly worth to them."""
        from idiolect.proofs.members.preference_tuning.assistant import assistant

        person, places = learner.person, learner.places
        base = [self.base[place] for place in places]
        contexts = [self.asks.unseen[place] for place in places]
        return {
            "win rate": fmean(win_shares(person, self.features, replies, base)),
            "gain": self._worth(person, replies) - self._worth(person, base),
            "surprise": assistant().surprise(contexts, replies),
        }

    def best(self, learner: Learner) -> Replies:
        """The best of several of the base's replies to each, by the true utility."""

        def worth(text: str) -> float:
            return learner.person.worth(self.features(text))

        return [[max(self.more[place], key=worth)] for place in learner.places]

    def written(self, learner: Learner, adapter: LoraWeights, seed: int) -> Replies:
        """What an adapter answers in a learner's unseen conversations."""
        contexts = [self.asks.unseen[place] for place in learner.places]
        return _written(contexts, _REPLIES, seed, self.scale, adapter)

    def _worth(self, person: Person, replies: Replies) -> float:
        return fmean(person.worth(self.features(text)) for texts in replies for text in texts)


def somebody(seed: int) -> Person:
    """The person of a seed, of one of the simulation's groups by their shares."""
    rng = random.Random(f"person/{seed}")  # noqa: S311 - simulated people are no secret
    groups = default_groups()
    (group,) = rng.choices(groups, [group.share for group in groups])
    return group.member(f"{group.name}-{seed}", tuple(ATTRIBUTES), rng)


def _offered(contexts: Sequence[Messages], drafts: Replies) -> list[Candidates]:
    """Drafts to choose from, where two of them differ."""
    different = [tuple(dict.fromkeys(filter(None, texts))) for texts in drafts]
    return [
        Candidates(context, texts)
        for context, texts in zip(contexts, different, strict=True)
        if len(texts) > 1
    ]


def _written(
    contexts: Sequence[Messages],
    replies: int,
    seed: int,
    scale: float,
    adapter: LoraWeights | None = None,
) -> Replies:
    """Replies drawn as the assistant draws them unless told otherwise."""
    from idiolect.engine.generation import Decoding
    from idiolect.proofs.members.preference_tuning.assistant import assistant

    tokens = scaled(Decoding().max_tokens, scale, least=24)
    decoding = Decoding(replies=replies, max_tokens=tokens, seed=seed)
    return assistant().replies(contexts, decoding, adapter)


@cache
def _drawn(number: int, scale: float) -> Setting:
    return Setting.draw(number, scale)


def setting(seed: int, scale: float) -> Setting:
    """The setting of the person of a seed.

    It is drawn once for all people on whom the proof is reported, and another one is for those on
    whom it was designed.
    """
    return _drawn(seed // FIRST_SEED, scale)


def chosen_of(pairs: Sequence[Pair]) -> list[Group]:
    """What was chosen, without what it was chosen over."""
    return [Group.verdict(pair.context_w, pair.sample_w, good=True, id=pair.id) for pair in pairs]
