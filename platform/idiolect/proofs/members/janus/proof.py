"""The arms of the proof, the claim, and one seed of it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from idiolect.adapters.base import cpu_threads
from idiolect.engine.generation import Decoding
from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.bandits import scaled
from idiolect.proofs.members.janus.advice import compose
from idiolect.proofs.members.janus.lessons import Course, Lesson
from idiolect.proofs.members.janus.marking import Replies, marks
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, Arm, ArmDone, Check, Proof, Trial

_EPOCHS = 4
"""Over as many examples as ``three`` has; arms with fewer see theirs more often."""

_BATCH = 4
_LEARNING_RATE = 0.0005
"""Twice as high a rate taught the values no better when the proof was designed, and unlearned a
quarter of the words from the notes."""

_LEAST_GROUNDED = -0.1
"""Against the share of the composer's words that stand in the notes."""

MOST_TOKENS = 112
"""A few more than the longest composed reply has."""

_THREADS = 2
"""A whole model keeps two busy, where most proofs have too little for one."""


def _answers(
    course: Course, lessons: Sequence[Lesson], examples: int, seed: int, scale: float
) -> Replies:
    """What the bundled model answers in all tests after lessons.

    Args:
        course: has the tests.
        lessons: to be tuned on; none leave the model as it is.
        examples: as many steps are made as if there were so many lessons.
        seed: of the order of the lessons.
        scale: as in ``Proof.trial``.
    """
    from idiolect.proofs.members.janus.whole import whole_model
    from idiolect.proofs.training import fit
    from idiolect.proofs.writing import write

    loaded, policy = whole_model()
    decoding = Decoding(temperature=0, max_tokens=scaled(MOST_TOKENS, scale, least=4))
    with cpu_threads(_THREADS):
        if lessons:
            # Without warm-up and clipping the first steps undo much of what a whole model knows.
            fit(
                policy,
                "c_rlft",  # their likelihood, where all are of one class
                [lesson.example for lesson in lessons],
                steps=_EPOCHS * examples // _BATCH,
                batch_size=_BATCH,
                learning_rate=_LEARNING_RATE,
                warmup_share=0.1,
                max_gradient_norm=1.0,
                seed=seed,
            )
        return {
            test: [
                text
                for (text,) in write(loaded, [request.context for request in requests], decoding)
            ]
            for test, requests in course.tests.items()
        }


def composed(course: Course, seed: int) -> Replies:
    """What the teacher writes itself."""
    rng = random.Random(f"oracle/{seed}")  # noqa: S311 - replies are no secret
    return {
        test: [compose(request.notes, request.combination, rng) for request in requests]
        for test, requests in course.tests.items()
    }


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    course = Course.draw(seed, scale)
    lessons = {
        "three": course.three(),
        "one": course.one(),
        "one_of_more": course.one_of_more(),
        "shuffled": course.shuffled(seed),
        REFERENCE: [],
    }
    answers: dict[str, Replies] = {}
    for arm, given in lessons.items():
        answers[arm] = _answers(course, given, len(lessons["three"]), seed, scale)
        arm_done()
    answers["composer"] = composed(course, seed)
    arm_done()
    return Trial({arm: marks(course, replies) for arm, replies in answers.items()})


PROOF = Proof(
    paper=(
        "Lee et al. 2024, Aligning to thousands of preferences via system message generalization"
        " (Janus)"
    ),
    claim=(
        "Tuned on three system messages an instruction, a model has more of the values that a new"
        " message asks of it, on combinations, wordings and topics it was not tuned on, than tuned"
        " on one message an instruction, be it the same instructions or three times as many, or on"
        " messages shuffled among the replies, and it still says what the notes say. Refuted if it"
        " has no more, or if its replies suit other messages as well as their own."
    ),
    measure="right",
    arms={
        "three": Arm("treatment", "three messages an instruction"),
        "one": Arm("control", "one message an instruction, as many steps"),
        "one_of_more": Arm("control", "one message each of three times the instructions"),
        "shuffled": Arm("sham", "three, with the messages shuffled among all replies"),
        REFERENCE: Arm("trivial", "no tuning"),
        "composer": Arm("oracle", "the replies that the composer itself writes"),
    },
    checks=(
        Check("three beat one", "right", "three", "one"),
        Check("three beat one of more instructions", "right", "three", "one_of_more"),
        Check("three beat shuffled", "right", "three", "shuffled"),
        Check("three beat no tuning", "right", "three", REFERENCE),
        Check("replies suit their own message", "own_lead", "three"),
        Check(
            "they still say what the notes say",
            "grounded",
            "three",
            "composer",
            bound=_LEAST_GROUNDED,
        ),
    ),
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
