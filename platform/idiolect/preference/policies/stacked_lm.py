"""Chat models of several users over one frozen base; implements ``JointPolicy``."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext

from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from idiolect.engine.fast_layers import use_fast_layers
from idiolect.engine.log_probs import TokenScores, TokenSequence, token_scores
from idiolect.engine.stacked_lora import StackedLora
from idiolect.errors import InvalidInputError
from idiolect.preference.columns import Side
from idiolect.preference.passes import Wanted
from idiolect.preference.policies.causal_lm import CausalLmPolicy, LoraShape


class StackedUser:
    """One user's adapter in a stack; implements ``AdaptedLm``."""

    def __init__(self, stack: StackedLora, user: int) -> None:
        self._stack = stack
        self._user = user
        self._is_on = True

    @property
    def base(self) -> PreTrainedModel:
        return self._stack.model

    def train(self, train: bool) -> None:
        """Nothing to do: a stack has no dropout."""

    def scores(self, samples: Sequence[TokenSequence], *, collision: bool) -> TokenScores:
        with self._stack.only(self._user) if self._is_on else nullcontext():
            return token_scores(self._stack.model, samples, collision=collision)

    @contextmanager
    def off(self) -> Iterator[None]:
        self._is_on = False
        try:
            yield
        finally:
            self._is_on = True

    def parameters(self) -> list[nn.Parameter]:
        return self._stack.parameters_of(self._user)

    def state_dict(self) -> dict[str, Tensor]:
        return self._stack.state_dict_of(self._user)

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self._stack.load_state_dict_of(self._user, state)


class StackedLmPolicy:
    """The policies of several users, each with an adapter of its own.

    Args:
        model: a causal language model, frozen and without adapters.
        tokenizer: its tokenizer, with a chat template.
        shape: of every adapter; without dropout.
        seeds: one for each user, of A's first values.
        max_length_tokens: the longest conversation, reply included, that is taken.

    Raises:
        InvalidInputError: the model takes no packed row or has adapters already, or the shape has
            dropout.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        shape: LoraShape,
        *,
        seeds: Sequence[int],
        max_length_tokens: int,
    ) -> None:
        if shape.dropout:
            raise InvalidInputError(
                "adapters of several users cannot be trained at once with dropout",
                hint="Set dropout = 0 in the recipe, or train them one after the other.",
            )
        use_fast_layers(model)
        self._stack = StackedLora(model, rank=shape.rank, alpha=shape.alpha, seeds=seeds)
        self.users = [
            CausalLmPolicy(
                StackedUser(self._stack, user), tokenizer, max_length_tokens=max_length_tokens
            )
            for user in range(len(seeds))
        ]

    def sides(self, wanted: Mapping[int, Wanted[TokenSequence]]) -> dict[int, Side]:
        """The columns of some users' samples, computed in one pass, with a gradient."""
        own = [wanted[user].samples if user in wanted else () for user in range(len(self.users))]
        collision = any(one.needs.collision for one in wanted.values())
        for user, one in wanted.items():
            self.users[user].anchor(one.samples, one.needs.anchors)
        scores = self._stack.token_scores(own, collision=collision)
        return {
            user: self.users[user].side_of(one.samples, scores[user], one.rewards, one.needs)
            for user, one in wanted.items()
        }

    def remove(self) -> None:
        """Takes the adapters off the model; they can still be read."""
        self._stack.remove()
