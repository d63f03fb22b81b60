"""The mixture of a noisy and a biased gradient that errs the least.

BVPO 2025: of a model that reasons before it answers, DPO on a sampled trace and its answer has a
gradient of much variance, DPO on answers without a trace one of none and a bias; the mixture
alpha g_t + (1 - alpha) g_e has the least mean squared error from the gradient of the answer's own
probability, summed over all traces, at

    alpha* = clip( (B - C) / (A + B - 2C), 0, 1 )

with A = E|g_t - mu|^2, B = E|g_e - mu|^2, C = E<g_t - mu, g_e - mu>. Here there are few enough
traces to know mu. A, B and C are estimated on some draws of traces and the error is measured on
others, in units of |mu|^2, for the gradient of the answers' common logits. The paper's experiments
take alpha 0.5. Each seed is the mean of twelve
worlds, which differ much. The sham takes the alpha of another world, the population's arm the mean
alpha of all the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor

from idiolect.preference.columns import Rows, Side
from idiolect.preference.objective import Objective
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.presets import objective
from idiolect.proofs.bandits import generator, scaled
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial

_ANSWERS = 5
_TRACES = 6
_PAIRS = 16
_DRAWS = 200
_WORLDS = 12
_SPREAD = 1.0
"""Standard deviation of what a trace does to the answers' logits."""

_DPO: Objective = objective("dpo", beta=1.0)

_LogProbs = Callable[[Tensor], tuple[Tensor, Tensor]]
"""From the common logits to those of the chosen and the rejected, each ``[pairs]``."""


@dataclass(frozen=True, slots=True)
class _Reasoner:
    """pi(y) = sum_r pi(r) softmax(common + by_trace[r])_y; without a trace, softmax(common)_y.

    The reference has the same traces and other common logits.
    """

    traces: Tensor
    by_trace: Tensor
    common: Tensor
    common_reference: Tensor
    chosen: Tensor
    rejected: Tensor

    @classmethod
    def draw(cls, seed: int) -> "_Reasoner":
        random = generator(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=random, dtype=torch.float64)

        one = torch.randint(_ANSWERS, (_PAIRS,), generator=random)
        step = torch.randint(1, _ANSWERS, (_PAIRS,), generator=random)
        reference = normal(_ANSWERS)
        return cls(
            traces=torch.log_softmax(normal(_TRACES), dim=0),
            by_trace=_SPREAD * normal(_TRACES, _ANSWERS),
            common=reference + 0.3 * normal(_ANSWERS),
            common_reference=reference,
            chosen=torch.minimum(one, (one + step) % _ANSWERS),  # lower numbers are better
            rejected=torch.maximum(one, (one + step) % _ANSWERS),
        )

    def joint(self, common: Tensor) -> Tensor:
        """log pi(r, y), ``[traces, answers]``."""
        return self.traces.unsqueeze(1) + torch.log_softmax(common + self.by_trace, dim=1)

    def sampled(self, answers: Tensor, random: torch.Generator) -> Tensor:
        """A trace of the reference for each answer that it ends in, ``[n]``."""
        posterior = torch.softmax(self.joint(self.common_reference), dim=0).T
        return torch.multinomial(posterior[answers], 1, generator=random).squeeze(1)

    def with_traces(self, random: torch.Generator) -> Tensor:
        """g_t with traces drawn afresh, ``[answers]``."""
        of_w = (self.sampled(self.chosen, random), self.chosen)
        of_l = (self.sampled(self.rejected, random), self.rejected)
        return self._gradient(lambda common: (self.joint(common)[of_w], self.joint(common)[of_l]))

    def without_traces(self) -> Tensor:
        """g_e, ``[answers]``."""
        return self._gradient(lambda common: self._both(torch.log_softmax(common, dim=0)))

    def over_all_traces(self) -> Tensor:
        """mu, ``[answers]``."""
        return self._gradient(lambda common: self._both(self.joint(common).logsumexp(0)))

    def _both(self, log_probs: Tensor) -> tuple[Tensor, Tensor]:
        return log_probs[self.chosen], log_probs[self.rejected]

    def _gradient(self, log_probs: _LogProbs) -> Tensor:
        common = self.common.clone().requires_grad_()
        rows = _rows(log_probs(common), log_probs(self.common_reference))
        (gradient,) = torch.autograd.grad(_DPO(rows).loss.mean(), common)
        return gradient


