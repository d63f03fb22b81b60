"""Computed prefixes: the same tokens with and without, whatever is known of a prompt."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import MistralConfig, MistralForCausalLM

from idiolect.engine import generation
from idiolect.engine.chat import encode_context, encode_head, shared_beginning
from idiolect.engine.generation import Decoding, generate, keeps_blocks
from idiolect.engine.loading import LoadedModel
from idiolect.engine.prefix_files import Origin, read_blocks, read_tokens, write_prefix
from idiolect.engine.prefixes import BLOCK_TOKENS, Block, PrefixCache, Scope
from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_file
from tests.tiny_model import tiny_llama, tiny_tokenizer

MARA = Scope("usr_mara")
ORIGIN = Origin("base", "", "float32 on cpu")
HEAD = "Keep answers short. Use no lists and no emoji. Ask no questions at the end. " * 2


class Passes:
    """A tiny model, and the number of tokens in each of its passes."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        model = tiny_llama()
        self.tokens: list[int] = []
        model.register_forward_pre_hook(
            lambda _model, _args, kwargs: self.tokens.append(kwargs["input_ids"].shape[1]),
            with_kwargs=True,
        )
        self.loaded = LoadedModel(model, tiny_tokenizer(), frozenset(), context_tokens=512)

    def write(
        self, prompt: tuple[int, ...], cache: PrefixCache | None = None, scope: Scope = MARA
    ) -> str:
        self.tokens.clear()
        chain = cache.chain(scope, prompt[:-1]) if cache else None
        decoding = Decoding(max_tokens=24, temperature=0)
        return "".join(p.text for p in generate(self.loaded, prompt, decoding, chain=chain))

    def read(self) -> int:
        """How many tokens of the prompt were computed: all but the 23 one by one afterwards."""
        return sum(self.tokens) - 23


@pytest.fixture(scope="module")
def passes() -> Passes:
    return Passes()


def asking(text: str, system: str = HEAD) -> tuple[int, ...]:
    turns = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    return encode_context(tiny_tokenizer(), turns)


def random_block(seed: int) -> Block:
    """Two layers of two heads of width 8 in float32: 2 · 2 · 2 · 64 · 8 · 4 = 16,384 bytes."""
    generator = torch.Generator().manual_seed(seed)
    shape = (1, 2, BLOCK_TOKENS, 8)
    keys, values = (torch.randn(shape, generator=generator) for _ in range(2))
    return Block(((keys, values), (values, keys)))


def test_what_is_known_is_not_computed_again_and_the_reply_is_the_same(passes: Passes) -> None:
    cache = PrefixCache(1 << 30)
    prompt = asking("Why?")  # 161 tokens: two blocks and 33
    assert len(prompt) == 161
    whole = passes.write(prompt)
    assert passes.tokens[0] == 161
    first = passes.write(prompt, cache)
    assert passes.tokens[:3] == [64, 64, 33]
    again = passes.write(prompt, cache)
    assert passes.tokens[0] == 33
    assert whole == first == again


