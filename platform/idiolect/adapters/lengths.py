"""How long examples are in a model's tokens, known before its weights are loaded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import structlog
from transformers import PreTrainedTokenizerBase

from idiolect.errors import InvalidInputError
from idiolect.preference.batches import Example
from idiolect.preference.pairs import Context, Pair
from idiolect.preference.policies.causal_lm import encode_sample

AnyExample = TypeVar("AnyExample", Pair, Example)

_SHOWN = 20

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lengths:
    """Measures examples.

    Attributes:
        tokenizer: the model's.
        limit_tokens: the longest conversation, reply included, that is taken.
    """

    tokenizer: PreTrainedTokenizerBase
    limit_tokens: int

    def tokens(self, context: Context, sample: str) -> int:
        """How many tokens ``CausalLmPolicy.encode`` makes of a sample under its context."""
        return len(encode_sample(self.tokenizer, context, sample))

    def longest(self, example: Example) -> int:
        """Tokens of an example's longest sample with its context."""
        return max(self.tokens(context, sample) for context, sample in _samples(example))

    def fitting(
        self, examples: Sequence[AnyExample], too_long: Literal["refuse", "leave_out"]
    ) -> list[AnyExample]:
        """The examples that the model can take; that others are left out is logged.

        Raises:
            InvalidInputError: code TOO_LONG; some do not fit and they are not to be left out.
        """
        fitting, longer = [], []
        for one in examples:
            tokens = self.longest(one)
            if tokens <= self.limit_tokens:
                fitting.append(one)
            else:
                longer.append((one.id, tokens))
        if longer and too_long == "refuse":
            raise self._refused(longer, len(examples))
        if longer:
            ids = [name for name, _ in longer[:_SHOWN]]
            log.warning(
                "examples_left_out", count=len(longer), limit_tokens=self.limit_tokens, first=ids
            )
        return fitting

    def _refused(self, longer: Sequence[tuple[str, int]], of: int) -> InvalidInputError:
        lines = [f"{len(longer)} of {of} examples are longer than {self.limit_tokens} tokens"]
        lines += [f"  {name}: {tokens} tokens" for name, tokens in longer[:_SHOWN]]
        if len(longer) > _SHOWN:
            lines.append(f"  and {len(longer) - _SHOWN} more")
        return InvalidInputError(
            "\n".join(lines),
            hint="Shorten them, raise max_length_tokens in the recipe as far as the model goes, or"
            ' have them left out with too_long = "leave_out".',
            code="TOO_LONG",
        )


def _samples(example: Example) -> Iterator[tuple[Context, str]]:
    if isinstance(example, Pair):
        yield example.context_w, example.sample_w
        yield example.context_l, example.sample_l
    else:
        for sample in example.samples:
            yield example.context, sample
