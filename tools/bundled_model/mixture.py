"""What the model learns when: kinds of dialogues, and their shares in each stage of the training.

First language and copying, then style on short contexts, then the whole task: replies from long
notes among others, in a style, with what is known of the user. Some of the first stays in to the
end, so that it is not unlearnt.
"""

import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from idiolect.handbook.topics import Topic
from tools.bundled_model.bank import StyleMessage
from tools.bundled_model.compose import KINDS, Composer
from tools.bundled_model.context import Message
from tools.bundled_model.conversations import draw_everyday, draw_stretch, draw_talk
from tools.bundled_model.dialogues import divided, read_dialogues
from tools.bundled_model.tasks import draw_task

HELD_OUT_SHARE, HELD_OUT_SEED = 0.02, 0
"""Of the published dialogues, for the loss that the card gives."""

LONGEST_DIALOGUES = 40
"""Messages; longer published dialogues are left out."""


@dataclass(frozen=True)
class Stage:
    """Part of a training run.

    Attributes:
        until: the share of all steps at which it ends.
        shares: of its dialogues, by kind; they sum to 1.
    """

    until: float
    shares: Mapping[str, float]


STAGES = (
    Stage(0.10, {"published": 0.40, "copying": 0.20, "brief": 0.35, "everyday": 0.05}),
    Stage(
        0.55,
        {
            "published": 0.12,
            "copying": 0.04,
            "brief": 0.25,
            "notes": 0.05,
            "advice": 0.36,
            "absent": 0.02,
            "recall": 0.03,
            "everyday": 0.07,
            "talk": 0.02,
            "task": 0.04,
        },
    ),
    Stage(
        1.0,
        {
            "published": 0.05,
            "copying": 0.03,
            "brief": 0.24,
            "notes": 0.34,
            "advice": 0.14,
            "absent": 0.05,
            "recall": 0.03,
            "everyday": 0.06,
            "talk": 0.02,
            "task": 0.04,
        },
    ),
)


@dataclass(frozen=True)
class Lesson:
    """A dialogue to learn from.

    Attributes:
        messages: its turns.
        whole: every turn but the system's is to be predicted, not the assistant's alone.
    """

    messages: tuple[Message, ...]
    whole: bool = False


class Mixture:
    """Draw lessons; the same `random.Random` state and progress give the same lesson.

    Args:
        topics: what can be said.
        style_messages: system messages that people wrote.
        published: dialogues of others, to learn language from.
        held_out: whether everyday dialogues are those that are measured on.
    """

    def __init__(
        self,
        topics: Sequence[Topic],
        style_messages: Sequence[StyleMessage],
        published: Sequence[Sequence[Message]],
        *,
        held_out: bool = False,
    ) -> None:
        composer = Composer(topics, style_messages)
        self._kinds: Mapping[str, Callable[[random.Random], Lesson]] = {
            "published": lambda rng: Lesson(draw_stretch(published, rng), whole=True),
            **{
                kind: lambda rng, kind=kind: Lesson(composer.draw(rng, kind).messages)
                for kind in KINDS
            },
            "everyday": lambda rng: Lesson(draw_everyday(rng, held_out=held_out)),
            "talk": lambda rng: Lesson(draw_talk(rng)),
            "task": lambda rng: Lesson(draw_task(rng)),
        }

    def draw(self, rng: random.Random, progress: float) -> Lesson:
        """Draw a lesson of the stage at this share of the run."""
        stage = next(stage for stage in STAGES if progress < stage.until or stage is STAGES[-1])
        [kind] = rng.choices(tuple(stage.shares), tuple(stage.shares.values()))
        return self._kinds[kind](rng)

    def kind(self, name: str) -> Callable[[random.Random], Lesson]:
        """What draws lessons of one kind."""
        return self._kinds[name]


def published_dialogues(*, held_out: bool) -> list[list[Message]]:
    """The published dialogues that are learnt from, or those that are measured on.

    Raises:
        SystemExit: the environment does not say where they are.
    """
    folder = os.environ.get("IDIOLECT_DATA")
    if not folder:
        raise SystemExit("Set IDIOLECT_DATA to the folder with the sets of dialogues.SETS.")
    dialogues = [d for d in read_dialogues(Path(folder)) if len(d) <= LONGEST_DIALOGUES]
    kept, apart = divided(dialogues, held_out_share=HELD_OUT_SHARE, seed=HELD_OUT_SEED)
    return apart if held_out else kept
