"""A chat model with a LoRA adapter; its reference is itself with the adapter off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from peft import (
    LoraConfig,
    PeftModel,
    get_peft_model,
    get_peft_model_state_dict,
    set_peft_model_state_dict,
)
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from idiolect.engine.activations import prepare_training
from idiolect.engine.chat import encode_context, encode_response, encode_text, end_of_turn
from idiolect.engine.fast_layers import FrozenLinear, use_fast_layers
from idiolect.engine.log_probs import TokenScores, TokenSequence, token_scores
from idiolect.engine.planning import TOKENS_PER_PASS, packed_tokens, plan_passes
from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.columns import Side
from idiolect.preference.objective import Needs
from idiolect.preference.pairs import Context
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.anchors import AnchorCache

PASS_BYTES = 2 << 30
"""Enough for 4096 tokens of a model of 100 million parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraShape:
    """A plain LoRA (Hu et al. 2021, section 4.1): W x + (alpha / rank) B A x, on every linear
    projection but the output head; B starts at zero, so the policy starts as its reference.
    """

    rank: int
    alpha: int
    dropout: float = 0.0


class AdaptedLm(Protocol):
    """A frozen language model and the one adapter that is trained on it."""

    @property
    def base(self) -> PreTrainedModel:
        """The model without the adapter."""
        ...

    def train(self, train: bool) -> None:
        """Whether dropout acts from now on."""
        ...

    def scores(self, samples: Sequence[TokenSequence], *, collision: bool) -> TokenScores:
        """As ``engine.log_probs.token_scores``, under the adapter unless it is off."""
        ...

    def off(self) -> AbstractContextManager[None]:
        """The adapter does not act within the block."""
        ...

    def parameters(self) -> list[nn.Parameter]:
        """The adapter's weights, always in the same order."""
        ...

    def state_dict(self) -> dict[str, Tensor]:
        """The adapter's weights as PEFT names them in a file."""
        ...

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Puts them back."""
        ...


class PeftLm:
    """A PEFT model with one LoRA adapter; implements ``AdaptedLm``."""

    def __init__(self, model: PeftModel) -> None:
        self.model = model

    @property
    def base(self) -> PreTrainedModel:
        return cast(PreTrainedModel, self.model.get_base_model())

    def train(self, train: bool) -> None:
        if self.model.training is not train:  # it walks through every module
            self.model.train(train)

    def scores(self, samples: Sequence[TokenSequence], *, collision: bool) -> TokenScores:
        return token_scores(self.model, samples, collision=collision)

    def off(self) -> AbstractContextManager[None]:
        return self.model.disable_adapter()

    def parameters(self) -> list[nn.Parameter]:
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    def state_dict(self) -> dict[str, Tensor]:
        return dict(get_peft_model_state_dict(self.model))

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        set_peft_model_state_dict(self.model, dict(state))


def with_lora(model: PreTrainedModel, shape: LoraShape, *, seed: int) -> PeftLm:
    """Freezes a model and puts a fresh adapter on it; A's random values follow from ``seed``."""
    config = LoraConfig(
        r=shape.rank,
        lora_alpha=shape.alpha,
        lora_dropout=shape.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        adapted = get_peft_model(model, config)
    frozen = [layer for layer in model.modules() if isinstance(layer, FrozenLinear)]
    use_fast_layers(adapted, bf16=any(layer.bf16 for layer in frozen))  # as the model has it
    return PeftLm(adapted)


def encode_sample(
    tokenizer: PreTrainedTokenizerBase, context: Context, sample: str
) -> TokenSequence:
    """A reply's tokens, end of turn included, after those of its context.

    A sample that goes on with an assistant's message is a part of a turn and does not end it.

    Raises:
        InvalidInputError: the tokenizer has no chat template, or there are no messages.
    """
    if isinstance(context[0], int):
        words = encode_text(tokenizer, sample)
        return TokenSequence(context, (*words, end_of_turn(tokenizer)))
    if context[-1]["role"] == "assistant":
        before = encode_context(tokenizer, context[:-1])
        begun = encode_text(tokenizer, context[-1]["content"])
        return TokenSequence((*before, *begun), encode_text(tokenizer, sample))
    return encode_response(tokenizer, context, sample)


class CausalLmPolicy:
    """Whole replies of a chat model as samples; implements ``Policy``.

    Args:
        lm: a causal language model with one LoRA adapter.
        tokenizer: its tokenizer, with a chat template.
        max_length_tokens: the longest conversation, reply included, that is taken.
        pass_bytes: memory for what a forward pass keeps for the backward one; less takes more
            time and changes rounding only.
    """

    gives_log_probs = True

    def __init__(
        self,
        lm: AdaptedLm,
        tokenizer: PreTrainedTokenizerBase,
        *,
        max_length_tokens: int,
        pass_bytes: int = PASS_BYTES,
    ) -> None:
        self.lm = lm
        self._pass_bytes = pass_bytes
        self._tokens_per_pass = TOKENS_PER_PASS
        self._tokenizer = tokenizer
        self._max_length_tokens = max_length_tokens
        self._anchors = AnchorCache()
        self._frozen: dict[str, dict[str, Tensor]] = {}

    def encode(self, context: Context, sample: str) -> TokenSequence:
        """As ``encode_sample``.

        Raises:
            InvalidInputError: together they are longer than ``max_length_tokens``; nothing is
                ever cut away unseen.
        """
        sequence = encode_sample(self._tokenizer, context, sample)
        if len(sequence) > self._max_length_tokens:
            raise InvalidInputError(
                f"a conversation of {len(sequence)} tokens is longer than the limit of"
                f" {self._max_length_tokens}",
                hint="Raise max_length_tokens in the recipe, or leave the pair out.",
                code="TOO_LONG",
            )
        return sequence

    def size(self, encoded: TokenSequence) -> int:
        return len(encoded)

    def prepare(self, examples: Iterable[Sequence[TokenSequence]]) -> None:
        """
        Raises:
            InvalidInputError: one of them needs more memory than a pass may take.
        """
        self._tokens_per_pass = prepare_training(
            self.lm.base,
            largest_example_tokens=max(map(packed_tokens, examples)),
            limit_bytes=self._pass_bytes,
        )

    def passes(self, examples: Sequence[Sequence[TokenSequence]]) -> list[list[int]]:
        return plan_passes(examples, self._tokens_per_pass)

    def under(self, context_of: TokenSequence, sample: TokenSequence) -> TokenSequence:
        return TokenSequence(context_of.context, sample.response)

    def freeze(self, name: str) -> None:
        self._frozen[name] = {
            key: tensor.detach().clone() for key, tensor in self.state_dict().items()
        }

    def anchor(self, samples: Iterable[TokenSequence], names: Iterable[str]) -> None:
        by_key = {_key(sample): sample for sample in samples}
        for name in names:
            keys = self._anchors.missing(name, by_key)
            if not keys:
                continue
            values = self.anchor_log_probs([by_key[key] for key in keys], name)
            for key, tokens in zip(keys, values, strict=True):
                self._anchors.put(name, key, tokens)

    def anchor_log_probs(
        self, samples: Sequence[TokenSequence], name: str = REFERENCE
    ) -> list[Tensor]:
        """Each sample's log-probabilities under an anchor, float32 ``[tokens]``, in nats.

        Raises:
            KeyError: no policy was frozen under that name.
        """
        self.lm.train(False)
        lengths = [len(sample.response) for sample in samples]
        with torch.no_grad(), self._as(name):
            scores = self.lm.scores(samples, collision=False)
            return list(torch.split(scores.log_probs, lengths))

    @contextmanager
    def _as(self, name: str) -> Iterator[None]:
        if name == REFERENCE:
            with self.lm.off():
                yield
            return
        present = {key: tensor.detach().clone() for key, tensor in self.state_dict().items()}
        self.load_state_dict(self._frozen[name])
        try:
            yield
        finally:
            self.load_state_dict(present)

    def side(
        self,
        samples: Sequence[TokenSequence],
        rewards: Sequence[float],
        needs: Needs,
        *,
        train: bool,
    ) -> Side:
        self.anchor(samples, needs.anchors)
        self.lm.train(train)
        with torch.set_grad_enabled(train):
            scores = self.lm.scores(samples, collision=needs.collision)
        return self.side_of(samples, scores, rewards, needs)

    def side_of(
        self,
        samples: Sequence[TokenSequence],
        scores: TokenScores,
        rewards: Sequence[float],
        needs: Needs,
    ) -> Side:
        """The columns of samples that are scored already."""
        self.anchor(samples, needs.anchors)
        lengths = [len(sample.response) for sample in samples]
        values, collision = scores.log_probs, scores.log_collision
        keys = [_key(sample) for sample in samples]
        return Side(
            policy=_padded(torch.split(values, lengths)),
            anchors={
                name: _padded(self._anchors.get(name, keys)).to(values.device)
                for name in needs.anchors
            },
            tokens=values.new_tensor(lengths),
            reward=values.new_tensor(rewards),
            collision=None if collision is None else _padded(torch.split(collision, lengths)),
        )

    def parameters(self) -> list[nn.Parameter]:
        return self.lm.parameters()

    def state_dict(self) -> dict[str, Tensor]:
        return self.lm.state_dict()

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self.lm.load_state_dict(state)

    def anchor_state(self) -> dict[str, Tensor]:
        return self._anchors.state_dict()

    def load_anchor_state(self, state: Mapping[str, Tensor]) -> None:
        self._anchors.load_state_dict(state)


def _padded(parts: Sequence[Tensor]) -> Tensor:
    return pad_sequence(list(parts), batch_first=True)


def _key(sequence: TokenSequence) -> str:
    return sha256_json([sequence.context, sequence.response])
