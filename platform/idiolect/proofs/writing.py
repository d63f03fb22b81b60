"""Texts that a language model draws in many conversations at once."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from transformers import DynamicCache

from idiolect.engine.chat import encode_context
from idiolect.engine.generation import Decoding, draw
from idiolect.engine.loading import LoadedModel
from idiolect.preference.pairs import Messages

_ROWS = 72
"""How many texts are drawn at a time."""

_GOING_SHARE = 0.75
"""Rows that have ended leave once no more than this share goes on: leaving one by one would copy
the others' cache too often."""


def write(
    loaded: LoadedModel,
    contexts: Sequence[Messages],
    decoding: Decoding,
    acting: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> list[list[str]]:
    """What ``engine.generation`` draws, for several conversations in one batch.

    A conversation goes through the model once, whatever the number of replies to it, and rows that
    have ended leave the batch.

    Args:
        loaded: the model that writes.
        contexts: conversations that end with the user's message.
        decoding: how tokens are drawn; with a seed, and without strings to stop at.
        acting: makes the context in which the model runs, such as an adapter switched on.

    Returns:
        For each conversation as many texts as ``decoding.replies``; where a model ends its turn at
        once, an empty one.
    """
    generator = torch.Generator(loaded.model.device).manual_seed(decoding.seed or 0)
    prompts = [encode_context(loaded.tokenizer, context) for context in contexts]
    # Conversations of about one length together have less padding.
    order = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
    at_once = max(1, _ROWS // decoding.replies)
    written: dict[int, list[str]] = {}
    for start in range(0, len(order), at_once):
        places = order[start : start + at_once]
        with acting(), torch.inference_mode():
            rows = _drawn(loaded, [prompts[place] for place in places], decoding, generator)
        texts = loaded.tokenizer.batch_decode(rows, skip_special_tokens=True)
        for number, place in enumerate(places):
            first = number * decoding.replies
            written[place] = texts[first : first + decoding.replies]
    return [written[place] for place in range(len(prompts))]


def _drawn(
    loaded: LoadedModel,
    prompts: Sequence[Sequence[int]],
    decoding: Decoding,
    generator: torch.Generator,
) -> list[list[int]]:
    """The tokens of every reply to every prompt, without those that end it."""
    batch = _Batch(loaded, prompts, decoding, generator)
    replies: list[list[int]] = [[] for _ in range(len(prompts) * decoding.replies)]
    places = list(range(len(replies)))
    ended: set[int] = set()
    room = loaded.context_tokens - max(map(len, prompts))
    for _ in range(min(decoding.max_tokens, room)):
        for place, token in zip(places, batch.next_tokens(), strict=True):
            if place in ended:
                continue
            if token in loaded.end_tokens:
                ended.add(place)
            else:
                replies[place].append(token)
        going = [row for row, place in enumerate(places) if place not in ended]
        if not going:
            break
        if len(going) <= _GOING_SHARE * len(places):
            batch.keep(going)
            places = [places[row] for row in going]
    return replies


class _Batch:
    """Rows that are being written, padded on the left, and the cache before them."""

    def __init__(
        self,
        loaded: LoadedModel,
        prompts: Sequence[Sequence[int]],
        decoding: Decoding,
        generator: torch.Generator,
    ) -> None:
        self._model = loaded.model
        self._decoding = decoding
        self._generator = generator
        self._cache = DynamicCache(config=loaded.model.config)
        width = max(map(len, prompts))
        device = loaded.model.device
        self._input = torch.tensor(
            [[0] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=device
        )
        self._mask = torch.tensor(
            [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device
        )
        self._begun = False

    def next_tokens(self) -> list[int]:
        """Draws the next token of every row."""
        positions = (self._mask.cumsum(1) - 1).clamp(min=0)[:, -self._input.shape[1] :]
        output = self._model(
            input_ids=self._input,
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: Tensor = output.logits[:, -1].float()
        if not self._begun:
            self._begun = True
            replies = self._decoding.replies
            self._cache.batch_repeat_interleave(replies)
            self._mask = self._mask.repeat_interleave(replies, dim=0)
            logits = logits.repeat_interleave(replies, dim=0)
        tokens = draw(logits, self._decoding.temperature, self._decoding.top_p, self._generator)
        self._input = tokens[:, None]
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(tokens), 1)], dim=1)
        drawn: list[int] = tokens.tolist()
        return drawn

    def keep(self, rows: Sequence[int]) -> None:
        """Goes on with these rows only."""
        index = torch.tensor(rows, device=self._input.device)
        self._input, self._mask = self._input[index], self._mask[index]
        self._cache.batch_select_indices(index)
