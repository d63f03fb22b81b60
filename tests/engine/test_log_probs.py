"""Response log-probabilities equal the textbook's, whatever the padding and the chunks."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import Gemma2Config, Gemma2ForCausalLM

from idiolect.engine import log_probs
from idiolect.engine.fast_layers import use_fast_layers
from idiolect.engine.gemm import rounded
from idiolect.engine.log_probs import (
    TokenSequence,
    response_log_probs,
    token_log_probs,
    token_scores,
)
from idiolect.errors import InvalidInputError
from tests.tiny_model import tiny_llama

torch.set_num_threads(1)

SHORT = TokenSequence(context=(3, 40, 41, 4), response=(50, 51, 1))
LONG = TokenSequence(context=(3, 60, 61, 62, 63, 64, 4), response=(70, 71, 72, 73, 74, 1))


def textbook(model: torch.nn.Module, sequence: TokenSequence) -> torch.Tensor:
    """log softmax over the whole vocabulary at every position, then the wanted entries."""
    ids = torch.tensor([sequence.context + sequence.response])
    log_probs = model(input_ids=ids).logits.log_softmax(dim=-1)[0]
    start = len(sequence.context)
    return torch.stack(
        [log_probs[start + t - 1, token] for t, token in enumerate(sequence.response)]
    )


def test_they_are_the_log_softmax_of_the_responses_tokens() -> None:
    model = tiny_llama()
    found = token_log_probs(model, [SHORT, LONG])
    torch.testing.assert_close(
        found, torch.cat([textbook(model, SHORT), textbook(model, LONG)]), rtol=1e-5, atol=1e-5
    )


def test_sums_are_per_response() -> None:
    model = tiny_llama()
    tokens = token_log_probs(model, [SHORT, LONG])
    assert tokens.shape == (3 + 6,)
    expected = torch.stack([tokens[:3].sum(), tokens[3:].sum()])
    torch.testing.assert_close(response_log_probs(model, [SHORT, LONG]), expected)


def test_padding_does_not_matter() -> None:
    model = tiny_llama()
    together = response_log_probs(model, [SHORT, LONG])
    torch.testing.assert_close(together[0], response_log_probs(model, [SHORT])[0])
    torch.testing.assert_close(together[1], response_log_probs(model, [LONG])[0])


@pytest.mark.parametrize("chunk_rows", [1, 2, 4, 9])
def test_chunks_change_neither_values_nor_gradients(chunk_rows: int) -> None:
    gradients, values = [], []
    for rows in (chunk_rows, 1024):
        model = tiny_llama()
        total = response_log_probs(model, [SHORT, LONG], chunk_rows=rows)
        torch.autograd.backward([total.sum()])
        values.append(total.detach())
        gradients.append([parameter.grad for parameter in model.parameters()])
    torch.testing.assert_close(values[0], values[1])
    torch.testing.assert_close(gradients[0], gradients[1])


def test_only_response_rows_reach_the_vocabulary_in_chunks() -> None:
    model = tiny_llama()
    response_log_probs(model, [SHORT])  # the model is looked at once
    projected: list[int] = []
    model.lm_head.register_forward_hook(lambda _, inputs, __: projected.append(len(inputs[0])))
    with torch.no_grad():
        response_log_probs(model, [SHORT, LONG], chunk_rows=4)
    # 3 + 6 response tokens, the last chunk filled; the 11 context tokens never get there
    assert projected == [4, 4, 4]


def test_sums_are_float32_under_a_bfloat16_model() -> None:
    model = tiny_llama().to(torch.bfloat16)
    assert response_log_probs(model, [SHORT, LONG]).dtype == torch.float32


def test_a_context_in_common_goes_through_once() -> None:
    context = tuple(range(20, 40))
    group = [TokenSequence(context, (n, n + 1, n + 2)) for n in (50, 60, 70, 80)]
    model = tiny_llama()
    expected = torch.cat([token_log_probs(model, [sequence]) for sequence in group])
    read: list[int] = []
    model.model.embed_tokens.register_forward_hook(lambda _, ids, __: read.append(ids[0].numel()))
    torch.testing.assert_close(token_log_probs(model, group), expected, rtol=1e-5, atol=1e-5)
    # The last token of a response is not read: it predicts nothing.
    assert read == [rounded(20 + 4 * 2, torch.device("cpu"))]


def test_many_sequences_go_through_in_passes_and_come_back_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = tiny_llama()
    sequences = [SHORT, LONG, TokenSequence((9, 8), (7,)), LONG, TokenSequence((5,), (6, 1))]
    expected = token_scores(model, sequences, collision=True)
    read: list[int] = []
    model.model.embed_tokens.register_forward_hook(lambda _, ids, __: read.append(ids[0].numel()))
    monkeypatch.setattr(log_probs, "TOKENS_PER_PASS", 13)
    with torch.no_grad():
        found = token_scores(model, sequences, collision=True)
    assert read == [rounded(n, torch.device("cpu")) for n in (6, 12, 2 + 2)]  # LONG once
    torch.testing.assert_close(found.log_probs, expected.log_probs)
    torch.testing.assert_close(found.log_collision, expected.log_collision)


def test_the_chance_that_two_draws_agree() -> None:
    model = tiny_llama()
    ids = torch.tensor([SHORT.context + SHORT.response])
    probabilities = model(input_ids=ids).logits[0, 3:6].softmax(dim=-1)
    found = token_scores(model, [SHORT], collision=True).log_collision
    assert found is not None
    torch.testing.assert_close(found, probabilities.square().sum(dim=-1).log())
    assert token_scores(model, [SHORT]).log_collision is None


def test_faster_layers_change_rounding_only() -> None:
    model = tiny_llama().requires_grad_(False)
    with torch.inference_mode():
        expected = response_log_probs(model, [SHORT, LONG])
        use_fast_layers(model)
        torch.testing.assert_close(response_log_probs(model, [SHORT, LONG]), expected)


def test_an_adapter_acts_when_it_is_on() -> None:
    plain = tiny_llama()
    expected = response_log_probs(plain, [SHORT, LONG])
    model = get_peft_model(
        tiny_llama(), LoraConfig(target_modules="all-linear", init_lora_weights=False)
    )
    assert not torch.allclose(response_log_probs(model, [SHORT, LONG]), expected, atol=1e-3)
    with model.disable_adapter():
        torch.testing.assert_close(response_log_probs(model, [SHORT, LONG]), expected)


def test_a_cap_on_the_logits_is_kept() -> None:
    torch.manual_seed(0)
    model = Gemma2ForCausalLM(
        Gemma2Config(
            vocab_size=300,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            final_logit_softcapping=0.5,
            attn_implementation="eager",
        )
    ).eval()
    torch.testing.assert_close(
        token_log_probs(model, [LONG]), textbook(model, LONG), rtol=1e-5, atol=1e-5
    )


def test_nothing_to_score_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no sequences"):
        response_log_probs(tiny_llama(), [])
    with pytest.raises(InvalidInputError, match="at least one token"):
        TokenSequence(context=(3,), response=())