def test_logits_with_known_blocks_are_the_same_to_the_last_bit(
    passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    likeliest = generation.draw
    monkeypatch.setattr(
        generation, "draw", lambda logits, *rest: (seen.append(logits), likeliest(logits, *rest))[1]
    )
    cache = PrefixCache(1 << 30)
    passes.write(asking("Why not now?"), cache)
    passes.write(asking("Why not now?"), cache)
    assert len(seen) == 48
    for cold, warm in zip(seen[:24], seen[24:], strict=True):
        assert torch.equal(cold, warm)


def test_the_longest_known_beginning_serves_another_prompt(passes: Passes) -> None:
    """A talk that grows: only what is new in it, from the last whole block on, is computed."""
    cache = PrefixCache(1 << 30)
    first = asking("Why? " * 20)
    grown = (*first, *encode_context(tiny_tokenizer(), [{"role": "user", "content": "And now?"}]))
    passes.write(first, cache)
    expected = passes.write(grown)
    assert passes.write(grown, cache) == expected
    assert passes.read() == len(grown) - (len(first) - 1) // 64 * 64


@pytest.mark.parametrize("length", [1, 2, 63, 64, 65, 66, 128, 129, 300])
def test_any_length_is_read_to_its_end(passes: Passes, length: int) -> None:
    cache = PrefixCache(1 << 30)
    prompt = asking("x" * 400)[:length]
    expected = passes.write(prompt)
    for computed in (length, length - (length - 1) // 64 * 64):
        assert passes.write(prompt, cache) == expected
        assert passes.read() == computed


def test_nobody_finds_what_was_computed_for_another_or_under_another_adapter(
    passes: Passes,
) -> None:
    cache = PrefixCache(1 << 30)
    prompt = asking("Why?")
    passes.write(prompt, cache)
    for scope in (Scope("usr_ben"), Scope("usr_mara", "adp_1"), Scope("", "usr_mara")):
        passes.write(prompt, cache, scope)
        assert passes.read() == len(prompt)
    cache.forget("usr_mara")
    passes.write(prompt, cache)
    assert passes.read() == len(prompt)
    passes.write(prompt, cache, Scope("usr_ben"))  # theirs is still there
    assert passes.read() == len(prompt) - 128


def test_one_other_token_at_the_start_and_nothing_is_known(passes: Passes) -> None:
    cache = PrefixCache(1 << 30)
    passes.write(asking("Why?"), cache)
    other = asking("Why?", system=f"!{HEAD}")
    expected = passes.write(other)
    assert passes.write(other, cache) == expected
    assert passes.read() == len(other)


def test_the_memory_is_bounded_and_the_ends_of_what_is_oldest_go_first() -> None:
    cache = PrefixCache(4 * 16_384)
    tokens = {name: list(range(start, start + 192)) for name, start in (("a", 0), ("b", 1000))}
    chains = {name: cache.chain(MARA, ids) for name, ids in tokens.items()}
    for number in range(3):
        chains["a"].add(number, random_block(number))
    assert cache.nbytes == 3 * 16_384
    assert len(chains["a"].known()) == 3
    for number in range(2):
        chains["b"].add(number, random_block(number))
    assert cache.nbytes == 4 * 16_384
    assert len(chains["a"].known()) == 2  # its last block made room
    assert len(chains["b"].known()) == 2
    tiny = PrefixCache(100)
    tiny.chain(MARA, tokens["a"]).add(0, random_block(0))
    assert tiny.nbytes == 0


def test_a_file_gives_the_same_blocks_back(tmp_path: Path) -> None:
    tokens = list(range(128))
    written = [random_block(0), random_block(1)]
    file = write_prefix(tmp_path, ORIGIN, tokens, written)
    digest = sha256_file(file)
    assert read_tokens(file, digest) == tuple(tokens)
    read = read_blocks(file, digest, ORIGIN, torch.device("cpu"))
    for before, after in zip(written, read, strict=True):
        for one, other in zip(before.layers, after.layers, strict=True):
            assert torch.equal(one[0], other[0])
            assert torch.equal(one[1], other[1])


@pytest.mark.parametrize(
    "other",
    [
        Origin("another base", "", "float32 on cpu"),
        Origin("base", "an adapter", "float32 on cpu"),
        Origin("base", "", "float32 on cpu, products in bfloat16"),
    ],
)
def test_a_file_of_another_origin_is_refused(tmp_path: Path, other: Origin) -> None:
    file = write_prefix(tmp_path, ORIGIN, list(range(64)), [random_block(0)])
    with pytest.raises(InvalidInputError, match="another base model, adapter or processor"):
        read_blocks(file, sha256_file(file), other, torch.device("cpu"))


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    file = write_prefix(tmp_path, ORIGIN, list(range(64)), [random_block(0)])
    digest = sha256_file(file)
    tensors = load_file(file)
    tensors["keys.0"] += 1
    save_file(tensors, file, metadata={"key": ORIGIN.key([])})
    with pytest.raises(InvalidInputError, match="it was changed"):
        read_blocks(file, digest, ORIGIN, torch.device("cpu"))
    # With the hash of what is there now, the key still tells that it is of other tokens.
    with pytest.raises(InvalidInputError, match="another base model"):
        read_blocks(file, sha256_file(file), ORIGIN, torch.device("cpu"))
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_tokens(tmp_path / "gone.safetensors", digest)
    file.write_bytes(b"not safetensors")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_tokens(file, sha256_file(file))


def test_every_message_with_a_head_begins_with_its_tokens() -> None:
    tokenizer = tiny_tokenizer()
    head = encode_head(tokenizer, HEAD)
    assert len(head) == 1 + len(HEAD)  # the role, then a token a letter
    for rest in ("", "\n\nWhat you know about the user:\n- Mara rows.", "\n\n## Tea\nSteep it."):
        assert asking("Hi", HEAD + rest)[: len(head)] == head
    assert shared_beginning([[1, 2, 3], [1, 2], [1, 2, 4]]) == (1, 2)


def test_a_model_that_slides_a_window_reads_the_prompt_in_one_pass(passes: Passes) -> None:
    config = MistralConfig(
        vocab_size=len(tiny_tokenizer()),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=32,
        max_position_embeddings=512,
    )
    model = MistralForCausalLM(config).eval()
    assert not keeps_blocks(model)
    assert keeps_blocks(passes.loaded.model)
    cache = PrefixCache(1 << 30)
    prompt = asking("Why?")
    loaded = LoadedModel(model, tiny_tokenizer(), frozenset(), context_tokens=512)
    list(generate(loaded, prompt, Decoding(max_tokens=2), chain=cache.chain(MARA, prompt[:-1])))
    assert cache.nbytes == 0
