"""Conversations of the bundled language model, and a simulated person who judges its replies.

Contexts are questions of the handbook's under short notes on them, since without notes the model
wanders. A reply is an opening: the first tokens that the model draws by itself, at temperature 1,
whether or not it would go on. So the space of replies is the same for data, policies and measures,
log-probabilities are those of what was drawn, and a few tokens show the manner already, which is
all that the person looks at: whether it is warm, formal or direct, smiles, addresses, and how long
its words are. Text is read back as tokens by the tokenizer, which now and then splits it in another
way.

What loads a model is imported where it is called, so that proofs are listed without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, cast

import torch
from torch import Tensor

from idiolect.lm.bundled import MODEL_DIR
from idiolect.preference.batches import Example
from idiolect.preference.language import Spec
from idiolect.preference.objective import Needs, Objective
from idiolect.preference.pairs import Messages, Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.annotators import Annotated
from idiolect.proofs.asks import Asks
from idiolect.proofs.bandits import Comparisons, generator, scaled, scaled_steps
from idiolect.proofs.judges import Judge, opening_features
from idiolect.proofs.training import fit

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from idiolect.engine.loading import LoadedModel
    from idiolect.preference.policies.causal_lm import CausalLmPolicy, PeftLm

OPENING_TOKENS = 8
RANK = 4
SCALE = 2.0
STEPS = 14
BATCH = 96
_ANNOTATED_PAIRS = 480
_CROWD = 48
LEARNING_RATE = 0.005
"""The same for every arm; found with plain DPO on seeds that are not reported."""

_ROUNDING = 1e-3
"""Log-ratios that are nearer than this, in nats, are alike: a sum of logarithms in 32 bits."""

_BEGUN = {"role": "assistant", "content": ""}
"""An answer that has begun with nothing yet, so that samples may be openings."""

_NOTHING = "OK."
"""Stands for a reply that ended before it began, which is rare."""


@dataclass(frozen=True, slots=True)
class Chats:
    """Questions, the reference's replies to each, and what somebody thinks of them.

    Attributes:
        contexts: the conversations; those after the first ``seen`` are held out.
        replies: of each context.
        seen: how many contexts are learned from.
        judge: who judges them.
        seed: that all was drawn from.
        scale: of the effort, as in ``Proof.trial``.
        anchors: the reference's log-probabilities of the replies, so that no arm computes them.
    """

    contexts: Sequence[Messages]
    replies: Sequence[Sequence[str]]
    seen: int
    judge: Judge
    seed: int
    scale: float
    anchors: Mapping[str, Tensor] = field(repr=False)

    @classmethod
    def draw(
        cls,
        seed: int,
        scale: float,
        *,
        seen: int = 10,
        held_out: int = 8,
        replies: int = 5,
        spread: float = 3.0,
    ) -> Chats:
        """
        Args:
            seen: contexts to learn from.
            held_out: contexts to measure on.
            replies: to each.
            spread: standard deviation of the judge's utility.
        """
        seen, held_out = scaled(seen, scale, least=2), scaled(held_out, scale, least=2)
        random = generator(seed, 100)
        asks = Asks.draw(seed, seen=seen, unseen=held_out)
        contexts = [(*asked, _BEGUN) for asked in (*asks.seen, *asks.unseen)]
        policy = fresh_policy(seed)
        written = write(policy, contexts, replies, writing_seed(seed))
        texts = [text for of_context in written for text in of_context]
        scores(policy, contexts, written)  # keeps the reference's
        judge = Judge.draw(texts, random, spread, opening_features())
        return cls(contexts, written, seen, judge, seed, scale, policy.anchor_state())

    @property
    def utility(self) -> Tensor:
        """What every reply is worth, ``[contexts, replies]``."""
        return self._worth_to(self.judge, self.replies)

    @property
    def reward(self) -> Tensor:
        """The utility of the replies to learn from, ``[seen, replies]``."""
        return self.utility[: self.seen]

    def policy(self) -> CausalLmPolicy:
        """The bundled model with an untrained adapter."""
        policy = fresh_policy(self.seed)
        policy.load_anchor_state(self.anchors)
        return policy

    def fitted(
        self,
        objective: Objective | Spec,
        examples: Sequence[Example],
        *,
        steps: int = STEPS,
        batch_size: int = BATCH,
    ) -> tuple[CausalLmPolicy, dict[str, Tensor]]:
        """A policy after training on examples in words, and the objective's running estimates."""
        policy = self.policy()
        estimates = fit(
            policy,
            objective,
            examples,
            steps=scaled_steps(steps, self.scale),
            learning_rate=LEARNING_RATE,
            batch_size=batch_size,
            seed=self.seed,
        )
        return policy, dict(estimates)

    def learned(
        self, objective: Objective | Spec, pairs: Sequence[Pair]
    ) -> tuple[CausalLmPolicy, dict[str, Tensor]]:
        """As ``fitted``, on pairs whose contexts and samples are numbers."""
        return self.fitted(objective, self.worded(pairs))

    def implied_reward(self, policy: CausalLmPolicy) -> Tensor:
        """The log-ratio of each reply to learn from, ``[seen, replies]``."""
        mine, reference = scores(policy, self.contexts[: self.seen], self.replies[: self.seen])
        return mine - reference

    def others_disagree(self, drawn: Comparisons, random: torch.Generator) -> Tensor:
        """Which comparisons a crowd decides against the true order, one of its people for each.

        They have nothing in common, so the crowd's mean utility is next to none.
        """
        worth = self._worth_to_others(scaled(_CROWD, self.scale, least=2), random)
        person = torch.randint(len(worth), (len(drawn),), generator=random)
        better, worse = (worth[person, drawn.context, arm] for arm in (drawn.better, drawn.worse))
        return torch.rand(len(drawn), generator=random) > torch.sigmoid(better - worse)

    def mean_of_others(self, random: torch.Generator, people: int = 8) -> Tensor:
        """The mean utility of a few other people, ``[seen, replies]``."""
        return self._worth_to_others(people, random).mean(0)

    def _worth_to_others(self, people: int, random: torch.Generator) -> Tensor:
        """``[people, seen, replies]``."""
        texts = [text for of_context in self.replies for text in of_context]
        judge, seen = self.judge, self.replies[: self.seen]
        others = [Judge.draw(texts, random, judge.spread, judge.features) for _ in range(people)]
        return torch.stack([self._worth_to(other, seen) for other in others])

    @staticmethod
    def _worth_to(judge: Judge, replies: Sequence[Sequence[str]]) -> Tensor:
        return torch.stack([judge(of_context) for of_context in replies])

    def worded(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Pairs whose contexts and samples are numbers, in words; equal replies make none."""
        made = []
        for pair in pairs:
            place = cast(int, pair.context_w[0])
            chosen, rejected = (
                self.replies[place][int(sample)] for sample in (pair.sample_w, pair.sample_l)
            )
            if chosen != rejected:
                context = self.contexts[place]
                made.append(
                    replace(
                        pair,
                        sample_w=chosen,
                        sample_l=rejected,
                        context_w=context,
                        context_l=context,
                    )
                )
        return made

    def accuracy(self, policy: CausalLmPolicy) -> float:
        """Share of all pairs of held-out replies that the log-ratio puts in the true order."""
        held_out = slice(self.seen, None)
        mine, reference = scores(policy, self.contexts[held_out], self.replies[held_out])
        ratio, true = mine - reference, self.utility[held_out]
        said, gap = (of.unsqueeze(2) - of.unsqueeze(1) for of in (ratio, true))
        right = said[gap > 0]
        alike = right.abs() < _ROUNDING
        return float(((right > 0) & ~alike).double().mean() + 0.5 * alike.double().mean())

    def judged(self, policy: CausalLmPolicy, *, fresh: int = 8) -> dict[str, float]:
        """Accuracy on held-out replies, and what fresh replies to held-out questions are worth.

        KL and entropy are over openings, in nats, from the same fresh replies.

        Args:
            fresh: how many replies to each question.
        """
        contexts = self.contexts[self.seen :]
        written = write(
            policy, contexts, scaled(fresh, self.scale), writing_seed(self.seed, "fresh")
        )
        mine, reference = scores(policy, contexts, written)
        texts = [text for of_context in written for text in of_context]
        return {
            "accuracy": self.accuracy(policy),
            "reward": float(self.judge(texts).mean()),
            "kl": float((mine - reference).mean()),
            "entropy": float(-mine.mean()),
        }


def every_two(reward: Tensor) -> Comparisons:
    """Every two arms of each context once, in their true order; ``[contexts, arms]``."""
    context, one, other = torch.nonzero(reward.unsqueeze(2) > reward.unsqueeze(1)).T
    return Comparisons(context, one, other)


def writing_seed(seed: int, use: Literal["data", "fresh", "pool"] = "data") -> int:
    """Of what is drawn for a use in a trial; no two uses and no two trials share one."""
    return 10 * seed + ("data", "fresh", "pool").index(use)


def fresh_policy(seed: int) -> CausalLmPolicy:
    """The bundled model with an untrained adapter."""
    from idiolect.engine.loading import load_model
    from idiolect.preference.policies.causal_lm import CausalLmPolicy, LoraShape, with_lora

    loaded = load_model(MODEL_DIR, "cpu")
    lm = with_lora(loaded.model, LoraShape(rank=RANK, alpha=int(SCALE * RANK)), seed=seed)
    return CausalLmPolicy(lm, loaded.tokenizer, max_length_tokens=loaded.context_tokens)


@cache
def _bundled() -> LoadedModel:
    from idiolect.engine.loading import load_model

    return load_model(MODEL_DIR, "cpu")


def write(
    policy: CausalLmPolicy, contexts: Sequence[Messages], number: int, seed: int
) -> list[list[str]]:
    """Openings that a policy draws at temperature 1, so many in each context."""
    from idiolect.engine.generation import Decoding
    from idiolect.proofs import writing

    model = cast("PeftLm", policy.lm).model.eval()  # as fresh_policy made it
    loaded = replace(_bundled(), model=cast("PreTrainedModel", model))
    decoding = Decoding(
        replies=number, max_tokens=OPENING_TOKENS, temperature=1.0, top_p=1.0, seed=seed
    )
    written = writing.write(loaded, [context[:-1] for context in contexts], decoding)
    return [[text if text.strip() else _NOTHING for text in texts] for texts in written]


def scores(
    policy: CausalLmPolicy, contexts: Sequence[Messages], replies: Sequence[Sequence[str]]
) -> tuple[Tensor, Tensor]:
    """Log-probabilities of openings by the policy and by its reference, ``[contexts, replies]``."""
    samples = [
        policy.encode(context, reply)
        for context, of_context in zip(contexts, replies, strict=True)
        for reply in of_context
    ]
    needs = Needs(anchors=frozenset({REFERENCE}))
    side = policy.side(samples, [torch.nan] * len(samples), needs, train=False)
    mine, reference = (
        columns.sum(1).double().view(len(contexts), -1)
        for columns in (side.policy, side.anchors[REFERENCE])
    )
    return mine, reference


def annotated_replies(seed: int, scale: float) -> Annotated[CausalLmPolicy]:
    """Pairs of the bundled model's openings, as two annotators gave them."""
    number = scaled(_ANNOTATED_PAIRS, scale, least=12)
    return Annotated.draw(Chats.draw(seed, scale), seed, number)
