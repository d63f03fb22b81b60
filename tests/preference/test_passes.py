"""A step in several passes has the gradient of the whole batch, also where rows depend on it."""

from typing import Any

import pytest
import torch
from torch import Tensor

from idiolect.engine.log_probs import TokenSequence
from idiolect.preference.batches import Batches, batches_for
from idiolect.preference.judged import Group
from idiolect.preference.language import compose
from idiolect.preference.metrics import reading
from idiolect.preference.objective import state_of
from idiolect.preference.passes import Passes, Seen
from idiolect.preference.policies.causal_lm import PASS_BYTES, CausalLmPolicy
from idiolect.preference.state import State
from tests.preference.training import SMALL_PASS, capital_pairs, tiny_policy

torch.set_num_threads(1)

COUPLED = ["aot", "aot_unpaired", "kto", "bco", "beta_dpo", "re_po"]


def prepared(policy: CausalLmPolicy, batches: Batches[TokenSequence]) -> int:
    """Gets a policy ready and tells how many passes the whole batch takes."""
    examples = [batches.samples(index) for index in range(len(batches.ids))]
    policy.prepare(examples)
    return len(policy.passes(examples))


def gradient(spec: Any, *, pass_bytes: int) -> tuple[list[Tensor], Seen]:
    policy, composed = tiny_policy(pass_bytes=pass_bytes), compose(spec)
    with torch.no_grad():  # away from where everything is 0
        for number, parameter in enumerate(policy.parameters()):
            parameter.add_(0.02 * torch.randn(parameter.shape, generator=seeded(number)))
    batches = batches_for(policy, composed, capital_pairs(6))
    assert (prepared(policy, batches) > 1) is (pass_bytes == SMALL_PASS)
    passes = Passes(policy, composed, state_of(composed))
    torch.manual_seed(1)
    seen = passes.backward(batches, range(6))
    return [parameter.grad for parameter in policy.parameters() if parameter.grad is not None], seen


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("spec", ["dpo", "simpo", "info_nca", *COUPLED], ids=str)
def test_passes_add_up(spec: str) -> None:
    spec_of = {"preset": spec, "sources": 2} if spec == "re_po" else spec
    whole, seen = gradient(spec_of, pass_bytes=PASS_BYTES)
    parts, seen_in_parts = gradient(spec_of, pass_bytes=SMALL_PASS)
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=2e-6)
    torch.testing.assert_close(
        seen.outcome.loss.sort().values,
        seen_in_parts.outcome.loss.sort().values,
        rtol=1e-4,
        atol=1e-5,
    )


def test_both_sweeps_of_a_coupled_batch_drop_out_alike() -> None:
    """The second sweep's log-probabilities are those that the loss was computed from."""
    policy, composed = tiny_policy(0.5, SMALL_PASS), compose("aot")
    batches = batches_for(policy, composed, capital_pairs(4))
    count = prepared(policy, batches)
    passes = Passes(policy, composed, State())
    sweeps = []
    side = policy.side

    def recorded(*arguments: Any, **named: Any) -> Any:
        columns = side(*arguments, **named)
        sweeps.append(columns.policy.detach())
        return columns

    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.add_(0.1)
    policy.side = recorded  # type: ignore[method-assign]  # looks on; computes the same
    passes.backward(batches, range(4))
    first, second = sweeps[:count], sweeps[count:]
    assert count > 1
    for one, other in zip(first, second, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    assert not torch.equal(first[0].sum(), first[1].sum())


def test_evaluation_leaves_no_gradient_and_no_memory() -> None:
    policy, composed = tiny_policy(0.5), compose("bco")
    state = state_of(composed)
    passes = Passes(policy, composed, state)
    batches = batches_for(policy, composed, capital_pairs(4))
    seen, again = (passes.evaluate(batches, range(4)) for _ in range(2))
    torch.testing.assert_close(seen.outcome.loss, again.outcome.loss, rtol=0, atol=0)
    assert all(parameter.grad is None for parameter in policy.parameters())
    assert state.state_dict()["samples"] == 0


def test_a_fresh_policy_is_at_no_distance_from_its_reference() -> None:
    policy, composed = tiny_policy(), compose("dpo")
    passes = Passes(policy, composed, State())
    seen = passes.evaluate(batches_for(policy, composed, capital_pairs(4)), range(4))
    assert reading(seen.outcome, seen.kl).kl == pytest.approx(0.0, abs=1e-9)
    free = compose("simpo")
    passes = Passes(policy, free, State())
    seen = passes.evaluate(batches_for(policy, free, capital_pairs(4)), range(4))
    assert reading(seen.outcome, seen.kl).kl is None


def test_verdicts_are_read_by_their_sign() -> None:
    policy, composed = tiny_policy(), compose("kto")
    ask = ({"role": "user", "content": "soup?"},)
    verdicts = [
        Group.verdict(ask, "LEEK", good=True),
        Group.verdict(ask, "leek", good=False),
        Group.verdict(ask, "BEAN", good=True),
    ]
    passes = Passes(policy, composed, state_of(composed))
    seen = passes.backward(batches_for(policy, composed, verdicts), range(3))
    # D = 0 and z0 = 0: each side costs 1 - sigmoid(0)
    assert seen.outcome.loss.tolist() == pytest.approx([0.5, 0.5, 0.5], abs=1e-5)
    assert seen.outcome.reward_l.isnan().tolist() == [True, False, True]