def _rows(policy: tuple[Tensor, Tensor], reference: tuple[Tensor, Tensor]) -> Rows:
    one = torch.ones(_PAIRS, dtype=torch.float64)
    chosen, rejected = (
        Side(mine.unsqueeze(1), {REFERENCE: other.unsqueeze(1)}, one, torch.nan * one)
        for mine, other in zip(policy, reference, strict=True)
    )
    return Rows(chosen, rejected, one, 0 * one, one, one.long())


def best_share(with_traces: Tensor, without: Tensor, truth: Tensor) -> float:
    """alpha* from draws of g_t, ``[draws, n]``, and from g_e and mu, each ``[n]``."""
    noisy, biased = with_traces - truth, without - truth
    a, b = noisy.square().sum(1).mean(), biased.square().sum()
    c = (noisy @ biased).mean()
    return float(((b - c) / (a + b - 2 * c)).clamp(0, 1))


def _error(alpha: float, with_traces: Tensor, without: Tensor, truth: Tensor) -> float:
    """Mean squared error of the mixture, in units of |mu|^2."""
    mixed = alpha * with_traces + (1 - alpha) * without
    return float((mixed - truth).square().sum(1).mean() / truth.square().sum())


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    numbers = [seed * _WORLDS + place for place in range(scaled(_WORLDS, scale, least=2))]
    shares = {number: _share_of(number, scale) for number in numbers}
    worlds = [
        _world(number, scale, fmean(share for other, share in shares.items() if other != number))
        for number in numbers
    ]
    measured: dict[str, dict[str, float]] = {"no_step": {"error": 1.0}}
    for arm in worlds[0]:
        alphas, errors = zip(*(world[arm] for world in worlds), strict=True)
        measured[arm] = {"error": fmean(errors), "alpha": fmean(alphas)}
        arm_done()
    return Trial(measured)


def _share_of(seed: int, scale: float) -> float:
    """alpha* of a world, as ``best_share`` has it there."""
    model, draws = _Reasoner.draw(seed), scaled(_DRAWS, scale, least=10)
    seen = _draws(model, generator(seed, 1), draws)
    return best_share(seen, model.without_traces(), model.over_all_traces())


def _world(seed: int, scale: float, of_others: float) -> dict[str, tuple[float, float]]:
    """Each arm's alpha and error in one world.

    Args:
        of_others: the mean alpha* of the other worlds.
    """
    model, draws = _Reasoner.draw(seed), scaled(_DRAWS, scale, least=10)
    truth, without = model.over_all_traces(), model.without_traces()
    seen, held_out = (_draws(model, generator(seed, part), draws) for part in (1, 2))
    other = _Reasoner.draw(seed - 1)
    other_draws = _draws(other, generator(seed, 3), draws)
    alphas = {
        "best_share": best_share(seen, without, truth),
        "half": 0.5,
        "mean_share": of_others,
        "traces_alone": 1.0,
        "no_traces": 0.0,
        "other_world": best_share(other_draws, other.without_traces(), other.over_all_traces()),
        "foreseen": best_share(held_out, without, truth),
    }
    return {arm: (alpha, _error(alpha, held_out, without, truth)) for arm, alpha in alphas.items()}


def _draws(model: _Reasoner, random: torch.Generator, number: int) -> Tensor:
    return torch.stack([model.with_traces(random) for _ in range(number)])


PROOF = Proof(
    paper="BVPO: Bias-variance optimized preference optimization 2025",
    claim=(
        "The mixture at the estimated alpha* has a smaller error than the gradient with traces,"
        " than that without, and than half of each; refuted where one of them errs as little."
    ),
    measure="error",
    arms={
        "best_share": Arm("treatment", "alpha* estimated on other draws"),
        "traces_alone": Arm("control", "DPO on sampled traces"),
        "no_traces": Arm("control", "DPO without traces"),
        "half": Arm("control", "half of each, as in the paper's experiments"),
        "mean_share": Arm("population", "the mean alpha* of the other worlds"),
        "no_step": Arm("trivial", "a gradient of zero"),
        "other_world": Arm("sham", "alpha* of another world"),
        "foreseen": Arm("oracle", "alpha* of the draws that it is measured on"),
    },
    checks=(
        Check("less than with traces", "error", "best_share", "traces_alone", lower=True),
        Check("less than without", "error", "best_share", "no_traces", lower=True),
        Check("less than half of each", "error", "best_share", "half", lower=True),
    ),
    trial=_trial,
)
