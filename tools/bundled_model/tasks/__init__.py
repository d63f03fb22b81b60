"""The platform's small tasks as training dialogues: titles, propositions, relations.

Each is asked in the compact form of ``forms``; the ``ask_`` modules put it to a model and check
what comes back. Nothing on the platform asks so: by ``measure_tasks`` what it does without the
model is better. Run as a script it shows samples.
"""

import random

from tools.bundled_model.context import Message
from tools.bundled_model.tasks.propositions import draw_propositions
from tools.bundled_model.tasks.relation import draw_relation
from tools.bundled_model.tasks.title import draw_title

TASKS = {"title": draw_title, "propositions": draw_propositions, "relation": draw_relation}

SHARES = {"title": 0.2, "propositions": 0.5, "relation": 0.3}
"""How often each is drawn; a title takes a third of the tokens of the others."""


def draw_task(rng: random.Random) -> tuple[Message, ...]:
    """Draw one task: what the model is asked, and as the last message its right reply."""
    [name] = rng.choices(tuple(SHARES), tuple(SHARES.values()))
    return TASKS[name](rng)
