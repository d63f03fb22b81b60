"""Many conversations written at once give what each gives by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from transformers import LlamaForCausalLM

from idiolect.engine.chat import encode_context, encode_text
from idiolect.engine.generation import Decoding, generate
from idiolect.engine.loading import LoadedModel
from idiolect.preference.pairs import Messages
from idiolect.proofs.writing import write
from tests.tiny_model import tiny_llama, tiny_tokenizer

torch.set_num_threads(1)

GREEDY = Decoding(max_tokens=40, temperature=0.0)
CONTEXTS: tuple[Messages, ...] = tuple(
    ({"role": "user", "content": text},) for text in ("Hi", "How do I bake a loaf?", "And tea?")
)


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    """A tiny model that does not repeat itself, and ends its turn with every tenth token."""
    config = tiny_llama().config
    config.tie_word_embeddings, config.initializer_range = False, 0.2
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = LlamaForCausalLM(config).eval()
    ends = frozenset(range(0, config.vocab_size, 10))
    return LoadedModel(model, tiny_tokenizer(), ends, context_tokens=512)


def alone(loaded: LoadedModel, context: Messages, decoding: Decoding) -> str:
    prompt = encode_context(loaded.tokenizer, context)
    return "".join(piece.text for piece in generate(loaded, prompt, decoding))


def test_padding_and_neighbors_change_no_word(loaded: LoadedModel) -> None:
    expected = [alone(loaded, context, GREEDY) for context in CONTEXTS]
    # One row leaves the batch while the others go on, and one goes on to the limit.
    lengths = [len(encode_text(loaded.tokenizer, text)) for text in expected]
    assert write(loaded, CONTEXTS, GREEDY) == [[text] for text in expected]
    assert len(set(lengths)) == len(CONTEXTS)


def test_there_are_as_many_replies_as_asked_for_in_the_order_of_the_conversations(
    loaded: LoadedModel,
) -> None:
    decoding = Decoding(replies=3, max_tokens=12, temperature=0.0)
    expected = [alone(loaded, context, replace(decoding, replies=1)) for context in CONTEXTS]
    assert write(loaded, CONTEXTS, decoding) == [[text] * 3 for text in expected]


def test_a_seed_draws_the_same_again_and_another_one_other_texts(loaded: LoadedModel) -> None:
    one, again, other = (
        write(loaded, CONTEXTS, Decoding(replies=2, max_tokens=12, temperature=1.0, seed=seed))
        for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other


def test_what_acts_is_on_while_the_model_runs(loaded: LoadedModel) -> None:
    acted = []

    @contextmanager
    def acting() -> Iterator[None]:
        acted.append("on")
        yield
        acted.append("off")

    write(loaded, CONTEXTS, GREEDY, acting)
    assert acted == ["on", "off"]
