"""Generation with a cache against plain forward passes, on a tiny random Llama."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import nn

from idiolect.engine import generation
from idiolect.engine.chat import encode_context
from idiolect.engine.generation import Decoding, draw, generate
from idiolect.engine.loading import LoadedModel, choose_device, load_model
from idiolect.errors import InvalidInputError, NotReadyError
from tests.tiny_model import save_tiny_model, tiny_llama, tiny_tokenizer

END = 1


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    torch.set_num_threads(1)
    return LoadedModel(tiny_llama(), tiny_tokenizer(), frozenset({END}), context_tokens=512)


@pytest.fixture(scope="module")
def prompt() -> tuple[int, ...]:
    return encode_context(tiny_tokenizer(), [{"role": "user", "content": "Hello?"}])


def replies(loaded: LoadedModel, prompt: tuple[int, ...], decoding: Decoding) -> list[str]:
    texts = [""] * decoding.replies
    for piece in generate(loaded, prompt, decoding):
        texts[piece.reply] += piece.text
    return texts


def test_greedy_is_the_likeliest_token_of_a_pass_without_cache(
    loaded: LoadedModel, prompt: tuple[int, ...]
) -> None:
    tokens = list(prompt)
    for _ in range(24):
        with torch.no_grad():
            tokens.append(int(loaded.model(torch.tensor([tokens])).logits[0, -1].argmax()))
    ended = tokens.index(END, len(prompt)) if END in tokens[len(prompt) :] else None
    expected = loaded.tokenizer.decode(tokens[len(prompt) : ended], skip_special_tokens=True)
    assert replies(loaded, prompt, Decoding(max_tokens=24, temperature=0)) == [expected]


def test_equal_seeds_write_equal_replies(loaded: LoadedModel, prompt: tuple[int, ...]) -> None:
    def drawn(seed: int) -> list[str]:
        return replies(loaded, prompt, Decoding(replies=3, max_tokens=40, seed=seed))

    first = drawn(7)
    assert drawn(7) == first
    assert drawn(8) != first
    assert len(set(first)) == 3


def test_a_reply_that_ends_leaves_the_batch(prompt: tuple[int, ...]) -> None:
    model = tiny_llama()
    rows: list[int] = []
    model.register_forward_pre_hook(
        lambda _model, _args, kwargs: rows.append(kwargs["input_ids"].shape[0]), with_kwargs=True
    )
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([list(prompt)])).logits[:, -1].expand(3, -1)
    first = draw(logits, 1.0, 1.0, torch.Generator().manual_seed(3)).tolist()
    assert len(set(first)) == 3
    rows.clear()
    ending = LoadedModel(model, tiny_tokenizer(), frozenset(first[:2]), context_tokens=512)
    decoding = Decoding(replies=3, max_tokens=3, temperature=1.0, top_p=1.0, seed=3)
    ends = [p for p in generate(ending, prompt, decoding) if p.finish_reason]
    assert [(p.reply, p.text, p.finish_reason) for p in ends[:2]] == [
        (0, "", "stop"),
        (1, "", "stop"),
    ]
    assert rows == [1, 1, 1]  # the prompt, then the one reply that goes on


def test_a_stop_string_and_the_length_end_a_reply(
    loaded: LoadedModel, prompt: tuple[int, ...]
) -> None:
    decoding = Decoding(max_tokens=30, temperature=0)
    [whole] = replies(loaded, prompt, decoding)
    stop = whole[3:5]
    stopped = list(generate(loaded, prompt, Decoding(max_tokens=30, temperature=0, stop=(stop,))))
    assert "".join(piece.text for piece in stopped) == whole[: whole.index(stop)]
    assert [p.finish_reason for p in stopped if p.finish_reason] == ["stop"]
    short = list(generate(loaded, prompt, Decoding(max_tokens=2, temperature=0)))
    assert short[-1].finish_reason == "length"


def test_the_context_bounds_a_reply(prompt: tuple[int, ...]) -> None:
    narrow = LoadedModel(
        tiny_llama(), tiny_tokenizer(), frozenset(), context_tokens=len(prompt) + 3
    )
    pieces = list(generate(narrow, prompt, Decoding(temperature=0)))
    assert pieces[-1].finish_reason == "length"
    assert len(pieces) <= 3
    with pytest.raises(InvalidInputError) as caught:
        generate(narrow, (*prompt, 5, 5, 5), Decoding())
    assert caught.value.reason_code == "CONTEXT_TOO_LONG"


def test_closing_the_iterator_stops_the_work(loaded: LoadedModel, prompt: tuple[int, ...]) -> None:
    passes = 0

    @contextmanager
    def counted() -> Iterator[None]:
        nonlocal passes
        passes += 1
        yield

    decoding = Decoding(max_tokens=400, temperature=1.0, seed=0)
    endless = LoadedModel(loaded.model, loaded.tokenizer, frozenset(), context_tokens=512)
    pieces = generate(endless, prompt, decoding, counted)
    next(pieces)
    after_one = passes
    pieces.close()
    assert passes == after_one < 10


@pytest.mark.parametrize(
    ("words", "has_bf16", "first"),
    [(20, True, torch.bfloat16), (20, False, torch.float32), (1, True, torch.float32)],
)
def test_a_long_prompt_alone_is_read_in_bfloat16_where_that_is_fast(
    monkeypatch: pytest.MonkeyPatch, words: int, has_bf16: bool, first: torch.dtype
) -> None:
    monkeypatch.setattr(generation, "has_fast_bf16", lambda _: has_bf16)
    model = tiny_llama()
    computed: list[torch.dtype] = []
    nn.Module.get_submodule(model, "model.layers.0.mlp.gate_proj").register_forward_hook(
        lambda _module, _inputs, output: computed.append(output.dtype)
    )
    prompt = encode_context(tiny_tokenizer(), [{"role": "user", "content": "Why? " * words}])
    endless = LoadedModel(model, tiny_tokenizer(), frozenset(), context_tokens=512)
    replies(endless, prompt, Decoding(replies=2, max_tokens=3, seed=0))
    assert computed == [first, torch.float32, torch.float32]


def test_the_nucleus_is_the_smallest_set_that_reaches_top_p() -> None:
    # Probabilities 0.5, 0.3, 0.15, 0.05: 0.5 + 0.3 reaches 0.8, so two tokens remain.
    logits = torch.log(torch.tensor([[0.15, 0.5, 0.05, 0.3]])).expand(2000, -1)
    drawn = draw(logits, 1.0, 0.8 - 1e-4, torch.Generator().manual_seed(0))
    assert set(drawn.tolist()) == {1, 3}
    # Within the nucleus the odds stay 0.5 to 0.3, so token 1 comes with 0.625 +- 4 sigma (0.043).
    assert (drawn == 1).float().mean().item() == pytest.approx(0.625, abs=0.043)


@pytest.mark.parametrize("top_p", [1e-6, 0.3, 0.95, 1.0])
def test_ordering_a_part_of_the_vocabulary_draws_as_ordering_all_of_it(top_p: float) -> None:
    logits = 4 * torch.randn(64, 500, generator=torch.Generator().manual_seed(1))
    logits[1] = 0.0  # all tokens alike

    def drawn_from_all(generator: torch.Generator) -> torch.Tensor:
        ordered, tokens = torch.softmax(logits, dim=-1).sort(descending=True, stable=True)
        beyond = ordered.cumsum(dim=-1) - ordered >= top_p
        beyond[:, 0] = False
        chosen = torch.multinomial(ordered.masked_fill(beyond, 0.0), 1, generator=generator)
        return tokens.gather(1, chosen).squeeze(1)

    first, second = torch.Generator().manual_seed(2), torch.Generator().manual_seed(2)
    for _ in range(20):
        assert torch.equal(draw(logits, 1.0, top_p, first), drawn_from_all(second))


def test_temperature_divides_the_logits() -> None:
    # Odds of 4 to 1 at temperature 2 are odds of 2 to 1.
    logits = torch.log(torch.tensor([[0.8, 0.2]])).expand(2000, -1)
    drawn = draw(logits, 2.0, 1.0, torch.Generator().manual_seed(0))
    assert (drawn == 0).float().mean().item() == pytest.approx(2 / 3, abs=0.042)
    assert draw(logits, 0, 1.0, torch.Generator()).unique().tolist() == [0]


def test_loading_a_folder(tmp_path) -> None:
    loaded = load_model(save_tiny_model(tmp_path), "cpu")
    assert loaded.end_tokens == {END}
    assert loaded.context_tokens == 512
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
    # The fast layers of training cost a reply more than they save.
    kinds = {type(layer) for layer in loaded.model.modules() if isinstance(layer, nn.Linear)}
    assert kinds == {nn.Linear}


def test_a_model_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(NotReadyError, match="nothing-here cannot be loaded"):
        load_model(tmp_path / "nothing-here", "cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_missing_gpu_is_named() -> None:
    assert choose_device("auto").type == "cpu"
    with pytest.raises(NotReadyError, match="no GPU"):
        choose_device("cuda")
