"""The gate: does an adapter foresee its user's held-out choices better than the base?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from idiolect.adapters.base import cpu_threads, load_base
from idiolect.adapters.lengths import Lengths
from idiolect.engine.log_probs import TokenSequence, response_log_probs
from idiolect.preference.diagnostics.intervals import bootstrap_interval, wilson_interval
from idiolect.preference.pairs import Pair
from idiolect.preference.policies.causal_lm import CausalLmPolicy, PeftLm

MINIMUM_PAIRS = 8


@dataclass(frozen=True, slots=True)
class Share:
    """A share of pairs with its 95 % interval."""

    share: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the gate saw and decided.

    Attributes:
        pairs: held-out pairs that were judged.
        base: share of them on which the base prefers the user's choice.
        adapter: the same with the adapter.
        difference: adapter minus base.
        interval: of the difference, 95 %, by a paired bootstrap over the pairs.
        promoted: the interval is above zero and there were enough pairs.
        reason: one sentence on why.
        seed: of the bootstrap.
    """

    pairs: int
    base: Share
    adapter: Share
    difference: float
    interval: tuple[float, float]
    promoted: bool
    reason: str
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """The form in which cards, jobs and the page carry it: plain shares, and intervals."""
        return {
            **asdict(self),
            "base": self.base.share,
            "base_interval": list(self.base.interval),
            "adapter": self.adapter.share,
            "adapter_interval": list(self.adapter.interval),
            "interval": list(self.interval),
        }


def evaluate(
    base: Path | str,
    adapter_path: Path,
    held_out_pairs: Sequence[Pair],
    *,
    max_length_tokens: int = 1024,
    minimum_pairs: int = MINIMUM_PAIRS,
    seed: int = 0,
    device: str = "cpu",
    threads: int = 2,
) -> GateVerdict:
    """Compares the base with and without an adapter on pairs that trained neither.

    A model prefers the reply with the higher mean log-probability per token, so that neither
    wins by being short. Ties are no pairs and so take no part; pairs that are too long for the
    model are left out.

    Args:
        base: the model's folder or Hugging Face name, as it was trained on.
        adapter_path: the folder that ``train_adapter`` wrote.
        held_out_pairs: choices of the same user, kept away from training.
        max_length_tokens: as in the recipe.
        minimum_pairs: with fewer, nothing is promoted.
        seed: of the bootstrap.
        device: ``cpu``, ``cuda``, ``cuda:N``, or ``auto`` for a GPU if there is one.
        threads: of a CPU.

    Raises:
        NotReadyError: the base cannot be loaded.
    """
    with cpu_threads(threads):
        loaded = load_base(base, device)
        model = PeftModel.from_pretrained(loaded.model, adapter_path).eval()
        limit = min(max_length_tokens, loaded.context_tokens)
        policy = CausalLmPolicy(PeftLm(model), loaded.tokenizer, max_length_tokens=limit)
        pairs = Lengths(loaded.tokenizer, limit).fitting(held_out_pairs, "leave_out")
        samples = [
            sequence
            for pair in pairs
            for sequence in (
                policy.encode(pair.context_w, pair.sample_w),
                policy.encode(pair.context_l, pair.sample_l),
            )
        ]
        with torch.no_grad():
            with_adapter = _agreements(model, samples)
            with model.disable_adapter():
                without = _agreements(model, samples)
    return judge(without, with_adapter, minimum_pairs=minimum_pairs, seed=seed)


def judge(
    base: Sequence[bool], adapter: Sequence[bool], *, minimum_pairs: int = MINIMUM_PAIRS, seed: int
) -> GateVerdict:
    """The verdict on who agreed with the user, pair by pair in the same order."""
    pairs = len(base)
    gains = [float(after) - float(before) for before, after in zip(base, adapter, strict=True)]
    difference = sum(gains) / pairs if pairs else 0.0
    interval = bootstrap_interval(gains, seed=seed)
    enough, better = pairs >= minimum_pairs, interval[0] > 0
    reason = (
        f"{pairs} held-out choices are fewer than the {minimum_pairs} that a verdict needs"
        if not enough
        else "it foresees the held-out choices better than the base"
        if better
        else "it is not shown to foresee the held-out choices better than the base"
    )
    return GateVerdict(
        pairs=pairs,
        base=_share(base),
        adapter=_share(adapter),
        difference=difference,
        interval=interval,
        promoted=enough and better,
        reason=reason,
        seed=seed,
    )


def _agreements(model: PeftModel, samples: Sequence[TokenSequence]) -> list[bool]:
    """Whether the first of each two samples has the higher mean log-probability per token."""
    if not samples:
        return []
    sums = response_log_probs(model, samples).tolist()
    means = [total / len(one.response) for total, one in zip(sums, samples, strict=True)]
    return [chosen > rejected for chosen, rejected in zip(means[::2], means[1::2], strict=True)]


def _share(agreements: Sequence[bool]) -> Share:
    agreed = sum(agreements)
    interval = wilson_interval(agreed, len(agreements))
    return Share(agreed / len(agreements) if agreements else 0.0, interval)
