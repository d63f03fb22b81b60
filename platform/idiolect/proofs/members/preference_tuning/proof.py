"""The arms of the proof, the claim, and one seed of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.members.preference_tuning.setting import (
    CHOICES,
    CROWD,
    CROWD_CHOICES,
    CURVE,
    setting,
)
from idiolect.proofs.parts import PEOPLE_SEEDS, Arm, ArmDone, Check, Proof, Trial

if TYPE_CHECKING:
    from idiolect.engine.lora import LoraWeights

_MOST_SURPRISE = 0.5
"""Nats a token more than the base's own replies. The three people on whom the proof was designed
had 0.19; the base's replies with a fifth of their words shuffled have 4."""


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    world = setting(seed, scale)
    learner = world.learner(seed)
    adapters: Mapping[str, Callable[[], LoraWeights]] = {
        **{_arm(number): partial(world.tuned, seed, number) for number in CURVE},
        "imitation": partial(world.imitating, seed, CHOICES),
        "stranger": partial(world.tuned, seed + 1, CHOICES),
        "population": world.population,
    }
    measured: dict[str, dict[str, float]] = {}
    for arm, adapter in adapters.items():
        replies = world.written(learner, adapter(), seed)
        measured[arm] = world.judged(learner, replies)
        arm_done()
    base = [world.base[place] for place in learner.places]
    measured[REFERENCE] = world.judged(learner, base)
    arm_done()
    measured["best_of_8"] = world.judged(learner, world.best(learner))
    arm_done()
    return Trial(measured, {"tuned": [measured[_arm(number)]["win rate"] for number in CURVE]})


def _arm(choices: int) -> str:
    return "tuned" if choices == CHOICES else f"tuned_{choices}"


PROOF = Proof(
    paper=(
        "Rafailov et al. 2023, Direct Preference Optimization (DPO), for one person at a time as in"
        " Tan et al. 2024, One PEFT per user (OPPU)"
    ),
    claim=(
        f"On topics that it was not trained on, an adapter of {CHOICES} of a person's choices"
        " writes what they truly prefer to the base's replies; more so than imitation of the chosen"
        " replies, than another person's adapter and than everybody's; 200 choices beat 10; and it"
        " still writes the base's language. Refuted if it wins no more than half against the base,"
        " or if one of the others is as good."
    ),
    measure="win rate",
    arms={
        "tuned": Arm("treatment", f"DPO on {CHOICES} choices"),
        **{
            _arm(number): Arm("treatment", f"DPO on {number} choices")
            for number in CURVE
            if number != CHOICES
        },
        "imitation": Arm("control", f"the likelihood of the chosen replies of {CHOICES} choices"),
        REFERENCE: Arm("trivial", "no adapter, which wins half against itself"),
        "population": Arm("population", f"DPO on {CROWD * CROWD_CHOICES} choices of others"),
        "stranger": Arm("sham", f"DPO on {CHOICES} choices of another person"),
        "best_of_8": Arm("oracle", "the truly best of eight replies without an adapter"),
    },
    checks=(
        Check("its replies win against the base's", "win rate", "tuned", REFERENCE),
        Check("it beats imitating the chosen", "win rate", "tuned", "imitation"),
        Check("it beats another person's adapter", "win rate", "tuned", "stranger"),
        Check("it beats one adapter for all", "win rate", "tuned", "population"),
        Check("200 choices beat 10", "win rate", "tuned_200", "tuned_10"),
        Check(
            "it still writes the base's language",
            "surprise",
            "tuned",
            REFERENCE,
            bound=_MOST_SURPRISE,
            lower=True,
        ),
    ),
    trial=_trial,
    curve=("choices", "win rate"),
    curve_at=CURVE,
    seeds=PEOPLE_SEEDS,
)
