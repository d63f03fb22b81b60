"""On-policy openings and negative gradients in a language model.

As ``negative_gradient``, with the bundled model: the better of two openings of its own, by a mark
that a program finds in them, alone or against the worse one; drawn from the reference once, or from
the present policy in rounds, as many in all. The mark is an emoji where good openings are rare, one
in eight of the reference's, and a command where they are common, one in two. Two openings of which
both or neither have the mark teach nothing and are left out, as ties are.
Measured is the share of fresh openings to the same questions that have the mark.

The sham's judge is told the marks of each other's openings, the population's likes both alike.

What shows here: a negative gradient helps a little, offline. Imitating the better of two already
gives nine openings in ten the mark, so that there is little to add, and sampling afresh adds
nothing. Where good openings are common, pairs drawn afresh do better than imitation; five seeds
leave open by how much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from idiolect.preference.batches import Example
from idiolect.preference.judged import Group
from idiolect.preference.language import Spec
from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.bandits import generator, scaled, scaled_steps
from idiolect.proofs.chats import LEARNING_RATE, Chats, write, writing_seed
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit
from idiolect.simulation.attributes import ATTRIBUTES

if TYPE_CHECKING:
    from idiolect.preference.policies.causal_lm import CausalLmPolicy

_QUESTIONS = 4
_SAMPLES = 48
_ROUNDS = 4
_STEPS = 12
_BATCH = 16
_FRESH = 32
_MARKS: Mapping[str, tuple[str, frozenset[str]]] = {
    "rare": ("emoji", frozenset({"some", "many"})),
    "common": ("directness", frozenset({"direct"})),
}
"""An attribute and the bands of it that have the mark."""

_LIKELIHOOD: Spec = {"preset": "c_rlft"}
_PAIRS: Spec = {"preset": "dpo", "beta": 0.5}

_Judge = Callable[[Sequence[str]], Tensor]


def _judge(peak: str) -> _Judge:
    """1 for each text that has the mark of this peak, ``[n]``."""
    attribute, bands = _MARKS[peak]
    return lambda texts: torch.tensor(
        [float(ATTRIBUTES[attribute](text).band in bands) for text in texts]
    )


def _both(texts: Sequence[str]) -> Tensor:
    return torch.stack([_judge(peak)(texts) for peak in _MARKS]).sum(0)


def _deaf(random: torch.Generator) -> _Judge:
    judge = _judge("rare")
    return lambda texts: judge(texts)[torch.randperm(len(texts), generator=random)]


def _examples(
    policy: CausalLmPolicy, chats: Chats, judge: _Judge, spec: Spec, number: int, seed: int
) -> list[Example]:
    """The better of every two of the policy's openings, alone or against the worse."""
    examples: list[Example] = []
    contexts = chats.contexts[: chats.seen]
    for context, texts in zip(contexts, write(policy, contexts, number, seed), strict=True):
        rewards = judge(texts).tolist()
        for one in range(0, number - 1, 2):
            if rewards[one] == rewards[one + 1] or texts[one] == texts[one + 1]:
                continue
            first = rewards[one] > rewards[one + 1]
            better, worse = (texts[one], texts[one + 1])[:: 1 if first else -1]
            if spec == _LIKELIHOOD:
                examples.append(Group.verdict(context, better, good=True))
            else:
                examples.append(Pair.under(context, better, worse))
    return examples


def _trained(chats: Chats, judge: _Judge, spec: Spec, rounds: int) -> CausalLmPolicy:
    policy, number = chats.policy(), scaled(_SAMPLES, chats.scale, least=8)
    steps = max(1, scaled_steps(_STEPS, chats.scale) // rounds)
    for played in range(rounds):
        seed = chats.seed * _ROUNDS + played
        examples = _examples(policy, chats, judge, spec, number // rounds, seed)
        if examples:
            fit(
                policy,
                spec,
                examples,
                steps=steps,
                learning_rate=LEARNING_RATE,
                batch_size=_BATCH,
                seed=seed,
            )
    return policy


def _share(policy: CausalLmPolicy, chats: Chats, peak: str) -> float:
    """Of the policy's fresh openings to the same questions, those that have the mark."""
    fresh = scaled(_FRESH, chats.scale)
    written = write(policy, chats.contexts[: chats.seen], fresh, writing_seed(chats.seed, "fresh"))
    return float(_judge(peak)([text for of in written for text in of]).mean())


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    chats = Chats.draw(seed, scale, seen=_QUESTIONS, held_out=2)
    judges = {peak: _judge(peak) for peak in _MARKS}
    rounds = scaled(_ROUNDS, scale)
    arms: dict[str, tuple[Spec, int, dict[str, _Judge]]] = {
        "online_pairs": (_PAIRS, rounds, judges),
        "online_likelihood": (_LIKELIHOOD, rounds, {"rare": judges["rare"]}),
        "offline_pairs": (_PAIRS, 1, {"rare": judges["rare"]}),
        "offline_likelihood": (_LIKELIHOOD, 1, judges),
        "both_marks": (_PAIRS, rounds, {"rare": _both}),
        "shuffled": (_PAIRS, rounds, {"rare": _deaf(generator(seed, 1))}),
    }
    measured = {}
    for arm, (spec, times, of_peak) in arms.items():
        measured[arm] = {
            peak: _share(_trained(chats, judge, spec, times), chats, peak)
            for peak, judge in of_peak.items()
        }
        arm_done()
    measured[REFERENCE] = {peak: _share(chats.policy(), chats, peak) for peak in _MARKS}
    measured["always"] = dict.fromkeys(_MARKS, 1.0)
    arm_done()
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="Tajwar et al. 2024, Preference fine-tuning should leverage suboptimal, on-policy data",
    claim=(
        "Where good openings are rare, on-policy sampling and a negative gradient each raise their"
        " share and do so together, with the better of two; where they are common, offline"
        " likelihood comes within 0.15 of both together. Refuted if one of them does not help, or"
        " if it is not near."
    ),
    measure="rare",
    arms={
        "online_pairs": Arm("treatment", "both: pairs of the policy's own openings"),
        "online_likelihood": Arm("treatment", "on-policy: the likelihood of its own better ones"),
        "offline_pairs": Arm("treatment", "negative gradient: pairs of the reference's openings"),
        "offline_likelihood": Arm("control", "neither: likelihood of the reference's better ones"),
        REFERENCE: Arm("trivial", "no training"),
        "both_marks": Arm("population", "both, by a judge that wants either mark alike"),
        "shuffled": Arm("sham", "both, with the judgements shuffled"),
        "always": Arm("oracle", "every opening has the mark"),
    },
    checks=(
        Check("on-policy helps", "rare", "online_likelihood", "offline_likelihood"),
        Check("a negative gradient helps", "rare", "offline_pairs", "offline_likelihood"),
        Check("both beat on-policy alone", "rare", "online_pairs", "online_likelihood"),
        Check("both beat a negative gradient alone", "rare", "online_pairs", "offline_pairs"),
        Check(
            "offline likelihood is enough where good openings are common",
            "common",
            "offline_likelihood",
            "online_pairs",
            -0.15,
        ),
    ),
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
