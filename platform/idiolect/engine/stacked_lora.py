"""Adapters of several users, trained in one pass over a base that they share.

The users' tokens stand one after the other in a packed row. A frozen layer multiplies them all at
once, and each user's own A and B act on that user's run of tokens: no user is padded to the length
of another, none sees another's tokens, and none's gradient reaches another's weights.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate, chain, pairwise
from threading import local
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from idiolect.engine.anatomy import anatomy_of, head_of
from idiolect.engine.attention import packed_hidden_states
from idiolect.engine.gemm import product
from idiolect.engine.head import chosen_log_probs, log_collision
from idiolect.engine.log_probs import TokenScores
from idiolect.engine.packing import filled, join, pack
from idiolect.engine.planning import TOKENS_PER_PASS
from idiolect.engine.sequences import TokenSequence
from idiolect.errors import InvalidInputError

_PREFIX = "base_model.model."

STACKED_MAX_TOKENS = 256
"""A longer pass of one user keeps a processor busy on its own. Measured on one CPU core with a
model of 5 million parameters and 8 or 16 users: with 50 tokens each 1.6 to 1.8 times as fast as
one after the other, with 200 to 350 tokens 1.1 times, with 800 tokens 0.8 times."""


class StackedLora:
    """One plain LoRA adapter a user, W x + (alpha / rank) B A x, on every linear layer but the
    head.

    Without tokens of its own a user costs nothing. There is no dropout: the users' draws would
    depend on who else is in the pass.

    Args:
        model: a causal language model, frozen and without adapters; it gets hooks, which do
            nothing outside ``token_scores`` and ``only``.
        rank: of every adapter.
        alpha: of every adapter.
        seeds: one for each user; A's first values are those that PEFT draws from it, B's are 0.

    Raises:
        InvalidInputError: the model takes no packed row, or has adapters already.
    """

    def __init__(
        self, model: PreTrainedModel, *, rank: int, alpha: float, seeds: Sequence[int]
    ) -> None:
        reason = anatomy_of(model).reason
        if reason:
            raise InvalidInputError(
                f"adapters of several users cannot be trained at once on this model: {reason}",
                hint="Train them one after the other.",
            )
        self._model = model
        self._scale = alpha / rank
        self._layers = _linear_layers(model)
        self._users = [self._initial(rank, seed) for seed in seeds]
        self._active = local()
        self._hooks = [
            layer.register_forward_hook(self._hook(name)) for name, layer in self._layers.items()
        ]

    @property
    def model(self) -> PreTrainedModel:
        """The frozen base."""
        return self._model

    def token_scores(
        self, sequences: Sequence[Sequence[TokenSequence]], *, collision: bool = False
    ) -> list[TokenScores]:
        """Each user's ``log_probs.token_scores``, under the user's own adapter, in one pass.

        Args:
            sequences: those of each user, in the order of the seeds; none for who has no turn.
            collision: also computes ``log_collision``.

        Returns:
            One for each user. A gradient of one reaches that user's parameters only.

        Raises:
            InvalidInputError: there are no sequences, or one is too long to be packed.
        """
        self._check(sequences)
        device = self._model.device
        packings = [filled(pack(own, device)) for own in sequences if own]
        row = join(packings)
        lengths = iter(packing.input_ids.shape[1] for packing in packings)
        ends = list(accumulate(next(lengths) if own else 0 for own in sequences))
        runs = [
            (user, slice(start, end))
            for user, (start, end) in enumerate(pairwise([0, *ends]))
            if start < end
        ]
        with self._acting(runs):
            hidden = packed_hidden_states(self._model.base_model, row).index_select(0, row.rows)
        flat = [token for own in sequences for sequence in own for token in sequence.response]
        head = head_of(self._model)
        tokens = chosen_log_probs(head, hidden, torch.tensor(flat, device=device))
        counts = [sum(len(sequence.response) for sequence in own) for own in sequences]
        split: Callable[..., tuple[Tensor, ...]] = torch.split
        if not collision:
            return [TokenScores(own) for own in split(tokens, counts)]
        both = zip(split(tokens, counts), split(log_collision(head, hidden), counts), strict=True)
        return [TokenScores(own, agree) for own, agree in both]

    @contextmanager
    def only(self, user: int) -> Iterator[None]:
        """Within the block the model is that of one user, in this thread."""
        with self._acting([(user, slice(None))]):
            yield

    def parameters_of(self, user: int) -> list[nn.Parameter]:
        """A user's A and B of every layer, for an optimizer and a clipping of the user's own."""
        return list(chain.from_iterable(self._users[user].values()))

    def state_dict_of(self, user: int) -> dict[str, Tensor]:
        """A user's weights under the names that PEFT gives them in a file; not copied."""
        return {
            f"{_PREFIX}{name}.lora_{letter}.weight": parameter.detach()
            for name, pair in self._users[user].items()
            for letter, parameter in zip("AB", pair, strict=True)
        }

    def load_state_dict_of(self, user: int, state: Mapping[str, Tensor]) -> None:
        """Copies an adapter's weights in, as ``state_dict_of`` or PEFT names them.

        Raises:
            InvalidInputError: it has other layers or another rank; nothing is copied then.
        """
        own = self.state_dict_of(user)
        if {name: tensor.shape for name, tensor in state.items()} != {
            name: tensor.shape for name, tensor in own.items()
        }:
            raise InvalidInputError(
                "the adapter's weights do not fit this stack",
                hint="Give every adapter the same rank and the same layers.",
            )
        for name, tensor in own.items():
            tensor.copy_(state[name])

    def remove(self) -> None:
        """Takes the hooks off the model; the adapters can still be read."""
        for hook in self._hooks:
            hook.remove()

    def _check(self, sequences: Sequence[Sequence[TokenSequence]]) -> None:
        if len(sequences) != len(self._users):
            raise InvalidInputError(
                f"there are {len(self._users)} users and sequences of {len(sequences)}"
            )
        longest = max((len(sequence) for own in sequences for sequence in own), default=0)
        if not longest:
            raise InvalidInputError("there are no sequences to score")
        if longest >= anatomy_of(self._model).packs_below_tokens:
            raise InvalidInputError(
                f"a sequence of {longest} tokens is longer than this model's attention window",
                hint="Train adapters on it one after the other.",
            )
        if self._model.is_activation_checkpointing:
            raise InvalidInputError(
                "adapters of several users cannot be trained with gradient checkpointing",
                hint="Train them one after the other.",
            )

    def _initial(self, rank: int, seed: int) -> dict[str, tuple[nn.Parameter, nn.Parameter]]:
        """What PEFT makes of a seed: it draws two layers' values and then A's once more."""
        adapter = {}
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            for name, layer in self._layers.items():
                a = nn.Linear(layer.in_features, rank, bias=False)
                b = nn.Linear(rank, layer.out_features, bias=False)
                nn.init.kaiming_uniform_(a.weight, a=math.sqrt(5))
                nn.init.zeros_(b.weight)
                adapter[name] = tuple(
                    nn.Parameter(part.weight.detach().to(layer.weight.device)) for part in (a, b)
                )
        return adapter  # type: ignore[return-value]  # two parts make a pair

    @contextmanager
    def _acting(self, runs: Sequence[tuple[int, slice]]) -> Iterator[None]:
        self._active.runs = runs
        try:
            yield
        finally:
            self._active.runs = None

    def _hook(self, name: str) -> Callable[..., Tensor | None]:
        def add(_layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
            runs: Sequence[tuple[int, slice]] | None = getattr(self._active, "runs", None)
            if runs is None:
                return None
            weights = chain.from_iterable(self._users[user][name] for user, _ in runs)
            apply: Callable[..., Tensor] = _Stacked.apply
            return apply(output, inputs[0], [run for _, run in runs], self._scale, *weights)

        return add


class _Stacked(torch.autograd.Function):
    """Adds scale B_u A_u x to the tokens of each user u."""

    @staticmethod
    def forward(
        ctx: Any,
        output: Tensor,
        x: Tensor,
        runs: list[slice],
        scale: float,
        *weights: Tensor,
    ) -> Tensor:
        ctx.save_for_backward(x, *weights)
        ctx.runs, ctx.scale = runs, scale
        rows, flat = output.flatten(0, -2), x.flatten(0, -2)
        result = torch.empty_like(rows)  # the users' runs cover it
        for own, a, b in zip(runs, weights[::2], weights[1::2], strict=True):
            inner = product(flat[own], a.to(x.dtype))
            torch.addmm(rows[own], inner, b.to(x.dtype).t(), alpha=scale, out=result[own])
        return result.view_as(output)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, *weights = ctx.saved_tensors
        flat_x, flat_g = x.flatten(0, -2), gradients[0].flatten(0, -2)
        grad_x = torch.empty_like(flat_x) if ctx.needs_input_grad[1] else None
        slopes: list[Tensor] = []
        for own, a, b in zip(ctx.runs, weights[::2], weights[1::2], strict=True):
            own_x, own_g = flat_x[own], flat_g[own]
            inner_g = product(own_g, b.to(x.dtype).t()).mul_(ctx.scale)  # s B^T g
            inner_x = product(own_x, a.to(x.dtype)).mul_(ctx.scale)  # s A x
            slopes.append(product(inner_g.t(), own_x.t()))
            slopes.append(product(inner_x.t(), own_g.t()).t())
            if grad_x is not None:
                torch.mm(inner_g, a.to(x.dtype), out=grad_x[own])
        shaped = None if grad_x is None else grad_x.view_as(x)
        return gradients[0], shaped, None, None, *slopes


def plan_stacks(step_tokens: Sequence[int]) -> list[list[int]]:
    """Which users to train together, where that is faster than one after the other.

    Args:
        step_tokens: of one step of each user, equal beginnings counted once
            (``planning.packed_tokens``).

    Returns:
        Groups of users, each user in one: those with short steps in the order given, so many that
        their steps make at most ``planning.TOKENS_PER_PASS``; every other user alone.
    """
    stacks: list[list[int]] = []
    filled = 0
    alone = []
    for user, tokens in enumerate(step_tokens):
        if tokens > STACKED_MAX_TOKENS:
            alone.append([user])
            continue
        if not stacks or filled + tokens > TOKENS_PER_PASS:
            stacks.append([])
            filled = 0
        stacks[-1].append(user)
        filled += tokens
    return stacks + alone


def _linear_layers(model: PreTrainedModel) -> dict[str, nn.Linear]:
    any_model: Any = model
    head = any_model.get_output_embeddings()
    return {
        name: layer
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Linear) and layer is not head
    }
