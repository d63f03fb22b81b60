"""What the bundled model is asked when it is measured: nothing of it stands in its training."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from idiolect.handbook.notes import Found, fit, section
from idiolect.handbook.topics import Topic
from tools.bundled_model.bank import held_out_ask, load_topics
from tools.bundled_model.compose import OTHERS_SHARES
from tools.bundled_model.context import ATTRIBUTES, Message, style_paragraph, system_content
from tools.bundled_model.knowledge import draw_distractors, proposition
from tools.bundled_model.notes import neighbors
from tools.bundled_model.styles import HELD_OUT_STYLES, Style

FIRST_SHARE = 0.8
"""Of contexts, those in which the right topic is noted first whatever their number: a retriever's
best match mostly is right."""

ROOM = 1900
"""Characters for notes: what the platform's 2,000 for talk and notes leave beside a question."""


@dataclass(frozen=True)
class Case:
    """A question about a topic never trained on, in a style combination never trained on.

    Attributes:
        topic: what it is about.
        style: that the paragraph asks for, in wordings never trained on.
        paragraph: of the system message.
        others: topics that are noted too.
        place: of the right topic among them.
        fact: true of the user, and bears on the topic.
        distractors: true of the user, and bear on nothing.
    """

    topic: Topic
    style: Style
    paragraph: str
    others: tuple[Topic, ...]
    place: int
    fact: str
    distractors: tuple[str, ...]

    @property
    def notes(self) -> str:
        """The section on the right topic, as it stands beside the others."""
        return section(self.noted)

    @property
    def noted(self) -> Topic:
        """The right topic with nothing in it but what is noted."""
        return self._noted(self.topic)[self.place]

    def sections(self, instead: Topic | None = None) -> list[str]:
        """All notes, cut down as the platform does it.

        Args:
            instead: is noted in the right topic's place.
        """
        return [section(topic) for topic in self._noted(instead or self.topic)]

    def prompt(
        self,
        *,
        paragraph: str | None = None,
        sections: Sequence[str] | None = None,
        facts: Sequence[str] = (),
    ) -> list[Message]:
        """What the model is shown: with its own paragraph and notes, or others."""
        stated = [proposition(fact, "The user") for fact in facts]
        asked = self.paragraph if paragraph is None else paragraph
        ask: Message = {"role": "user", "content": held_out_ask(self.topic.id)}
        shown = self.sections() if sections is None else sections
        return [*system_content(asked, stated, shown), ask]

    def alone(self) -> "Case":
        """The same without other topics, so that there is enough noted for every style."""
        return replace(self, others=(), place=0)

    def _noted(self, topic: Topic) -> list[Topic]:
        topics = [*self.others]
        topics.insert(self.place, topic)
        return [found.topic for found in _fitted(topics)]


def draw_cases(count: int, seed: int) -> list[Case]:
    """Draw cases: the right topic mostly first, beside up to two of the embedder's next best,
    which here are drawn, half of them of its area.
    """
    rng = random.Random(seed)
    topics = load_topics(held_out=True)
    cases = []
    for _ in range(count):
        topic, style = rng.choice(topics), rng.choice(HELD_OUT_STYLES)
        [number] = rng.choices(range(len(OTHERS_SHARES)), OTHERS_SHARES)
        others = tuple(neighbors(topics, topic, number, rng))
        cases.append(
            Case(
                topic,
                style,
                style_paragraph(style, rng, attributes=ATTRIBUTES, held_out_wording=True),
                others,
                0 if rng.random() < FIRST_SHARE else rng.randint(0, len(others)),
                rng.choice(topic.facts).text,
                tuple(draw_distractors(topics, topic, 2, rng)),
            )
        )
    return cases


def _fitted(topics: Sequence[Topic]) -> tuple[Found, ...]:
    found = fit([Found(topic, 1.0, tuple(range(len(topic.points)))) for topic in topics], ROOM)
    if len(found) < len(topics):
        raise ValueError(f"The notes on {len(topics)} topics do not fit; draw fewer.")
    return found
