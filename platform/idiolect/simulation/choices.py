"""What people say of candidate replies: pairs, rankings, thumbs and edits to learn from."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import fmean

from idiolect.errors import InvalidInputError
from idiolect.preference.judged import Group
from idiolect.preference.pairs import Messages, Pair
from idiolect.simulation.choosing import Outcome
from idiolect.simulation.edits import edited
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.people import Person


@dataclass(frozen=True, slots=True)
class Candidates:
    """Replies to one conversation, of which people choose.

    Attributes:
        context: the conversation before the reply.
        replies: two or more, all different.

    Raises:
        InvalidInputError: fewer than two replies, or two that are the same.
    """

    context: Messages
    replies: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.replies) < 2 or len(set(self.replies)) < len(self.replies):
            raise InvalidInputError("candidates are two or more different replies")


@dataclass(frozen=True, slots=True)
class Sitting:
    """One person before replies: what they say is drawn with their noise, and they tire.

    Ids and sources carry the person's id, so that sets of many people may be put together.

    Attributes:
        person: who chooses.
        features: measures the replies.
        session_length: choices in a row, after which the person is rested again.
        day: since the person was first seen.

    Raises:
        InvalidInputError: a session of no choices.
    """

    person: Person
    features: FeatureMap
    session_length: int = 20
    day: float = 0.0

    def __post_init__(self) -> None:
        if self.session_length < 1:
            raise InvalidInputError("a session has one choice or more")

    def choose(self, one: str, other: str, rng: random.Random, place: int) -> Outcome:
        """What the person says of two replies.

        Args:
            one: the first.
            other: the second.
            rng: where the noise comes from.
            place: how many choices came before.
        """
        return self.person.choose(
            self.features(one),
            self.features(other),
            rng,
            place=place % self.session_length,
            day=self.day,
        )

    def pairs(
        self, candidates: Sequence[Candidates], number: int, rng: random.Random
    ) -> list[Pair]:
        """So many choices between two replies each; ties are pairs of probability 0.5.

        Candidates come round in a random order, and of each two replies are shown at random.
        """
        made = []
        for place, offered in enumerate(_rounds(candidates, number, rng)):
            one, other = rng.sample(offered.replies, 2)
            outcome = self.choose(one, other, rng, place)
            made.append(self._pair(offered.context, one, other, outcome, place))
        return made

    def rankings(
        self, candidates: Sequence[Candidates], number: int, rng: random.Random
    ) -> list[Group]:
        """So many orders of all replies to a conversation, the best first.

        Luce 1959 (Individual Choice Behavior) and Plackett 1975 ("The Analysis of Permutations"):
        the best of those that remain is chosen again and again, see ``ChoiceModel.pick``. What goes
        round counts by a reply's mean advantage over those that remain.
        """
        made = []
        for place, offered in enumerate(_rounds(candidates, number, rng)):
            remaining = list(offered.replies)
            order = []
            while remaining:
                order.append(remaining.pop(self._pick(remaining, rng, place)))
            id = f"{self.person.id}/ranking-{place}"
            made.append(Group.ranking(offered.context, order, source=self.person.id, id=id))
        return made

    def thumbs(
        self, candidates: Sequence[Candidates], number: int, rng: random.Random
    ) -> list[Group]:
        """So many thumbs up or down on single replies.

        A reply is held against one of average worth, which is 0 for a standardized person; who is
        undecided gives no thumb, and another reply is shown.

        Raises:
            InvalidInputError: the person is undecided about nearly everything.
        """
        made: list[Group] = []
        for place, offered in enumerate(_rounds(candidates, 50 * number, rng)):
            if len(made) == number:
                break
            reply = rng.choice(offered.replies)
            worth = self.person.worth(self.features(reply), day=self.day)
            outcome = self.person.choice.draw(worth, rng, place % self.session_length)
            if outcome != "tie":
                id = f"{self.person.id}/thumb-{len(made)}"
                good = outcome == "first"
                source = self.person.id
                made.append(Group.verdict(offered.context, reply, good=good, source=source, id=id))
        if len(made) < number:
            raise InvalidInputError(f"{self.person.id} gives {len(made)} thumbs, not {number}")
        return made

    def edits(
        self, candidates: Sequence[Candidates], number: int, rng: random.Random
    ) -> list[Pair]:
        """At most so many replies as the person edited them, each better than what was shown.

        Of replies that the person would leave as they are nothing is learned, so there may be
        fewer. An edit takes effort and thought: it has no slips.
        """
        made = []
        for place, offered in enumerate(_rounds(candidates, number, rng)):
            shown = rng.choice(offered.replies)
            draft = edited(shown, self.person, self.features, day=self.day)
            if draft != shown:
                made.append(
                    Pair.under(
                        offered.context,
                        draft,
                        shown,
                        source=self.person.id,
                        id=f"{self.person.id}/edit-{place}",
                    )
                )
        return made

    def _pick(self, replies: Sequence[str], rng: random.Random, place: int) -> int:
        seen = [self.features(reply) for reply in replies]
        advantages = [
            fmean(self.person.advantage(one, other, day=self.day) for other in seen) for one in seen
        ]
        return self.person.choice.pick(advantages, rng, place % self.session_length)

    def _pair(self, context: Messages, one: str, other: str, said: Outcome, place: int) -> Pair:
        source, id = self.person.id, f"{self.person.id}/pair-{place}"
        if said == "tie":
            return Pair.tie(context, one, other, source=source, id=id)
        chosen, rejected = (one, other) if said == "first" else (other, one)
        return Pair.under(context, chosen, rejected, source=source, id=id)


def _rounds(
    candidates: Sequence[Candidates], number: int, rng: random.Random
) -> Iterator[Candidates]:
    """So many candidates, all of them before any again."""
    if not candidates:
        raise InvalidInputError("there are no candidates to choose from")
    left = number
    for _ in count():
        for offered in rng.sample(candidates, len(candidates)):
            if not left:
                return
            left -= 1
            yield offered
