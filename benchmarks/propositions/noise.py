"""The same week seen again and again, as a screen reader sees it: with letters misread."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

from idiolect.observe.wire import ObservationIn

CONFUSED = {"l": "1", "o": "0", "e": "c", "i": "l", "m": "rn", "a": "o", "n": "ri", "t": "f"}
"""What a screen reader takes for what."""

MISREAD = 0.01
"""Share of the letters that are misread."""

TIMES = 3
"""How often each screen, message and text is seen."""

APART = timedelta(hours=5)
"""Between two sights: longer than any that ingest takes for one."""


def seen_again(observations: Sequence[ObservationIn], seed: int) -> Iterator[ObservationIn]:
    """Each observation, and what shows words twice more, the later times with letters misread."""
    rng = random.Random(seed)
    for one in observations:
        yield one
        if one.kind in ("screen", "message", "text"):
            for time in range(1, TIMES):
                yield one.model_copy(
                    update={
                        "idempotency_key": f"{one.idempotency_key}-again-{time}",
                        "text": misread(one.text, rng),
                        "occurred_at": one.occurred_at + time * APART,
                    }
                )


def misread(text: str, rng: random.Random) -> str:
    """The text with some letters taken for others."""
    return "".join(
        CONFUSED[letter] if letter in CONFUSED and rng.random() < MISREAD else letter
        for letter in text
    )
