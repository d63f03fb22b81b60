"""What the rejected openings must be like for DPO to bring a language model to a target.

As ``did``, with the bundled model. The target is its reference tilted by a taste, pi* prop.
ref exp(r), which nobody has to train; chosen openings come from the reference, rejected ones from
pi_l prop. ref (ref / pi*)^beta = ref exp(-beta r). A few openings to each question are drawn from
the reference and paired in all ways, each pair with its probability under both as its weight, so
that the pool's smallness is the only noise. Then DPO with this beta should move the model to the
target. Measured is the KL of the policy from the target on questions that no pair was about,

    KL = E_pi* [ r - log E_ref exp(r) - log pi / ref ]

from the reference's fresh openings weighed with exp(r); and how much of the reference's own KL is
left. The information's entropy is not measured: from samples of a space of texts it cannot be told.

The control draws rejected openings as the chosen ones, so there is nothing to learn. The sham's
sampler is that of a target whose openings have each other's r, the population's that of a target
by the mean taste of other people.

What does not show here: any of it. The optimal sampler leaves least of the way to the target, on
average hardly less than there was: five openings to each of sixteen questions do not carry a
distribution over texts, and the seeds differ too much to be sure of more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.bandits import generator, scaled
from idiolect.proofs.chats import Chats, scores, write, writing_seed
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, Arm, ArmDone, Check, Proof, Trial

if TYPE_CHECKING:
    from idiolect.preference.policies.causal_lm import CausalLmPolicy

_BETA = 0.5
_TILT = 1.5
"""Standard deviation of r over the reference's openings."""
_FLATTER = 0.5
_SEEN = 16
_POOL = 24


def _pairs(rejected: Tensor) -> list[Pair]:
    """Every opening of the reference against every other, in numbers.

    Args:
        rejected: probability of each among those of its context, ``[contexts, replies]``.
    """
    contexts, replies = rejected.shape
    weight = rejected.tolist()
    return [
        Pair.under((context,), str(chosen), str(other), weight=replies * weight[context][other])
        for context in range(contexts)
        for chosen in range(replies)
        for other in range(replies)
        if chosen != other
    ]


class _Target:
    """The reference tilted by r, as the reference's openings to held-out questions see it."""

    def __init__(self, chats: Chats) -> None:
        self._contexts = chats.contexts[chats.seen :]
        number = scaled(_POOL, chats.scale, least=2)
        self._replies = write(
            chats.policy(), self._contexts, number, writing_seed(chats.seed, "pool")
        )
        self._tilt = torch.stack([chats.judge(replies) for replies in self._replies])

    def distance(self, policy: CausalLmPolicy, share: float) -> float:
        """KL(pi* || policy) in nats, of the target by this share of r."""
        mine, reference = scores(policy, self._contexts, self._replies)
        tilt = share * self._tilt
        log_normalizer = tilt.exp().mean(1, keepdim=True).log()
        gap = tilt - log_normalizer - (mine - reference)
        return float((torch.softmax(tilt, dim=1) * gap).sum(1).mean())


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    chats = Chats.draw(seed, scale, seen=_SEEN, spread=_TILT)
    target, random = _Target(chats), generator(seed, 1)
    tilt = chats.reward
    arms = {
        "optimal": (tilt, 1.0),
        "optimal_flat": (_FLATTER * tilt, _FLATTER),
        "even": (torch.zeros_like(tilt), 1.0),
        "others": (chats.mean_of_others(random), 1.0),
        "renamed": (tilt[:, torch.randperm(tilt.shape[1], generator=random)], 1.0),
    }
    untrained = chats.policy()
    measured = {}
    for arm, (said, aim) in arms.items():
        pairs = chats.worded(_pairs(torch.softmax(-_BETA * said, dim=1)))
        objective = {"preset": "dpo", "beta": _BETA}
        policy, _ = chats.fitted(objective, pairs)
        left = target.distance(policy, aim)
        measured[arm] = {"kl": left, "share left": left / target.distance(untrained, aim)}
        arm_done()
    measured[REFERENCE] = {"kl": target.distance(untrained, 1.0), "share left": 1.0}
    arm_done()
    measured["target"] = {"kl": 0.0, "share left": 0.0}
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="Differential information distribution 2025, a Bayesian view of DPO",
    claim=(
        "With rejected openings from the optimal sampler DPO covers over half of a language"
        " model's way to its target, and to a flatter one, and ends nearer than with a sampler"
        " that holds no information; refuted where more is left, or as little without it."
    ),
    measure="kl",
    arms={
        "optimal": Arm("treatment", "rejected openings from the optimal sampler"),
        "optimal_flat": Arm("treatment", "the same for a flatter target"),
        "even": Arm("control", "rejected openings drawn like the chosen"),
        REFERENCE: Arm("trivial", "no training"),
        "others": Arm("population", "the sampler of a target by other people's mean taste"),
        "renamed": Arm("sham", "the sampler of a target with other names"),
        "target": Arm("oracle", "the target itself"),
    },
    checks=(
        Check("nearer than without information", "kl", "optimal", "even", lower=True),
        Check("nearer than with a renamed target", "kl", "optimal", "renamed", lower=True),
        Check("less than half is left", "share left", "optimal", bound=0.5, lower=True),
        Check("of a flatter target too", "share left", "optimal_flat", bound=0.5, lower=True),
    ),
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
