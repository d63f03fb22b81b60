"""The policy's columns: whole replies, and a reference that is the adapter switched off."""

import pytest
import torch

from idiolect.engine.chat import encode_response
from idiolect.engine.log_probs import TokenSequence, response_log_probs
from idiolect.errors import InvalidInputError
from idiolect.preference.columns import Side
from idiolect.preference.objective import Needs
from idiolect.preference.policies.causal_lm import CausalLmPolicy
from tests.preference.training import capital_pairs, tiny_policy
from tests.tiny_model import tiny_llama, tiny_tokenizer

torch.set_num_threads(1)

REFERENCE = frozenset({"reference"})
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


def test_a_sample_that_goes_on_with_a_message_does_not_end_the_turn() -> None:
    whole = tiny_policy().encode(ASK, "leek soup")
    part = tiny_policy().encode((*ASK, {"role": "assistant", "content": "leek "}), "soup")
    assert part.context + part.response == (whole.context + whole.response)[:-1]


def side(policy: CausalLmPolicy, *samples: TokenSequence, anchors: frozenset[str]) -> Side:
    rewards = [float(number) for number in range(len(samples))]
    return policy.side(samples, rewards, Needs(anchors), train=True)


def test_a_fresh_policy_is_its_reference_and_that_is_the_plain_model() -> None:
    policy = tiny_policy()
    samples = [policy.encode(ASK, "leek"), policy.encode(ASK, "a much longer soup")]
    columns = side(policy, *samples, anchors=REFERENCE)
    plain = response_log_probs(tiny_llama(), samples)
    torch.testing.assert_close(columns.policy.sum(1), plain)
    torch.testing.assert_close(columns.anchors["reference"].sum(1), plain)
    assert columns.tokens.tolist() == [5, 19]
    assert columns.reward.tolist() == [0, 1]
    assert torch.equal(columns.policy * columns.mask, columns.policy)
    assert columns.policy.requires_grad
    assert not columns.anchors["reference"].requires_grad


def test_anchors_stay_when_the_adapter_moves() -> None:
    policy = tiny_policy()
    sample = policy.encode(ASK, "leek")
    before = side(policy, sample, anchors=REFERENCE).policy
    _move(policy, 0.1)
    policy.freeze("previous")
    frozen = side(policy, sample, anchors=REFERENCE).policy
    _move(policy, 0.1)
    moved = side(policy, sample, anchors=REFERENCE | {"previous"})
    torch.testing.assert_close(moved.anchors["reference"], before)
    torch.testing.assert_close(moved.anchors["previous"], frozen)
    assert moved.policy.sum().item() != pytest.approx(frozen.sum().item(), abs=1e-2)


def test_a_policy_that_nobody_froze_is_no_anchor() -> None:
    policy = tiny_policy()
    with pytest.raises(KeyError, match="previous"):
        side(policy, policy.encode(ASK, "leek"), anchors=frozenset({"previous"}))


def _move(policy: CausalLmPolicy, distance: float) -> None:
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.add_(distance)


def test_only_the_adapter_learns_and_its_start_follows_from_the_seed() -> None:
    policy, again = tiny_policy(), tiny_policy()
    # 2 layers x rank 4 x (in + out) of q k v o and gate up down, at widths 32, 16 and 64
    per_layer = 4 * ((32 + 32) + 2 * (32 + 16) + (32 + 32) + 3 * (32 + 64))
    assert sum(parameter.numel() for parameter in policy.parameters()) == 2 * per_layer
    torch.testing.assert_close(policy.state_dict(), again.state_dict(), rtol=0, atol=0)


def test_anchors_are_computed_once_and_come_back_from_their_state() -> None:
    policy = tiny_policy()
    samples = [policy.encode(pair.context_w, pair.sample_w) for pair in capital_pairs()]
    policy.anchor(samples, ["reference"])
    again = tiny_policy()
    again.load_anchor_state(policy.anchor_state())
    entered: list[int] = []
    again.lm.base.model.register_forward_pre_hook(lambda *_: entered.append(1))
    again.anchor(samples, ["reference"])
    assert entered == []
    expected = side(policy, *samples, anchors=REFERENCE).anchors["reference"]
    got = side(again, *samples, anchors=REFERENCE).anchors["reference"]
    torch.testing.assert_close(got, expected, rtol=0, atol=0)


def test_collisions_are_the_chance_of_two_equal_draws() -> None:
    policy = tiny_policy()
    sample = policy.encode(ASK, "leek")
    columns = policy.side([sample], [0.0], Needs(collision=True), train=True)
    ids = torch.tensor([sample.context + sample.response])
    probabilities = tiny_llama()(input_ids=ids).logits[0].softmax(-1)
    drawn_twice = probabilities.square().sum(-1).log()
    assert columns.collision is not None
    torch.testing.assert_close(columns.collision[0], drawn_twice[-6:-1])
    assert not columns.collision.requires_grad
