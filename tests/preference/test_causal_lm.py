"""The policy's columns: whole replies, and a reference that is the adapter switched off."""

import pytest
import torch

from idiolect.engine.chat import encode_response
from idiolect.engine.log_probs import response_log_probs
from idiolect.errors import InvalidInputError
from tests.preference.training import capital_pairs, tiny_policy
from tests.tiny_model import tiny_llama, tiny_tokenizer

torch.set_num_threads(1)

ASK = ({"role": "user", "content": "soup?"},)


def test_messages_and_token_ids_are_contexts_alike() -> None:
    policy = tiny_policy()
    from_messages = policy.encode(ASK, "leek")
    assert from_messages == encode_response(tiny_tokenizer(), ASK, "leek")
    assert policy.encode(from_messages.context, "leek") == from_messages
    assert policy.size(from_messages) == len(from_messages.context) + len("leek") + 1


def test_what_is_too_long_is_refused_not_cut() -> None:
    with pytest.raises(InvalidInputError, match="longer than the limit of 64") as caught:
        tiny_policy().encode(ASK, "x" * 64)
    assert caught.value.reason_code == "TOO_LONG"


def test_a_fresh_policy_is_its_reference_and_that_is_the_plain_model() -> None:
    policy = tiny_policy()
    samples = [policy.encode(ASK, "leek"), policy.encode(ASK, "a much longer soup")]
    chosen, rejected = policy.sides(samples[:1], samples[1:])
    plain = response_log_probs(tiny_llama(), samples)
    torch.testing.assert_close(torch.cat([chosen.policy, rejected.policy]), plain)
    reference = torch.cat([chosen.anchors["reference"], rejected.anchors["reference"]])
    torch.testing.assert_close(reference, plain.detach())
    assert chosen.tokens.item() == 5
    assert not reference.requires_grad


def test_the_reference_stays_when_the_adapter_moves() -> None:
    policy = tiny_policy()
    sample = policy.encode(ASK, "leek")
    before, _ = policy.sides([sample], [sample])
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.add_(0.1)
    after, _ = policy.sides([sample], [sample])
    assert after.policy.item() != pytest.approx(before.policy.item(), abs=1e-2)
    torch.testing.assert_close(policy.reference_log_probs([sample]), before.anchors["reference"])


def test_only_the_adapter_learns_and_its_start_follows_from_the_seed() -> None:
    policy, again = tiny_policy(), tiny_policy()
    # 2 layers x rank 4 x (in + out) of q k v o and gate up down, at widths 32, 16 and 64
    per_layer = 4 * ((32 + 32) + 2 * (32 + 16) + (32 + 32) + 3 * (32 + 64))
    assert sum(parameter.numel() for parameter in policy.parameters()) == 2 * per_layer
    torch.testing.assert_close(policy.state_dict(), again.state_dict(), rtol=0, atol=0)


def test_anchors_are_computed_once() -> None:
    policy = tiny_policy()
    samples = [policy.encode(pair.context_w, pair.sample_w) for pair in capital_pairs()]
    policy.anchor(samples)
    entered: list[int] = []
    policy.model.register_forward_pre_hook(lambda *_: entered.append(1))
    policy.model.get_base_model().model.register_forward_pre_hook(lambda *_: entered.append(1))
    policy.anchor(samples)
    assert entered == []
    assert len(policy.anchor_state()) == len(samples)
