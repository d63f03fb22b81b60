"""The differential information distribution on five arms, where everything can be summed."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from idiolect.errors import InvalidInputError
from idiolect.preference.diagnostics import (
    differential_information,
    estimated_differential_information,
)
from idiolect.preference.diagnostics.differential import optimal_rejected

REFERENCE = [1 / 20, 2 / 20, 3 / 20, 4 / 20, 10 / 20]
POLICY = [6 / 20, 5 / 20, 4 / 20, 3 / 20, 2 / 20]


def log(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64).log()


def entropy_by_hand() -> float:
    """-sum q log q with q = (6, 5/2, 4/3, 3/4, 1/5) / Z."""
    ratios = [6.0, 5 / 2, 4 / 3, 3 / 4, 1 / 5]
    return -sum(r / sum(ratios) * math.log(r / sum(ratios)) for r in ratios)


def drawn(shares: list[float]) -> Tensor:
    """Twenty samples that hold each arm exactly as often as it is likely."""
    counts = torch.tensor([round(20 * share) for share in shares])
    return torch.arange(5).repeat_interleave(counts)


def test_the_exact_entropy_is_the_sum_over_arms() -> None:
    log_q, entropy = differential_information(log(*POLICY), log(*REFERENCE))
    assert log_q.exp().sum().item() == pytest.approx(1.0, abs=1e-12)
    assert (log_q[0] - log_q[4]).item() == pytest.approx(math.log(30), abs=1e-12)
    assert entropy == pytest.approx(entropy_by_hand(), abs=1e-10)


def test_the_entropy_is_log_z_less_the_mean_log_ratio() -> None:
    log_q, entropy = differential_information(log(*POLICY), log(*REFERENCE))
    log_ratio = log(*POLICY) - log(*REFERENCE)
    identity = log_ratio.logsumexp(dim=0) - (log_q.exp() * log_ratio).sum()
    assert entropy == pytest.approx(identity.item(), abs=1e-10)


def test_logits_will_do_for_the_exact_one() -> None:
    shifted = differential_information(log(*POLICY) + 3.0, log(*REFERENCE) - 7.0)
    assert shifted[1] == pytest.approx(entropy_by_hand(), abs=1e-10)


def test_a_policy_that_learned_nothing_has_the_greatest_entropy() -> None:
    _, entropy = differential_information(log(*REFERENCE), log(*REFERENCE))
    assert entropy == pytest.approx(math.log(5), abs=1e-12)


def test_a_policy_that_concentrates_has_less_of_it_than_one_that_spreads() -> None:
    reinforced = log(*REFERENCE) * 3
    smoothed = log(*REFERENCE) * 0.5
    entropies = [
        differential_information(target, log(*REFERENCE))[1] for target in (reinforced, smoothed)
    ]
    assert entropies[0] < entropies[1]


@pytest.mark.parametrize("drawn_from", ["reference", "policy"])
def test_both_estimators_are_exact_on_a_sample_that_is_its_distribution(drawn_from: str) -> None:
    arms = drawn(REFERENCE if drawn_from == "reference" else POLICY)
    found = estimated_differential_information(
        log(*POLICY)[arms],
        log(*REFERENCE)[arms],
        drawn_from=drawn_from,  # type: ignore[arg-type]  # one of the two
    )
    assert found.entropy == pytest.approx(entropy_by_hand(), abs=1e-10)
    assert found.log_normalizer == pytest.approx(math.log(6 + 5 / 2 + 4 / 3 + 3 / 4 + 1 / 5))
    assert found.samples == 20


def test_effective_samples_are_kishs() -> None:
    # Drawn from the policy, w is 1 / ref: 20, 10, 20/3, 5 and 2, by 6, 5, 4, 3 and 2 samples.
    arms = drawn(POLICY)
    weights = [20.0] * 6 + [10.0] * 5 + [20 / 3] * 4 + [5.0] * 3 + [2.0] * 2
    expected = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    found = estimated_differential_information(
        log(*POLICY)[arms], log(*REFERENCE)[arms], drawn_from="policy"
    )
    assert found.effective_samples == pytest.approx(expected)
    assert found.informative
    assert found.warning == ""


def test_whole_sequences_degenerate_and_it_says_so() -> None:
    reference = -torch.linspace(50, 300, 32)
    found = estimated_differential_information(reference + 2, reference, drawn_from="policy")
    assert found.effective_samples == pytest.approx(1.0, abs=1e-3)
    assert math.isfinite(found.entropy)
    assert not found.informative
    assert found.warning == (
        "The entropy is not informative: 32 samples weigh as much as 1.0, fewer than 10."
    )


def test_per_token_it_is_only_a_rank() -> None:
    tokens = torch.tensor([10, 20, 40])
    per_token = torch.tensor([-1.0, -1.1, -0.9])
    found = estimated_differential_information(
        per_token * tokens, per_token * tokens, drawn_from="policy", tokens=tokens, threshold=2
    )
    same = estimated_differential_information(
        per_token, per_token, drawn_from="policy", threshold=2
    )
    assert (found.normalized, same.normalized) == (True, False)
    assert found.entropy == pytest.approx(same.entropy, abs=1e-6)
    assert found.effective_samples > 2.9


def test_samples_estimate_the_entropy_of_five_arms() -> None:
    generator = torch.Generator().manual_seed(0)
    arms = torch.multinomial(torch.tensor(REFERENCE), 50_000, True, generator=generator)
    found = estimated_differential_information(
        log(*POLICY)[arms], log(*REFERENCE)[arms], drawn_from="reference"
    )
    assert found.entropy == pytest.approx(entropy_by_hand(), abs=0.02)


# The rejected sampler: population DPO over y_w ~ ref and y_l ~ pi_l


def population_dpo(policy_logits: Tensor, rejected: Tensor, beta: float) -> Tensor:
    """-sum_{w, l} ref(w) pi_l(l) log sigmoid(beta (D_w - D_l))."""
    log_ratio = torch.log_softmax(policy_logits, dim=0) - log(*REFERENCE)
    gap = log_ratio.unsqueeze(1) - log_ratio.unsqueeze(0)
    mass = log(*REFERENCE).exp().unsqueeze(1) * rejected.exp().unsqueeze(0)
    return -(mass * logsigmoid(beta * gap)).sum()


@pytest.mark.parametrize("beta", [0.1, 1.0, 3.0])
def test_dpo_learns_its_target_from_the_optimal_rejected_sampler(beta: float) -> None:
    rejected = optimal_rejected(log(*POLICY), log(*REFERENCE), beta=beta)
    at = log(*POLICY).requires_grad_()
    slope = torch.autograd.grad(population_dpo(at, rejected, beta), at)[0]
    # The loss is convex in the logits, so a slope of 0 is the minimum.
    assert slope.abs().max().item() < 1e-10
    elsewhere = log(*POLICY[::-1])
    assert population_dpo(elsewhere, rejected, beta) > population_dpo(at.detach(), rejected, beta)


def test_the_optimal_rejected_samplers_information_is_a_power_of_what_is_learned() -> None:
    rejected = optimal_rejected(log(*POLICY), log(*REFERENCE), beta=2.0)
    of_pairs, _ = differential_information(log(*REFERENCE), rejected)
    learned, _ = differential_information(log(*POLICY), log(*REFERENCE))
    power = torch.log_softmax(2.0 * learned, dim=0)
    torch.testing.assert_close(of_pairs, power, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("policy", "reference", "why"),
    [
        (torch.zeros(0), torch.zeros(0), "not \\[n\\]"),
        (torch.zeros(2), torch.zeros(3), r"policy has the shape \(2,\) beside \(3,\)"),
        (torch.zeros(2, 2), torch.zeros(2, 2), "not \\[n\\]"),
        (torch.tensor([0.0, -math.inf]), torch.zeros(2), "policy has values that are not finite"),
        (torch.zeros(2), torch.tensor([0.0, math.nan]), "reference has values"),
    ],
)
def test_what_are_no_log_probabilities_is_refused(
    policy: Tensor, reference: Tensor, why: str
) -> None:
    with pytest.raises(InvalidInputError, match=why):
        differential_information(policy, reference)
    with pytest.raises(InvalidInputError, match=why):
        estimated_differential_information(policy, reference, drawn_from="policy")


def test_lengths_and_origins_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="has no tokens"):
        estimated_differential_information(
            torch.zeros(2), torch.zeros(2), drawn_from="policy", tokens=torch.tensor([1, 0])
        )
    with pytest.raises(InvalidInputError, match="not 'elsewhere'"):
        estimated_differential_information(
            torch.zeros(2),
            torch.zeros(2),
            drawn_from="elsewhere",  # type: ignore[arg-type]  # on purpose
        )
