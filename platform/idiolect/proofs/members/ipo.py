"""IPO stays near its reference where preferences are certain, and DPO does not.

Azar et al. 2023, section 4.2: where the better arm always wins, DPO's optimum is a policy that
puts everything on it, however strong the regularization is said to be; IPO's gap has the finite
optimum 1 / (2 tau). Six arms in a certain order are compared with each other; what is measured is
the KL from the reference, in nats, at two strengths of each.

The sham is DPO on preferences that are coin tosses: nothing is certain, so nothing runs away. There
is no population arm: every order of the arms is as likely, so the mean of all orders is no order,
and whoever knows that alone stays with the reference, which is the trivial arm.
"""

import torch
from torch import Tensor

from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import compare, generator, merged, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_ARMS = 6
_PAIRS = 200
_WEAK, _STRONG = 0.1, 1.0
"""How strongly the reference holds: beta for DPO, tau for IPO."""


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    random = generator(seed)
    reference = 0.5 * torch.randn(1, _ARMS, generator=random, dtype=torch.float64)
    order = torch.randn(1, _ARMS, generator=random, dtype=torch.float64)
    drawn = compare(order, random, number=scaled(_PAIRS, scale, least=60))
    certain = drawn.pairs(torch.zeros(len(drawn), dtype=torch.bool))
    tossed = drawn.pairs(torch.rand(len(drawn), generator=random) < 0.5)
    arms = {
        "ipo": ({"preset": "ipo", "tau": _STRONG}, certain),
        "ipo_weak": ({"preset": "ipo", "tau": _WEAK}, certain),
        "dpo": ({"preset": "dpo", "beta": _STRONG}, certain),
        "dpo_weak": ({"preset": "dpo", "beta": _WEAK}, certain),
        "coin_tosses": ({"preset": "dpo", "beta": _STRONG}, tossed),
    }
    measured = {}
    for arm, (objective, pairs) in arms.items():
        policy = TabularPolicy(reference)
        fit(policy, objective, merged(pairs), steps=scaled_steps(800, scale), learning_rate=0.5)
        measured[arm] = _judged(policy, order)
        arm_done()
    measured[REFERENCE] = _judged(TabularPolicy(reference), order)
    arm_done()
    measured["certain"] = {
        "kl": float(-TabularPolicy(reference).log_probs(REFERENCE)[0, order.argmax()]),
        "mass on the best": 1.0,
    }
    arm_done()
    return Trial(measured)


def _judged(policy: TabularPolicy, order: Tensor) -> dict[str, float]:
    log_probs = policy.log_probs().detach()
    ratio = log_probs - policy.log_probs(REFERENCE)
    return {
        "kl": float((log_probs.exp() * ratio).sum()),
        "mass on the best": float(log_probs.exp()[0, order.argmax()]),
    }


PROOF = Proof(
    paper="Azar et al. 2023, A general theoretical paradigm to understand learning (IPO)",
    claim=(
        "On certain preferences a strong regularization keeps IPO near its reference and DPO not;"
        " refuted if DPO stays as near, or puts less than 95 % on the best arm."
    ),
    measure="kl",
    arms={
        "ipo": Arm("treatment", "IPO, tau 1"),
        "ipo_weak": Arm("treatment", "IPO, tau 0.1"),
        "dpo": Arm("control", "DPO, beta 1"),
        "dpo_weak": Arm("control", "DPO, beta 0.1"),
        REFERENCE: Arm("trivial", "no training"),
        "coin_tosses": Arm("sham", "DPO, beta 1, on preferences without content"),
        "certain": Arm("oracle", "everything on the best arm"),
    },
    checks=(
        Check("IPO ends nearer to the reference than DPO", "kl", "ipo", "dpo", lower=True),
        Check("DPO ends certain in spite of beta 1", "mass on the best", "dpo", bound=0.95),
        Check("IPO's tau decides how far it goes", "kl", "ipo", "ipo_weak", lower=True),
    ),
    trial=_trial,
)
