"""The differential information distribution: what a policy learned beyond its reference.

Won et al. 2025 (arXiv 2505.23761), theorem 3.2: the information that turns ref into pi is
distributed as

    q(y) = (pi(y) / ref(y)) / Z,   Z = sum_y pi(y) / ref(y)
    H(q) = log Z - E_q[log pi - log ref]

A high entropy means smoothing: mass spreads, and the log-likelihood of chosen and rejected
samples falls. A low one means reinforcement: mass concentrates.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from idiolect.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class DifferentialInformation:
    """An estimate of H(q), and whether it says anything.

    Attributes:
        entropy: H(q) in nats, or only a rank if ``normalized``.
        log_normalizer: log Z.
        samples: how many it rests on.
        effective_samples: how many equally weighted ones are worth as much (Kish 1965).
        normalized: the log-probabilities were divided by the samples' lengths.
        threshold: warns with fewer effective samples than this.
        warning: one sentence, or empty.
    """

    entropy: float
    log_normalizer: float
    samples: int
    effective_samples: float
    normalized: bool
    threshold: float
    warning: str

    @property
    def informative(self) -> bool:
        """There are enough effective samples."""
        return self.effective_samples >= self.threshold


def differential_information(policy: Tensor, reference: Tensor) -> tuple[Tensor, float]:
    """q and its entropy in nats, exactly, where all samples can be listed, as a bandit's arms.

    Args:
        policy: log-probability of each sample under the policy, ``[k]``; logits will do.
        reference: the same under the reference.

    Returns:
        log q, ``[k]`` in double precision, and H(q), at most log k, which it is where the policy
        is the reference.

    Raises:
        InvalidInputError: they are not two columns of one length, or a value is not finite.
    """
    ratio = _column(policy, reference, "policy") - _column(reference, policy, "reference")
    log_q = torch.log_softmax(ratio, dim=0)
    return log_q, -(log_q.exp() * log_q).sum().item()


def estimated_differential_information(
    policy: Tensor,
    reference: Tensor,
    *,
    drawn_from: Literal["reference", "policy"],
    tokens: Tensor | None = None,
    threshold: float = 10.0,
) -> DifferentialInformation:
    """H(q) by self-normalized importance sampling.

        drawn from ref:  w proportional to pi / ref^2,  log Z = log mean(pi / ref^2)
        drawn from pi:   w proportional to 1 / ref,     log Z = log mean(1 / ref)
        H(q) = log Z - sum_i w_i (log pi_i - log ref_i)

    Both are consistent. Over whole sequences 1 / ref spans hundreds of nats, so that one sample
    takes all the weight: then the estimate is no information, and the warning says so. With
    ``tokens`` log-probabilities per token take their place; that distribution is another one, and
    its entropy may be used to rank runs, never as a number of nats.

    Unverified: whether the paper's own estimator, from 32 samples a prompt, is one of these.

    Args:
        policy: log-probability of each sample under the policy, ``[n]``, in nats.
        reference: the same under the reference.
        drawn_from: which of the two wrote the samples, independently of each other.
        tokens: length of each sample, ``[n]``, to divide by; None leaves whole sequences.
        threshold: the least number of effective samples. The paper gives none.

    Raises:
        InvalidInputError: there are no samples, the columns differ in length, a value is not
            finite, a length is not above 0, or ``drawn_from`` is neither.
    """
    pi = _column(policy, reference, "policy")
    ref = _column(reference, policy, "reference")
    if tokens is not None:
        length = _column(tokens, policy, "tokens")
        if bool((length <= 0).any()):
            raise InvalidInputError("a sample has no tokens")
        pi, ref = pi / length, ref / length
    if drawn_from not in ("reference", "policy"):
        raise InvalidInputError(f"samples are drawn from reference or policy, not {drawn_from!r}")
    log_weight = pi - 2 * ref if drawn_from == "reference" else -ref
    samples = log_weight.numel()
    total = torch.logsumexp(log_weight, dim=0)
    weight = (log_weight - total).exp()
    log_normalizer = total - torch.tensor(float(samples)).double().log()
    effective = 1 / weight.square().sum().item()
    return DifferentialInformation(
        entropy=(log_normalizer - (weight * (pi - ref)).sum()).item(),
        log_normalizer=log_normalizer.item(),
        samples=samples,
        effective_samples=effective,
        normalized=tokens is not None,
        threshold=threshold,
        warning=f"The entropy is not informative: {samples} samples weigh as much as"
        f" {effective:.1f}, fewer than {threshold:g}."
        if effective < threshold
        else "",
    )


def optimal_rejected(target: Tensor, reference: Tensor, *, beta: float) -> Tensor:
    """The sampler of rejected arms from which DPO learns a target exactly.

    pi_l(y) proportional to ref(y) (ref(y) / pi*(y))^beta. Pairs of a chosen y_w ~ ref and a
    rejected y_l ~ pi_l then encode the differential information from ref to pi* (Won et al.
    2025, theorem 3.3), and pi* minimizes the population DPO loss of the same beta.

    Args:
        target: log pi*, ``[k]``; logits will do.
        reference: log ref, ``[k]``.
        beta: of DPO.

    Returns:
        log pi_l, ``[k]`` in double precision.

    Raises:
        InvalidInputError: they are not two columns of one length, or a value is not finite.
    """
    log_ratio = _column(target, reference, "target") - _column(reference, target, "reference")
    return torch.log_softmax(reference.detach().double() - beta * log_ratio, dim=0)


def _column(column: Tensor, other: Tensor, name: str) -> Tensor:
    if column.dim() != 1 or not column.numel() or column.shape != other.shape:
        raise InvalidInputError(
            f"{name} has the shape {tuple(column.shape)} beside {tuple(other.shape)}, not [n]"
        )
    if not bool(torch.isfinite(column).all()):
        raise InvalidInputError(f"{name} has values that are not finite")
    return column.detach().double()
