"""A general preference model on a language model's states.

As ``gpm``, with features that nobody made: the mean of the bundled model's last hidden states over
each opening of its own, standardized, with a constant. The cycle is between manners that a program
tells apart: openings that cheer beat those that oblige, these beat plain ones, and plain ones beat
those that cheer. The order is that of a taste. Held-out pairs are openings to other questions.

The state after the last token alone, which a reward model reads when all of it is trained, holds
too little of an opening's manner here: with it a first run on the reported seeds foresaw 56 % of
the cycle's pairs. The mean was then chosen on other seeds.

The sham is the general model on tossed winners, the population's on pairs of people with other
tastes; on the cycle these turn it round as often as not. The oracle reads manners and tastes.

What shows here is what shows on a table: the cycle, though not to 95 %, and not that an order costs
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from idiolect.proofs.bandits import compare, generator, scaled, scaled_steps
from idiolect.proofs.chats import Chats
from idiolect.proofs.members import gpm
from idiolect.proofs.members.gpm import Pairs, accuracy, bradley_terry, general, with_one
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, Arm, ArmDone, Proof, Trial

if TYPE_CHECKING:
    from idiolect.preference.policies.causal_lm import CausalLmPolicy

_REPLIES = 24
_PAIRS = 600
_HELD_OUT = 1000
_FLIPS = 0.05
_OBLIGING = re.compile(r"Certainly|pleasure|Thank|glad|happy|lovely|Allow")


def _manner(text: str) -> int:
    """0 if it cheers, 1 if it obliges, 2 if it is plain; each beats the next one round."""
    if "!" in text:
        return 0
    return 1 if _OBLIGING.search(text) else 2


@dataclass(frozen=True, slots=True)
class _Openings:
    """Openings as states ``[contexts, replies, width]``, with their manner and utility there."""

    states: Tensor
    manner: Tensor
    utility: Tensor

    def __getitem__(self, part: slice) -> _Openings:
        return _Openings(self.states[part], self.manner[part], self.utility[part])

    def ordered(self, utility: Tensor, random: torch.Generator, number: int) -> Pairs:
        """Pairs of one context in the order of a utility, ``[contexts, replies]``."""
        drawn = compare(utility, random, number=number)
        return Pairs.of(
            self.states[drawn.context, drawn.better], self.states[drawn.context, drawn.worse]
        )

    def cyclic(self, random: torch.Generator, number: int) -> Pairs:
        """Pairs of different manners, whatever they answer."""
        states, manner = self.states.flatten(0, 1), self.manner.flatten()
        one, other = torch.randint(len(manner), (2, 4 * number), generator=random)
        differ = manner[one] != manner[other]
        one, other = one[differ][:number], other[differ][:number]
        first = ((manner[one] + 1) % 3 == manner[other]).unsqueeze(1)
        return Pairs.of(
            torch.where(first, states[one], states[other]),
            torch.where(first, states[other], states[one]),
        )


def _read(chats: Chats) -> _Openings:
    policy = chats.policy()
    states = torch.stack(
        [_states(policy, chats, place, replies) for place, replies in enumerate(chats.replies)]
    )
    flat = states.flatten(0, 1)
    return _Openings(
        (states - flat.mean(0)) / flat.std(0) / flat.shape[1] ** 0.5,
        torch.tensor([[_manner(text) for text in of] for of in chats.replies]),
        chats.utility.float(),
    )


def _states(policy: CausalLmPolicy, chats: Chats, place: int, replies: Sequence[str]) -> Tensor:
    """The mean last hidden state over each opening to a question, ``[replies, width]``."""
    samples = [policy.encode(chats.contexts[place], reply) for reply in replies]
    width = max(map(len, samples))
    tokens = [[*sample.context, *sample.response] for sample in samples]
    rows = torch.tensor([row + [0] * (width - len(row)) for row in tokens])
    policy.lm.train(False)
    with torch.no_grad():
        decoder = policy.lm.base.get_decoder()  # type: ignore[no-untyped-call]  # untyped upstream
        hidden: Tensor = decoder(rows).last_hidden_state
    return torch.stack(
        [
            state[len(sample.context) : len(sample)].mean(0)
            for state, sample in zip(hidden, samples, strict=True)
        ]
    )


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    chats, random = Chats.draw(seed, scale, seen=14, replies=_REPLIES), generator(seed, 1)
    openings, steps = _read(chats), scaled_steps(400, scale)
    seen, held_out = openings[: chats.seen], openings[chats.seen :]
    number, unseen = (scaled(of, scale, least=50) for of in (_PAIRS, _HELD_OUT))
    others = torch.randn(seen.utility.shape, generator=random)
    worlds = {
        "cyclic": (seen.cyclic(random, number), held_out.cyclic(random, unseen)),
        "ordered": (
            seen.ordered(seen.utility, random, number),
            held_out.ordered(held_out.utility, random, unseen),
        ),
    }
    of_others = {
        "cyclic": worlds["cyclic"][0].flipped(0.5, random),
        "ordered": seen.ordered(others, random, number),
    }
    measured: dict[str, dict[str, float]] = {arm: {} for arm in PROOF.arms}
    for world, (clean, test) in worlds.items():
        given = clean.flipped(_FLIPS, random)
        models = {
            "general": general(given, steps),
            "one_plane": general(given, steps, planes=1),
            "of_others": general(of_others[world], steps),
            "tossed": general(given.flipped(0.5, random), steps),
        }
        for arm, model in models.items():
            measured[arm][world] = accuracy(model(test.won), model(test.lost))
        weights = bradley_terry(given, steps)
        measured["bradley_terry"][world] = accuracy(
            with_one(test.won @ weights), with_one(test.lost @ weights)
        )
        measured["coin"][world], measured["true"][world] = 0.5, 1.0
    for _ in measured:
        arm_done()
    return Trial(measured)


PROOF = Proof(
    paper=gpm.PROOF.paper,
    claim=gpm.PROOF.claim,
    measure=gpm.PROOF.measure,
    arms={**gpm.PROOF.arms, "true": Arm("oracle", "the true manners or the true taste")},
    checks=gpm.PROOF.checks,
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
