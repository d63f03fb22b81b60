"""A chat model with a LoRA adapter; its reference is itself with the adapter off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

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

from idiolect.engine.chat import encode_context, encode_response, encode_text, end_of_turn
from idiolect.engine.fast_layers import use_fast_layers
from idiolect.engine.log_probs import TokenSequence, token_log_probs, token_scores
from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.columns import Side
from idiolect.preference.objective import Needs
from idiolect.preference.pairs import Context
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.anchors import AnchorCache


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraShape:
    """A plain LoRA (Hu et al. 2021, section 4.1): W x + (alpha / rank) B A x, on every linear
    projection but the output head; B starts at zero, so the policy starts as its reference.
    """

    rank: int
    alpha: int
    dropout: float = 0.0


def with_lora(model: PreTrainedModel, shape: LoraShape, *, seed: int) -> PeftModel:
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
    use_fast_layers(adapted)
    return adapted


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
        model: a causal language model with one LoRA adapter.
        tokenizer: its tokenizer, with a chat template.
        max_length_tokens: the longest conversation, reply included, that is taken.
    """

    gives_log_probs = True

    def __init__(
        self,
        model: PeftModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        max_length_tokens: int,
    ) -> None:
        self.model = model
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
        self.model.eval()
        lengths = [len(sample.response) for sample in samples]
        with torch.no_grad(), self._as(name):
            return list(torch.split(token_log_probs(self.model, samples), lengths))

    @contextmanager
    def _as(self, name: str) -> Iterator[None]:
        if name == REFERENCE:
            with self.model.disable_adapter():
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
        self.model.train(train)
        lengths = [len(sample.response) for sample in samples]
        with torch.set_grad_enabled(train):
            scores = token_scores(self.model, samples, collision=needs.collision)
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
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    def state_dict(self) -> dict[str, Tensor]:
        return dict(get_peft_model_state_dict(self.model))

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        set_peft_model_state_dict(self.model, dict(state))

    def anchor_state(self) -> dict[str, Tensor]:
        return self._anchors.state_dict()

    def load_anchor_state(self, state: Mapping[str, Tensor]) -> None:
        self._anchors.load_state_dict(state)


def _padded(parts: Sequence[Tensor]) -> Tensor:
    return pad_sequence(list(parts), batch_first=True)


def _key(sequence: TokenSequence) -> str:
    return sha256_json([sequence.context, sequence.response])
