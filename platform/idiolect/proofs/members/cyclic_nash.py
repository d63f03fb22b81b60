"""Self-play finds the Nash policy of a cyclic taste; DPO in rounds does not.

Zhang et al. 2024, INPO, and Wu et al. 2024, SPPO. Preferences go round in a cycle, so no arm is
best and no reward fits; the policy that nobody beats is a mixture. The measure is the duality
gap, 2 max_i P(i beats policy) - 1, which is 0 at Nash and up to 1. Each round draws pairs from
the present policy, asks the game for a winner, and trains on them alone.

INPO's claim is of the last policy, SPPO's of the average of all rounds' policies, so the average
is measured as well. DPO plays the same rounds with its reference fixed. The sham is INPO whose
winners are tossed; the oracle is INPO with the exact update in place of drawn pairs, which shows
how much of what is left is the anchor's pull (tau) and how much the drawing. The population's
policy is Nash of the mean game, in which every arm wins by as much: the even mixture.
"""

import torch
from torch import Tensor

from idiolect.preference.language import Spec
from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import generator, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_ARMS = 3
_ROUNDS = 80
_PAIRS = 1000
_STEPS = 40
_ETA, _TAU = 1.0, 0.05
_REFERENCE_LOGITS = (1.0, 0.0, -1.0)

_INPO = {"preset": "inpo", "eta": _ETA, "tau": _TAU}
_SPPO = {"preset": "sppo", "eta": 1 / _ETA}
_DPO = {"preset": "dpo", "beta": 0.1}


def _game(seed: int) -> Tensor:
    """P(i beats j), ``[arms, arms]``: each arm beats the next one round, by 0.7 to 0.9."""
    edges = 0.7 + 0.2 * torch.rand(_ARMS, generator=generator(seed), dtype=torch.float64)
    beats = torch.full((_ARMS, _ARMS), 0.5, dtype=torch.float64)
    for arm, edge in enumerate(edges.tolist()):
        after = (arm + 1) % _ARMS
        beats[arm, after], beats[after, arm] = edge, 1 - edge
    return beats


def duality_gap(mass: Tensor, beats: Tensor) -> float:
    """2 max_i P(i beats the policy) - 1 for a policy ``[arms]``."""
    return float(2 * (beats @ mass).max() - 1)


def _drawn(
    policy: TabularPolicy, beats: Tensor, asked: Tensor, random: torch.Generator
) -> list[Pair]:
    """Pairs of the policy's own samples, with their win rates against it as rewards.

    Equal pairs are one that weighs as much as they are many.

    Args:
        asked: the game that says who wins, ``[arms, arms]``.
    """
    mass = policy.probabilities()[0]
    arms = torch.multinomial(mass, 2 * _PAIRS, replacement=True, generator=random).view(-1, 2)
    one, other = arms[arms[:, 0] != arms[:, 1]].T
    first_wins = torch.rand(len(one), generator=random) < asked[one, other]
    won, lost = torch.where(first_wins, one, other), torch.where(first_wins, other, one)
    times = torch.bincount(won * _ARMS + lost, minlength=_ARMS**2).view(_ARMS, _ARMS)
    rate = (beats @ mass).tolist()
    return [
        Pair.under(
            (0,), str(i), str(j), rewards=(rate[i], rate[j]), weight=float(times[i, j]) / _PAIRS
        )
        for i, j in times.nonzero().tolist()
    ]


def _played(
    objective: Spec, beats: Tensor, asked: Tensor, seed: int, scale: float
) -> tuple[dict[str, float], list[float]]:
    random = generator(seed, 1)
    policy = TabularPolicy(torch.tensor([_REFERENCE_LOGITS]))
    policies = []
    for _ in range(scaled(_ROUNDS, scale, least=3)):
        pairs = _drawn(policy, beats, asked, random)
        if pairs:  # a policy that is certain draws only ties, and stays as it is
            fit(policy, objective, pairs, steps=scaled_steps(_STEPS, scale), learning_rate=0.2)
        policies.append(policy.probabilities()[0])
    return _judged(policies, beats)


def _exactly(beats: Tensor, scale: float) -> tuple[dict[str, float], list[float]]:
    """The mirror step pi prop. exp(P(y beats pi) / eta) ref^(tau / eta) pi^(1 - tau / eta)."""
    reference = torch.log_softmax(torch.tensor(_REFERENCE_LOGITS, dtype=torch.float64), dim=0)
    log_probs, policies = reference, []
    for _ in range(scaled(_ROUNDS, scale, least=3)):
        pulled = _TAU / _ETA * reference + (1 - _TAU / _ETA) * log_probs
        log_probs = torch.log_softmax(beats @ log_probs.exp() / _ETA + pulled, dim=0)
        policies.append(log_probs.exp())
    return _judged(policies, beats)


def _judged(policies: list[Tensor], beats: Tensor) -> tuple[dict[str, float], list[float]]:
    average = torch.stack(policies).mean(0)
    gaps = [duality_gap(mass, beats) for mass in policies]
    return {"gap": gaps[-1], "gap of the average": duality_gap(average, beats)}, gaps


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    beats = _game(seed)
    tossed = torch.full_like(beats, 0.5)
    arms: dict[str, tuple[Spec, Tensor]] = {
        "inpo": (_INPO, beats),
        "sppo": (_SPPO, beats),
        "dpo": (_DPO, beats),
        "tossed": (_INPO, tossed),
    }
    measured, curves = {}, {}
    for arm, (objective, asked) in arms.items():
        measured[arm], curves[arm] = _played(objective, beats, asked, seed, scale)
        arm_done()
    measured["exact"], curves["exact"] = _exactly(beats, scale)
    arm_done()
    reference = torch.softmax(torch.tensor(_REFERENCE_LOGITS, dtype=torch.float64), dim=0)
    measured[REFERENCE], curves[REFERENCE] = _judged([reference] * len(curves["inpo"]), beats)
    arm_done()
    even = torch.full((_ARMS,), 1 / _ARMS, dtype=torch.float64)
    measured["mean_game"], curves["mean_game"] = _judged([even] * len(curves["inpo"]), beats)
    arm_done()
    return Trial(measured, curves)


PROOF = Proof(
    paper="Zhang et al. 2024, INPO; Wu et al. 2024, SPPO",
    claim=(
        "In a cyclic game INPO's last policy and SPPO's average come nearer to Nash than DPO in"
        " rounds, with a duality gap below 0.15; refuted by a larger gap, or by DPO's being as"
        " small."
    ),
    measure="gap",
    arms={
        "inpo": Arm("treatment", "INPO, eta 1, tau 0.05"),
        "sppo": Arm("treatment", "SPPO, steps of the same size"),
        "dpo": Arm("control", "DPO in rounds, reference fixed"),
        "tossed": Arm("sham", "INPO whose winners are tossed"),
        "exact": Arm("oracle", "INPO's update in closed form"),
        REFERENCE: Arm("trivial", "no training"),
        "mean_game": Arm("population", "Nash of the mean of all such games"),
    },
    checks=(
        Check("INPO's last gap is smaller than DPO's", "gap", "inpo", "dpo", lower=True),
        Check("INPO's last gap is below 0.15", "gap", "inpo", bound=0.15, lower=True),
        Check(
            "SPPO's average is nearer than DPO's",
            "gap of the average",
            "sppo",
            "dpo",
            lower=True,
        ),
        Check("SPPO's average is below 0.15", "gap of the average", "sppo", bound=0.15, lower=True),
    ),
    trial=_trial,
    curve=("round", "duality gap"),
)
