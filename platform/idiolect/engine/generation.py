"""Writing several replies to one conversation, token by token."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from idiolect.engine.gemm import has_fast_bf16
from idiolect.engine.loading import LoadedModel
from idiolect.engine.prefixes import BLOCK_TOKENS, Block, Chain
from idiolect.engine.text_stream import TextStream
from idiolect.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Decoding:
    """How tokens are drawn.

    Attributes:
        replies: how many are written at once.
        max_tokens: of each reply; fewer when the model's context ends before.
        temperature: 0 takes the likeliest token.
        top_p: only the likeliest tokens that together have this probability are drawn from.
        seed: equal seeds draw equal tokens; None draws anew.
        stop: a reply ends before the first of these strings.
    """

    replies: int = 1
    max_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 0.95
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """New text of one reply, and at its end the reason that it ended."""

    reply: int
    text: str
    finish_reason: Literal["stop", "length"] | None = None


def generate(
    loaded: LoadedModel,
    prompt: Sequence[int],
    decoding: Decoding,
    step: Callable[[], AbstractContextManager[object]] = nullcontext,
    chain: Chain | None = None,
) -> Iterator[Piece]:
    """Writes replies piece by piece, interleaved.

    The prompt goes through the model once, and its cache is then shared out to the replies; a
    reply that has ended leaves the batch. Closing the iterator stops the work.

    Args:
        loaded: the model that writes.
        prompt: token ids, up to where the replies begin.
        decoding: how tokens are drawn.
        step: makes the context in which each forward pass runs: a lock, an adapter switched on.
            It is left between the passes, so requests can take turns.
        chain: blocks with which the prompt begins, up to its last token at most: those that are
            known are not computed again, the others are added, and what is behind them is read at
            once; None reads the prompt in one pass.

    Raises:
        InvalidInputError: the prompt leaves no room for a reply (``CONTEXT_TOO_LONG``).
    """
    room = loaded.context_tokens - len(prompt)
    if room < 1:
        raise InvalidInputError(
            f"the conversation has {len(prompt)} tokens and the model takes"
            f" {loaded.context_tokens}",
            hint="Start a new conversation or send less text.",
            code="CONTEXT_TOO_LONG",
        )
    return _pieces(loaded, prompt, decoding, min(decoding.max_tokens, room), step, chain)


def read_blocks(
    loaded: LoadedModel,
    tokens: Sequence[int],
    chain: Chain,
    step: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> list[Block]:
    """Has every block of a text known, and gives them; none where ``keeps_blocks`` is false.

    Args:
        loaded: the model that reads.
        tokens: those of the chain.
        chain: the blocks.
        step: see ``generate``.
    """
    if not keeps_blocks(loaded.model):
        return []
    batch = _Batch(loaded, tokens, Decoding())
    return batch.read_blocks(chain, step)


def keeps_blocks(model: PreTrainedModel) -> bool:
    """Whether the model keeps the keys and values of all tokens, so that blocks can be taken out.

    One that slides a window over them, or remembers in a state, does not.
    """
    return all(type(layer) is DynamicLayer for layer in DynamicCache(config=model.config).layers)


def numerics(model: PreTrainedModel) -> str:
    """In what a model computes prompts here: its keys and values elsewhere may differ in rounding.

    >>> numerics(model)
    'float32 on cpu, products in bfloat16'
    """
    place = f"{str(model.dtype).removeprefix('torch.')} on {model.device.type}"
    return f"{place}, products in bfloat16" if _multiplies_in_bf16(model) else place


def _pieces(
    loaded: LoadedModel,
    prompt: Sequence[int],
    decoding: Decoding,
    max_tokens: int,
    step: Callable[[], AbstractContextManager[object]],
    chain: Chain | None,
) -> Iterator[Piece]:
    batch = _Batch(loaded, prompt, decoding)
    if chain is not None and keeps_blocks(loaded.model):
        batch.read_blocks(chain, step)
    streams = [TextStream(loaded.tokenizer, decoding.stop) for _ in range(decoding.replies)]
    active = list(range(decoding.replies))
    for count in range(1, max_tokens + 1):
        with step(), torch.inference_mode():
            tokens = batch.next_tokens()
        going_on: list[int] = []
        for row, (reply, token) in enumerate(zip(active, tokens, strict=True)):
            stream = streams[reply]
            ended = token in loaded.end_tokens
            text = "" if ended else stream.push(token)
            if ended or stream.stopped:
                yield Piece(reply, text + stream.finish(), "stop")
            elif count == max_tokens:
                yield Piece(reply, text + stream.finish(), "length")
            else:
                going_on.append(row)
                if text:
                    yield Piece(reply, text)
        if not going_on:
            return
        if len(going_on) < len(active):
            batch.keep(going_on)
            active = [active[row] for row in going_on]


class _Batch:
    """The replies that are being written: their last tokens and the cache before them."""

    def __init__(self, loaded: LoadedModel, prompt: Sequence[int], decoding: Decoding) -> None:
        self._model = loaded.model
        self._decoding = decoding
        self._cache = DynamicCache(config=loaded.model.config)
        self._input = torch.tensor([list(prompt)], device=loaded.model.device)
        self._begun = False
        self._generator = torch.Generator(loaded.model.device)
        if decoding.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(decoding.seed % 2**63)

    def read_blocks(
        self, chain: Chain, step: Callable[[], AbstractContextManager[object]]
    ) -> list[Block]:
        """Reads the prompt up to the chain's end, its unknown blocks one by one; gives them all."""
        blocks = chain.known()
        for layer, parts in enumerate(zip(*(block.layers for block in blocks), strict=True)):
            with torch.inference_mode():
                keys, values = (torch.cat(tensors, dim=-2) for tensors in zip(*parts, strict=True))
                self._cache.update(keys, values, layer)
        self._input = self._input[:, len(blocks) * BLOCK_TOKENS :]
        for number in range(len(blocks), chain.count):
            with step(), torch.inference_mode():
                self._pass(self._input[:, :BLOCK_TOKENS])
                self._input = self._input[:, BLOCK_TOKENS:]
                blocks.append(self._last_block())
            chain.add(number, blocks[-1])
        return blocks

    def _last_block(self) -> Block:
        layers = self._cache.layers
        return Block(
            tuple(
                (_end_of(layer.keys), _end_of(layer.values))
                for layer in layers
                if isinstance(layer, DynamicLayer)
            )
        )

    def next_tokens(self) -> list[int]:
        """Draws the next token of every reply."""
        logits = self._pass(self._input)
        if not self._begun:
            self._begun = True
            self._cache.batch_repeat_interleave(self._decoding.replies)
            logits = logits.expand(self._decoding.replies, -1)
        tokens = draw(logits, self._decoding.temperature, self._decoding.top_p, self._generator)
        self._input = tokens[:, None]
        drawn: list[int] = tokens.tolist()
        return drawn

    def _pass(self, tokens: Tensor) -> Tensor:
        """The logits [rows, vocabulary] behind these tokens, which are in the cache then."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self._in_bf16(tokens)):
            output = self._model(
                input_ids=tokens, past_key_values=self._cache, use_cache=True, logits_to_keep=1
            )
        logits: Tensor = output.logits[:, -1].float()
        return logits

    def _in_bf16(self, tokens: Tensor) -> bool:
        """Whether float32 weights are to be multiplied in bfloat16 in a pass over these tokens.

        A prompt takes 0.55 of the time then (300 to 1,000 tokens of the bundled model, one core of
        an EPYC with AVX-512 BF16). The passes after it, of one token a reply, wait for the weights
        and take 1.1 to 1.4 times as long with bfloat16 weights, so they stay as they are.
        """
        return tokens.shape[1] >= _BF16_MIN_TOKENS and _multiplies_in_bf16(self._model)

    def keep(self, rows: list[int]) -> None:
        """Goes on with these rows only."""
        index = torch.tensor(rows, device=self._input.device)
        self._input = self._input[index]
        self._cache.batch_select_indices(index)


def _multiplies_in_bf16(model: PreTrainedModel) -> bool:
    is_float32_on_cpu = model.device.type == "cpu" and model.dtype == torch.float32
    return is_float32_on_cpu and has_fast_bf16(model.device)


def _end_of(tensor: Tensor | None) -> Tensor:
    """A copy of the last block's part, which holds on to nothing before it."""
    if tensor is None:
        raise RuntimeError("a layer of the cache is empty after a pass")
    return tensor[:, :, -BLOCK_TOKENS:].clone()


