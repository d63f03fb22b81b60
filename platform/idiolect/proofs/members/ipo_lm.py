"""IPO keeps a language model near its reference where preferences are certain; DPO does not.

As ``ipo``, with the bundled model: a few openings to each of two questions, every two of them
compared, and the better one always wins. What is measured is the KL from the reference over the
model's fresh openings to the same questions, in nats, and how the mass on the compared openings is
shared among them. A step of Adam cannot run away as a closed form does, so DPO's gap is still
growing when the steps end.

The sham is DPO on preferences that are coin tosses, and the population's are those of people whose
tastes differ, a person for each pair. There is no policy in closed form that puts everything on one
opening; the oracle stands for it by the cost of doing so, -log reference(best).

What shows here: DPO goes much farther than IPO, and than being certain of the best opening would
take. What five seeds leave open: whether it is certain on each, and how far tau takes IPO.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.bandits import generator, scaled
from idiolect.proofs.chats import Chats, every_two, scores, write, writing_seed
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, Arm, ArmDone, Check, Proof, Trial

if TYPE_CHECKING:
    from idiolect.preference.policies.causal_lm import CausalLmPolicy

_STEPS = 40
_FRESH = 32
_WEAK, _STRONG = 0.1, 1.0
"""How strongly the reference holds: beta for DPO, tau for IPO."""


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    chats = Chats.draw(seed, scale, seen=2, held_out=2)
    drawn, random = every_two(chats.reward), generator(seed, 1)
    certain = drawn.pairs(torch.zeros(len(drawn), dtype=torch.bool))
    tossed = drawn.pairs(torch.rand(len(drawn), generator=random) < 0.5)
    by_others = drawn.pairs(chats.others_disagree(drawn, random))
    arms = {
        "ipo": ({"preset": "ipo", "tau": _STRONG}, certain),
        "ipo_weak": ({"preset": "ipo", "tau": _WEAK}, certain),
        "dpo": ({"preset": "dpo", "beta": _STRONG}, certain),
        "dpo_weak": ({"preset": "dpo", "beta": _WEAK}, certain),
        "crowd": ({"preset": "dpo", "beta": _STRONG}, by_others),
        "coin_tosses": ({"preset": "dpo", "beta": _STRONG}, tossed),
    }
    measured = {}
    for arm, (objective, pairs) in arms.items():
        policy, _ = chats.fitted(objective, chats.worded(pairs), steps=_STEPS)
        measured[arm] = _judged(policy, chats)
        arm_done()
    measured[REFERENCE] = _judged(chats.policy(), chats)
    arm_done()
    _, reference = scores(chats.policy(), chats.contexts[:2], chats.replies[:2])
    best = chats.reward.argmax(1, keepdim=True)
    measured["certain"] = {"kl": float(-reference.gather(1, best).mean()), "share of the best": 1.0}
    arm_done()
    return Trial(measured)


def _judged(policy: CausalLmPolicy, chats: Chats) -> dict[str, float]:
    """KL of fresh openings, and the best one's share of the mass on the compared ones."""
    contexts = chats.contexts[: chats.seen]
    written = write(
        policy, contexts, scaled(_FRESH, chats.scale), writing_seed(chats.seed, "fresh")
    )
    mine, reference = scores(policy, contexts, written)
    compared, _ = scores(policy, contexts, chats.replies[: chats.seen])
    best = chats.reward.argmax(1, keepdim=True)
    return {
        "kl": float((mine - reference).mean()),
        "share of the best": float(torch.softmax(compared, dim=1).gather(1, best).mean()),
        "gap": float(_gap(compared, chats)),
    }


def _gap(compared: torch.Tensor, chats: Chats) -> torch.Tensor:
    """Of the log-probabilities of each context's best and worst opening, in nats."""
    best, worst = chats.reward.argmax(1, keepdim=True), chats.reward.argmin(1, keepdim=True)
    return (compared.gather(1, best) - compared.gather(1, worst)).mean()


PROOF = Proof(
    paper="Azar et al. 2023, A general theoretical paradigm to understand learning (IPO)",
    claim=(
        "On certain preferences a strong regularization keeps IPO near its reference and DPO not;"
        " refuted if DPO stays as near, or leaves the best opening less than 95 % of what the"
        " compared ones have."
    ),
    measure="kl",
    arms={
        "ipo": Arm("treatment", "IPO, tau 1"),
        "ipo_weak": Arm("treatment", "IPO, tau 0.1"),
        "dpo": Arm("control", "DPO, beta 1"),
        "dpo_weak": Arm("control", "DPO, beta 0.1"),
        REFERENCE: Arm("trivial", "no training"),
        "crowd": Arm("population", "DPO, beta 1, on preferences of people of other tastes"),
        "coin_tosses": Arm("sham", "DPO, beta 1, on preferences without content"),
        "certain": Arm("oracle", "what it would cost to write nothing but the best opening"),
    },
    checks=(
        Check("IPO ends nearer to the reference than DPO", "kl", "ipo", "dpo", lower=True),
        Check("DPO ends certain in spite of beta 1", "share of the best", "dpo", bound=0.95),
        Check("IPO's tau decides how far it goes", "kl", "ipo", "ipo_weak", lower=True),
    ),
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
