"""A chat model with a LoRA adapter; its reference is itself with the adapter off."""

from collections.abc import Iterable, Mapping, Sequence
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
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from idiolect.engine.chat import encode_response, encode_text, end_of_turn
from idiolect.engine.log_probs import TokenSequence, response_log_probs
from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.objective import Side
from idiolect.preference.pairs import Context

REFERENCE = "reference"
_REFERENCE_BATCH = 16


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
        return get_peft_model(model, config)


class CausalLmPolicy:
    """Whole replies of a chat model as samples; implements ``Policy``.

    Args:
        model: a causal language model with one LoRA adapter.
        tokenizer: its tokenizer, with a chat template.
        max_length_tokens: the longest conversation, reply included, that is taken.
    """

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
        self._reference: dict[str, float] = {}

    def encode(self, context: Context, sample: str) -> TokenSequence:
        """The reply's tokens, end of turn included, after those of its context.

        Raises:
            InvalidInputError: together they are longer than ``max_length_tokens``; nothing is
                ever cut away unseen.
        """
        if isinstance(context[0], int):
            words = encode_text(self._tokenizer, sample)
            sequence = TokenSequence(context, (*words, end_of_turn(self._tokenizer)))
        else:
            sequence = encode_response(self._tokenizer, context, sample)
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

    def anchor(self, samples: Iterable[TokenSequence]) -> None:
        missing = {
            _key(sample): sample for sample in samples if _key(sample) not in self._reference
        }
        # Similar lengths together waste the least on padding.
        keys = sorted(missing, key=lambda key: (len(missing[key]), key))
        for start in range(0, len(keys), _REFERENCE_BATCH):
            part = keys[start : start + _REFERENCE_BATCH]
            values = self.reference_log_probs([missing[key] for key in part])
            self._reference.update(zip(part, values.tolist(), strict=True))

    def reference_log_probs(self, samples: Sequence[TokenSequence]) -> Tensor:
        """Log-probabilities with the adapter off, float32 ``[len(samples)]``, in nats."""
        self.model.eval()
        with torch.no_grad(), self.model.disable_adapter():
            return response_log_probs(self.model, samples)

    def sides(
        self, chosen: Sequence[TokenSequence], rejected: Sequence[TokenSequence]
    ) -> tuple[Side, Side]:
        self.anchor([*chosen, *rejected])
        self.model.train()
        policy = response_log_probs(self.model, [*chosen, *rejected])
        return (
            self._side(policy[: len(chosen)], chosen),
            self._side(policy[len(chosen) :], rejected),
        )

    def _side(self, policy: Tensor, samples: Sequence[TokenSequence]) -> Side:
        reference = [self._reference[_key(sample)] for sample in samples]
        return Side(
            policy=policy,
            anchors={REFERENCE: policy.new_tensor(reference)},
            tokens=policy.new_tensor([len(sample.response) for sample in samples]),
        )

    def parameters(self) -> list[nn.Parameter]:
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    def state_dict(self) -> dict[str, Tensor]:
        return dict(get_peft_model_state_dict(self.model))

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        set_peft_model_state_dict(self.model, dict(state))

    def anchor_state(self) -> dict[str, float]:
        return dict(self._reference)

    def load_anchor_state(self, state: Mapping[str, float]) -> None:
        self._reference = dict(state)


def _key(sequence: TokenSequence) -> str:
    return sha256_json([sequence.context, sequence.response])
