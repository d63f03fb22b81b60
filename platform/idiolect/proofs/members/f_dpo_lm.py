"""Divergences between seeking one mode and keeping many, in a language model.

As ``f_dpo``, with the bundled model: an adapter learns from comparisons of openings that the model
drew itself, at the same beta for each divergence. Entropy and reward are those of fresh openings to
questions that nobody compared.

The oracle is the reverse KL's optimum, by the reference's own openings weighed with exp(r / beta);
its entropy is estimated from these too. The population's preferences are those of people of other
tastes, and the sham's of nobody: replies have each other's rewards.

What shows here is that the forward KL costs much reward. The rest is in the paper's order, also
where a table has the other one, and not sure: the entropies of seeds differ by several nats.
"""

import torch
from torch import Tensor

from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.bandits import compare, generator, scaled
from idiolect.proofs.chats import Chats, scores, write, writing_seed
from idiolect.proofs.members.f_dpo import PROOF as ON_TABLES
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, Arm, ArmDone, Proof, Trial

_BETA = 0.5
_PAIRS = 480
_POOL = 48


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    chats, random = Chats.draw(seed, scale), generator(seed, 1)
    drawn = compare(chats.reward, random, number=scaled(_PAIRS, scale, least=12))
    erred = torch.rand(len(drawn), generator=random) > torch.sigmoid(drawn.gap(chats.reward))
    pairs = drawn.pairs(erred)
    names = torch.randperm(chats.reward.shape[1], generator=random)
    of_another = drawn.gap(chats.reward[:, names])
    renamed = torch.rand(len(drawn), generator=random) > torch.sigmoid(of_another)
    arms = {
        "forward_kl": ("forward_kl", pairs),
        "js": ("js", pairs),
        "reverse_kl": ("reverse_kl", pairs),
        "crowd": ("reverse_kl", drawn.pairs(chats.others_disagree(drawn, random))),
        "renamed": ("reverse_kl", drawn.pairs(renamed)),
    }
    measured = {}
    for arm, (divergence, given) in arms.items():
        objective = {"preset": "f_dpo", "beta": _BETA, "divergence": divergence}
        policy, _ = chats.fitted(objective, chats.worded(given))
        measured[arm] = chats.judged(policy)
        arm_done()
    measured[REFERENCE] = chats.judged(chats.policy())
    arm_done()
    measured["best_there_is"] = _best(chats)
    arm_done()
    return Trial(measured)


def _best(chats: Chats) -> dict[str, float]:
    """Of pi prop. ref exp(r / beta), from the reference's openings to the held-out questions."""
    contexts, policy = chats.contexts[chats.seen :], chats.policy()
    written = write(
        policy, contexts, scaled(_POOL, chats.scale, least=2), writing_seed(chats.seed, "pool")
    )
    _, reference = scores(policy, contexts, written)
    reward = torch.stack([chats.judge(replies) for replies in written])
    weight = torch.softmax(reward / _BETA, dim=1)
    log_normalizer = _log_mean_exp(reward / _BETA)
    log_probs = reference + reward / _BETA - log_normalizer
    return {
        "entropy": float(-(weight * log_probs).sum(1).mean()),
        "reward": float((weight * reward).sum(1).mean()),
    }


def _log_mean_exp(values: Tensor) -> Tensor:
    """Over the last dimension, which stays."""
    return values.exp().mean(dim=-1, keepdim=True).log()


PROOF = Proof(
    paper="Wang et al. 2023, Beyond reverse KL (f-DPO)",
    claim=(
        "The entropy of a language model's openings rises and their reward falls from reverse KL"
        " over Jensen-Shannon to forward KL; refuted by any two in another order."
    ),
    measure="entropy",
    arms={
        "forward_kl": Arm("treatment", "f-DPO with the forward KL"),
        "js": Arm("treatment", "f-DPO with Jensen-Shannon"),
        "reverse_kl": Arm("control", "f-DPO with the reverse KL, which is DPO"),
        REFERENCE: Arm("trivial", "no training"),
        "crowd": Arm("population", "DPO on preferences of people of other tastes"),
        "renamed": Arm("sham", "DPO on preferences by each other's rewards"),
        "best_there_is": Arm("oracle", "the best reverse-KL policy, by weighing"),
    },
    checks=ON_TABLES.checks,
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