_BF16_MIN_TOKENS = 64
"""In shorter prompts the conversions cost what the products save."""


def draw(logits: Tensor, temperature: float, top_p: float, generator: torch.Generator) -> Tensor:
    """Draws one token a row from the nucleus (Holtzman et al. 2020, section 3.1).

    The nucleus is the smallest set of likeliest tokens whose probability reaches ``top_p``. Those
    below (1 - top_p) / vocabulary have less than 1 - top_p together, so none of them is in it, and
    only the others, mostly some hundred, are put in order.

    One is drawn by a race, argmax p_i / e_i with e_i ~ Exp(1), which i wins with probability p_i.
    Every place of the vocabulary has its e_i, so a seed draws the same however many are in order.

    Args:
        logits: [rows, vocabulary].
        temperature: divides the logits; 0 takes the likeliest token.
        top_p: in (0, 1].
        generator: the source of randomness, on the logits' device.

    Returns:
        Token ids [rows].
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    probabilities = torch.softmax(logits / temperature, dim=-1)
    race = torch.empty_like(probabilities).exponential_(generator=generator)
    least = (1 - top_p) / probabilities.shape[-1] / 2  # half, whatever rounding says
    candidates = (probabilities >= least).any(dim=0).nonzero().squeeze(1)
    ordered, order = probabilities[:, candidates].sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(dim=-1) - ordered
    nucleus = ordered.masked_fill(before >= top_p, 0.0)
    nucleus[:, 0] = ordered[:, 0]  # the likeliest stays, whatever rounding says
    winner = (nucleus / race[:, : len(candidates)]).argmax(dim=-1, keepdim=True)
    return candidates[order.gather(1, winner).squeeze(1)]
