"""ADPO on a language model's openings, whose rewards are seen through heavy-tailed noise.

As ``adpo``, with the bundled model: a few openings to each question, each seen in several small
groups with a reward whose noise has no variance. The mass is that on the compared openings, shared
among them: by the policy as it is, and with its log-ratios scaled to the same KL over them.

The population's arm learns from the mean rewards of people of other tastes, without noise.

What shows here is the contrary, as on a table: at the same temperature DPO puts more on the best
opening than either kind, and at equal KL all put as much there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from idiolect.preference.batches import Example
from idiolect.preference.judged import Group
from idiolect.preference.language import Spec
from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.bandits import generator, scaled
from idiolect.proofs.chats import Chats, scores
from idiolect.proofs.members import adpo
from idiolect.proofs.members.adpo import (
    LISTWISE,
    PAIRWISE,
    SEEN_TOGETHER,
    TEMPERATURE,
    at_divergence,
    heavy_noise,
)
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, Arm, ArmDone, Proof, Trial

if TYPE_CHECKING:
    from idiolect.preference.policies.causal_lm import CausalLmPolicy

_REPLIES = 6
_GROUPS_PER_CONTEXT = 8
_BATCH = 40
_STEPS = 24


@dataclass(frozen=True, slots=True)
class _Data:
    """Openings, which of them were seen together, and the noise on each, ``[groups, together]``."""

    chats: Chats
    context: Sequence[int]
    items: Tensor
    noise: Tensor

    @classmethod
    def draw(cls, seed: int, scale: float) -> _Data:
        chats = Chats.draw(seed, scale, replies=_REPLIES, spread=1.0)
        random = generator(seed, 1)
        number = scaled(_GROUPS_PER_CONTEXT, scale, least=2)
        context = [place for place in range(chats.seen) for _ in range(number)]
        items = [torch.randperm(_REPLIES, generator=random)[:SEEN_TOGETHER] for _ in context]
        noise = [heavy_noise(random) for _ in context]
        return cls(chats, context, torch.stack(items), torch.stack(noise))

    def groups(self, reward: Tensor, noise: Tensor | float) -> list[Group]:
        """As somebody rewards them, ``[contexts, replies]``; one with equal openings is none."""
        seen = reward[torch.tensor(self.context).unsqueeze(1), self.items] + noise
        made = []
        rows = zip(self.context, self.items.tolist(), seen.tolist(), strict=True)
        for number, (place, items, rewards) in enumerate(rows):
            samples = tuple(self.chats.replies[place][item] for item in items)
            if len(set(samples)) == len(samples):
                context = self.chats.contexts[place]
                made.append(
                    Group(samples=samples, context=context, rewards=tuple(rewards), id=str(number))
                )
        return made

    def judged(self, policy: CausalLmPolicy) -> dict[str, float]:
        """Mass on each question's best opening among the compared ones."""
        seen = slice(0, self.chats.seen)
        mine, reference = scores(policy, self.chats.contexts[seen], self.chats.replies[seen])
        best = self.chats.reward.argmax(1, keepdim=True)
        mass = torch.softmax(mine, dim=1)
        at_same = at_divergence(reference, torch.log_softmax(mine, dim=1), 0.5)
        return {
            "win mass": float(mass.gather(1, best).mean()),
            "win mass at 0.5 nats": float(at_same.gather(1, best).mean()),
            "accuracy": self.chats.accuracy(policy),
        }


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    data = _Data.draw(seed, scale)
    chats, random = data.chats, generator(seed, 2)
    noisy = data.groups(chats.reward, data.noise)
    order = torch.stack([torch.randperm(SEEN_TOGETHER, generator=random) for _ in noisy])
    shuffled = [
        Group(
            samples=group.samples,
            context=group.context,
            rewards=tuple(group.rewards[place] for place in places),
            id=group.id,
        )
        for group, places in zip(noisy, order.tolist(), strict=True)
    ]
    pairs = [pair for group in noisy for pair in group.pairs()]
    arms: dict[str, tuple[Spec, Sequence[Example]]] = {
        "listwise": (LISTWISE, noisy),
        "pairwise": (PAIRWISE, pairs),
        "dpo": ({"preset": "dpo", "beta": 1 / TEMPERATURE}, pairs),
        "dpo_sharp": ({"preset": "dpo", "beta": 0.1}, pairs),
        "others": (LISTWISE, data.groups(chats.mean_of_others(random), 0.0)),
        "shuffled": (LISTWISE, shuffled),
        "noise_free": (LISTWISE, data.groups(chats.reward, 0.0)),
    }
    measured = {}
    for arm, (objective, examples) in arms.items():
        # A group of four has six pairs, so a step sees as many openings either way.
        size = _BATCH * 6 if examples is pairs else _BATCH
        policy, _ = chats.fitted(objective, examples, steps=_STEPS, batch_size=size)
        measured[arm] = data.judged(policy)
        arm_done()
    measured[REFERENCE] = data.judged(chats.policy())
    arm_done()
    return Trial(measured)


_OTHERS = {"others": Arm("population", "list-wise ADPO on other people's mean rewards")}

PROOF = Proof(
    paper=adpo.PROOF.paper,
    claim=adpo.PROOF.claim,
    measure=adpo.PROOF.measure,
    arms={
        **{name: arm for name, arm in adpo.PROOF.arms.items() if arm.role != "population"},
        **_OTHERS,
    },
    checks=adpo.PROOF.checks,
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
