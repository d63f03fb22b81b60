"""What a model is tuned on and what it is asked afterwards, in topics, combinations and wordings
that the two do not share.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from idiolect.handbook.notes import section
from idiolect.handbook.topics import Topic
from idiolect.personalize.conditioning import system_message
from idiolect.preference.judged import Group
from idiolect.preference.pairs import Messages
from idiolect.proofs.bandits import scaled
from idiolect.proofs.members.janus.advice import compose, noted, usable_topics
from idiolect.proofs.members.janus.values import COMBINATIONS, DIMENSIONS, NEW_VALUE_COMBINATIONS
from idiolect.proofs.members.janus.wordings import wishes
from idiolect.simulation.splits import Combination

MESSAGES = 3
"""System messages an instruction."""

INSTRUCTIONS = 120
TEST_TOPICS = 24
_HELD_OUT_PAIRS = 2
"""Of combinations that mirror each other, for each support: a quarter of all is never tuned on."""


@dataclass(frozen=True, slots=True)
class Request:
    """An instruction under a system message.

    Attributes:
        notes: on the instruction's topic, the same whatever is wished.
        ask: what the user writes.
        combination: the values that the reply should have.
        wishes: the paragraph that asks for them.
    """

    notes: Topic
    ask: str
    combination: Combination
    wishes: str

    @property
    def context(self) -> Messages:
        """The messages before the reply."""
        content = system_message(self.wishes, [], [section(self.notes)])
        return ({"role": "system", "content": content}, {"role": "user", "content": self.ask})


@dataclass(frozen=True, slots=True)
class Lesson:
    """A request and a reply that has the values of its combination."""

    request: Request
    reply: str

    @property
    def example(self) -> Group:
        """As the trainer takes it."""
        return Group.verdict(self.request.context, self.reply, good=True)


@dataclass(frozen=True, slots=True)
class Course:
    """Lessons, and tests on other topics.

    Attributes:
        instructions: each instruction's lessons, ``MESSAGES`` of them, of different combinations.
        few: so many instructions are as many examples as all with one lesson each.
        tests: by what is new in them; as many of each topic in the same order.
    """

    instructions: Sequence[Sequence[Lesson]]
    few: int
    tests: Mapping[str, Sequence[Request]]

    @classmethod
    def draw(cls, seed: int, scale: float) -> "Course":
        """
        Args:
            seed: decides topics, combinations, wordings and replies.
            scale: of the numbers of topics, as in ``Proof.trial``.
        """
        rng = random.Random(f"janus/{seed}")  # noqa: S311 - lessons are no secret
        few, tested = scaled(INSTRUCTIONS, scale, least=2), scaled(TEST_TOPICS, scale, least=2)
        topics = [noted(topic, rng) for topic in rng.sample(usable_topics(), len(usable_topics()))]
        known, new = divided_combinations(rng)
        tests = [topics.pop() for _ in range(tested)]
        learned = [topics.pop() for _ in range(MESSAGES * few)]
        return cls(
            [_lessons(notes, known, rng) for notes in learned],
            few,
            {
                "new": [
                    *_requests(tests, _in_turn(new, rng), rng),
                    *_requests(tests, _in_turn(new, rng), rng),
                ],
                "known": _requests(tests, _in_turn(known, rng), rng, held_out_wordings=False),
                "new_value": _requests(tests, _new_values_in_turn(rng), rng),
            },
        )

    def three(self) -> list[Lesson]:
        """Few instructions, each with all its system messages."""
        return [lesson for lessons in self.instructions[: self.few] for lesson in lessons]

    def one(self) -> list[Lesson]:
        """The same instructions, each with one of them."""
        return [lessons[0] for lessons in self.instructions[: self.few]]

    def one_of_more(self) -> list[Lesson]:
        """As many examples as ``three``, each of an instruction of its own."""
        return [lessons[0] for lessons in self.instructions]

    def shuffled(self, seed: int) -> list[Lesson]:
        """``three``, with each example's wishes those of an example drawn at random."""
        rng = random.Random(f"shuffled/{seed}")  # noqa: S311 - lessons are no secret
        lessons = self.three()
        others = rng.sample(lessons, len(lessons))
        return [
            replace(lesson, request=replace(lesson.request, wishes=other.request.wishes))
            for lesson, other in zip(lessons, others, strict=True)
        ]


def divided_combinations(rng: random.Random) -> tuple[list[Combination], list[Combination]]:
    """The combinations that are tuned on, and those that are not, each value as often in both."""
    supports, voices = (dimension.tuned for dimension in DIMENSIONS[:2])
    new: list[Combination] = []
    for support in supports:
        halves = [one for one in COMBINATIONS if one[:2] == (support, voices[0])]
        for one in rng.sample(halves, _HELD_OUT_PAIRS):
            new += [one, _mirrored(one)]
    return [one for one in COMBINATIONS if one not in new], new


def _mirrored(combination: Combination) -> Combination:
    """The other value in every dimension that has two."""
    values = zip(DIMENSIONS, combination, strict=True)
    return tuple(
        value if len(of.tuned) > 2 else of.tuned[1 - of.tuned.index(value)] for of, value in values
    )


def _lessons(notes: Topic, known: Sequence[Combination], rng: random.Random) -> list[Lesson]:
    ask = rng.choice(notes.asks)
    return [
        Lesson(
            Request(notes, ask, combination, wishes(combination, rng, held_out=False)),
            compose(notes, combination, rng),
        )
        for combination in rng.sample(known, MESSAGES)
    ]


def _in_turn(combinations: Sequence[Combination], rng: random.Random) -> Iterator[Combination]:
    """All of them in random order, again and again."""
    return cycle(rng.sample(combinations, len(combinations)))


def _new_values_in_turn(rng: random.Random) -> Iterator[Combination]:
    """Combinations with one value that no lesson has, of each dimension in turn."""
    return (rng.choice(of_dimension) for of_dimension in cycle(NEW_VALUE_COMBINATIONS))


def _requests(
    topics: Sequence[Topic],
    combinations: Iterator[Combination],
    rng: random.Random,
    *,
    held_out_wordings: bool = True,
) -> list[Request]:
    """One request a topic."""
    return [
        Request(notes, rng.choice(notes.asks), one, wishes(one, rng, held_out=held_out_wordings))
        for notes, one in zip(topics, combinations, strict=False)
    ]
