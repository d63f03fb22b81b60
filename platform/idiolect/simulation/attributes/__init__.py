"""Attributes of a text that a program can check, with how far each checker is to be believed.

A simulated person's utility is over what the checkers say, so to it they are exact; the figures
tell how far "likes formal replies" means what a reader takes it to mean. Word lists and thresholds
were made on one half of each set, by hash, and measured on the other. everyday-dialogues names the
style of each of its replies: its writer was held to length, layout, emoji and closing questions by
a program, tone and level are the writer's intent. AUC 0.5 is chance.

    attribute      agreement
    length         band 1.00 (bands overlap a little in the set)
    bullets        prose, bullets or steps 1.00
    emoji          presence 1.00
    questions      closing question 1.00
    formality      formal against other tones, AUC 0.83
    enthusiasm     warm and playful against neutral and formal, AUC 0.73 (0.71 by "!" alone)
    reading_level  technical against simple, AUC 0.90
    simplicity     simple against technical, AUC 0.85
    directness     of topic-bank's points, which are steps, 0.88 are commands; of its reasons 0.04
    examples       of topic-bank's examples 1.00 (they begin alike); of its reasons 0.01
    address        of persona-evals' statements 0.86 are in the first person; of replies 0.06
    humor          playful against other tones, AUC 0.55: a program sees jokes' marks, not jokes

These texts are by models. What people wrote has no labels of manner, but kinds of it differ: AUC of
written answers (finegrained-qa-feedback), chat (irc-ubuntu), bookings (sgd-dialogues), coffee
orders' assistants (taskmaster), instructions (self-instruct) and sentences about oneself
(synthetic-persona-chat's personas).

    formality      answers against chat 0.90
    reading_level  answers against chat 0.79, against bookings 0.96
    simplicity     chat against answers 0.66, bookings against answers 0.84
    questions      lines that open a conversation against replies, as readers marked them, 0.70
    directness     instructions against chat 0.76
    address        instructions against personas 0.92; of personas 0.99 are in the first person
    enthusiasm     assistants against chat 0.68
    hedging        replies in chat against bookings and against personas 0.56; 0.13, 0.02 and 0.02
                   of them have a hedge
    humor          of chat lines at which somebody laughs 0.13 have a mark, of others 0.04

On a few sentences of our own, sorted by ear, hedging has AUC 0.85 and humor 0.82. Humor is weak and
topics are middling (see ``topic``); say so where a result rests on them.
"""

from collections.abc import Mapping

from idiolect.simulation.attributes.address import ADDRESS
from idiolect.simulation.attributes.attribute import Attribute, Checker, Measured
from idiolect.simulation.attributes.bullets import BULLETS
from idiolect.simulation.attributes.directness import DIRECTNESS
from idiolect.simulation.attributes.emojis import EMOJI
from idiolect.simulation.attributes.enthusiasm import ENTHUSIASM
from idiolect.simulation.attributes.examples import EXAMPLES
from idiolect.simulation.attributes.formality import FORMALITY
from idiolect.simulation.attributes.hedging import HEDGING
from idiolect.simulation.attributes.humor import HUMOR
from idiolect.simulation.attributes.length import LENGTH
from idiolect.simulation.attributes.questions import QUESTIONS
from idiolect.simulation.attributes.reading_level import READING_LEVEL
from idiolect.simulation.attributes.simplicity import SIMPLICITY

__all__ = ["ATTRIBUTES", "Attribute", "Checker", "Measured", "measure", "scaled"]

ATTRIBUTES: Mapping[str, Checker] = {
    "length": LENGTH,
    "formality": FORMALITY,
    "bullets": BULLETS,
    "emoji": EMOJI,
    "hedging": HEDGING,
    "questions": QUESTIONS,
    "examples": EXAMPLES,
    "enthusiasm": ENTHUSIASM,
    "reading_level": READING_LEVEL,
    "address": ADDRESS,
    "simplicity": SIMPLICITY,
    "humor": HUMOR,
    "directness": DIRECTNESS,
}
"""The manner of a text. What it is about, ``topic`` measures, for topics that are passed in."""


def measure(text: str, checkers: Mapping[str, Checker] = ATTRIBUTES) -> dict[str, Measured]:
    """Every attribute of one text, by name."""
    return {name: checker(text) for name, checker in checkers.items()}


def scaled(text: str, checkers: Mapping[str, Checker] = ATTRIBUTES) -> dict[str, float]:
    """Every attribute of one text on [0, 1], by name."""
    return {name: checker.scaled(checker(text).value) for name, checker in checkers.items()}
