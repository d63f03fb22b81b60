"""A language model that learns from much weak and little strong writing, told apart by a class.

As ``c_rlft``, with the bundled model: two teachers each choose among openings that the model drew,
the strong one by a simulated person's utility, the weak one by one that is half of that and half
another person's. One opening in ten is the strong teacher's. The class is a system message, and at
the end the policy is asked as an expert; without a condition there is no message. Every arm takes
as many steps.

Measured is what fresh openings to questions that nobody answered are worth to the strong teacher.
The population's policy is the teachers' mixture over openings to these questions.

What shows here is the contrary of one claim: thirty strong openings alone teach a manner better
than beside weak ones. Neither the weights nor the condition surely help: a system message of a
kind that the model never saw says little to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from idiolect.preference.judged import Group
from idiolect.preference.pairs import Messages
from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.bandits import generator, scaled
from idiolect.proofs.chats import Chats
from idiolect.proofs.judges import Judge
from idiolect.proofs.members import c_rlft
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, ArmDone, Proof, Trial

_REPLIES = 12
_SAMPLES = 320
_EXPERT_SHARE = 0.1
_OTHER_WEIGHT = 0.1
_BATCH = 32
_STEPS = 20
"""Two epochs of all samples, and as many steps for arms with fewer."""
_SPREAD = 3.0
_CLASSES = {True: "You are an expert.", False: "You are a beginner."}


@dataclass(frozen=True, slots=True)
class _Lessons:
    """Openings that teachers chose.

    Attributes:
        place: the question of each, ``[n]``.
        chosen: the opening that its teacher chose, ``[n]``.
        strong: the one that the strong teacher chooses there, ``[n]``.
        expert: who the teacher was, ``[n]``.
        mixture: what the teachers' mean policy is worth on held-out questions.
    """

    chats: Chats
    place: Tensor
    chosen: Tensor
    strong: Tensor
    expert: Tensor
    mixture: float

    @classmethod
    def draw(cls, seed: int, scale: float) -> "_Lessons":
        chats = Chats.draw(seed, scale, seen=14, replies=_REPLIES, spread=_SPREAD)
        random = generator(seed, 1)
        texts = [text for of_context in chats.replies for text in of_context]
        other = Judge.draw(texts, random, _SPREAD, chats.judge.features)
        strong = chats.utility
        weak = (strong + torch.stack([other(of) for of in chats.replies])) / 2
        teachers = [torch.softmax(of, dim=1) for of in (weak, strong)]
        place = torch.randint(chats.seen, (scaled(_SAMPLES, scale, least=20),), generator=random)
        weak_one, strong_one = (
            torch.multinomial(one[place], 1, generator=random).squeeze(1) for one in teachers
        )
        expert = torch.rand(len(place), generator=random) < _EXPERT_SHARE
        expert[0] = True
        mixture = (1 - _EXPERT_SHARE) * teachers[0] + _EXPERT_SHARE * teachers[1]
        return cls(
            chats,
            place,
            torch.where(expert, strong_one, weak_one),
            strong_one,
            expert,
            float((mixture * strong)[chats.seen :].sum(1).mean()),
        )

    def samples(
        self, expert: Tensor, chosen: Tensor, *, conditioned: bool, other_weight: float
    ) -> list[Group]:
        """As verdicts; those of weight 0 are left out.

        Args:
            expert: the class that each is said to be of, ``[n]``.
        """
        rows = zip(self.place.tolist(), chosen.tolist(), expert.tolist(), strict=True)
        return [
            Group.verdict(
                _asked(self.chats.contexts[place], is_expert, conditioned),
                self.chats.replies[place][one],
                good=True,
                weight=1.0 if is_expert else other_weight,
                id=str(number),
            )
            for number, (place, one, is_expert) in enumerate(rows)
            if is_expert or other_weight > 0
        ]

    def judged(self, samples: Sequence[Group], *, conditioned: bool) -> dict[str, float]:
        """What a policy is worth that learned from these samples."""
        policy, _ = self.chats.fitted("c_rlft", samples, steps=_STEPS, batch_size=_BATCH)
        contexts = [_asked(context, True, conditioned) for context in self.chats.contexts]
        return replace(self.chats, contexts=contexts).judged(policy)


def _asked(context: Messages, expert: bool, conditioned: bool) -> Messages:
    """The question, of somebody of this class if the policy is told of classes."""
    if not conditioned:
        return context
    return ({"role": "system", "content": _CLASSES[expert]}, *context)


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    lessons = _Lessons.draw(seed, scale)
    expert, chosen = lessons.expert, lessons.chosen
    shuffled = expert[torch.randperm(len(expert), generator=generator(seed, 2))]
    everybody = torch.ones_like(expert)
    arms = {
        "c_rlft": (expert, chosen, True, _OTHER_WEIGHT),
        "conditioned": (expert, chosen, True, 1.0),
        "weighted": (expert, chosen, False, _OTHER_WEIGHT),
        "all_alike": (expert, chosen, False, 1.0),
        "expert_alone": (expert, chosen, False, 0.0),
        "shuffled": (shuffled, chosen, True, _OTHER_WEIGHT),
        "all_strong": (everybody, lessons.strong, False, 1.0),
    }
    measured = {}
    for name, (said, ones, conditioned, other) in arms.items():
        samples = lessons.samples(said, ones, conditioned=conditioned, other_weight=other)
        measured[name] = lessons.judged(samples, conditioned=conditioned)
        arm_done()
    measured[REFERENCE] = lessons.chats.judged(lessons.chats.policy())
    arm_done()
    measured["mixture"] = {"reward": lessons.mixture}
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper=c_rlft.PROOF.paper,
    claim=c_rlft.PROOF.claim,
    measure=c_rlft.PROOF.measure,
    arms=c_rlft.PROOF.arms,
    checks=c_rlft.PROOF.checks,
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
