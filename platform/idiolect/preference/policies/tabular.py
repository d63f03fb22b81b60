"""A softmax over a few arms in each of a few contexts: small enough to know its best policy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from idiolect.errors import InvalidInputError
from idiolect.preference.columns import Side
from idiolect.preference.objective import Needs
from idiolect.preference.pairs import Context
from idiolect.preference.pieces.score import REFERENCE

_WEIGHTS = "weights"


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm in one context, both counted from 0."""

    context: int
    arm: int


class TabularPolicy:
    """pi(a | c) = softmax_a( reference(c, a) + features(c, a) . weights ); implements ``Policy``.

    The weights start at zero, so the policy starts as its reference. Without features every arm
    of every context has a weight of its own, and any policy can be reached; with them the policy
    is log-linear, and what it learns about one arm it holds of similar ones.

    In examples, a context is ``(c,)`` and a sample the arm's number as text.

    Args:
        reference: logits of the reference, ``[contexts, arms]``; -inf for an arm that is not there.
        features: of each arm, ``[contexts, arms, features]``.
        tokens: how long each arm is said to be, ``[contexts, arms]``; 1 by default. The
            log-probability is then spread evenly over so many tokens.
    """

    gives_log_probs = True

    def __init__(
        self, reference: Tensor, features: Tensor | None = None, tokens: Tensor | None = None
    ) -> None:
        self._reference = reference.detach().to(torch.float64)
        self._features = None if features is None else features.detach().to(torch.float64)
        self._tokens = torch.ones_like(self._reference) if tokens is None else tokens.double()
        shape = self._reference.shape if features is None else features.shape[-1:]
        self.weights = nn.Parameter(torch.zeros(shape, dtype=torch.float64))
        self._frozen: dict[str, Tensor] = {}

    def log_probs(self, anchor: str = "") -> Tensor:
        """log pi(a | c) in nats, ``[contexts, arms]``: of the policy, or of a frozen one.

        Raises:
            KeyError: no policy was frozen under that name.
        """
        if anchor == REFERENCE:
            return torch.log_softmax(self._reference, dim=1)
        return self._log_probs_of(self._frozen[anchor] if anchor else self.weights)

    def probabilities(self) -> Tensor:
        """pi(a | c) without gradient, ``[contexts, arms]``."""
        return self.log_probs().detach().exp()

    def _log_probs_of(self, weights: Tensor) -> Tensor:
        shift = weights if self._features is None else self._features @ weights
        return torch.log_softmax(self._reference + shift, dim=1)

    def encode(self, context: Context, sample: str) -> Arm:
        """
        Raises:
            InvalidInputError: there is no such context or arm.
        """
        number = context[0]
        contexts, arms = self._reference.shape
        known = isinstance(number, int) and 0 <= number < contexts
        if not (known and sample.isdecimal() and int(sample) < arms):
            raise InvalidInputError(
                f"there is no arm {sample!r} under {context!r}",
                hint=f"Contexts are (0,) to ({contexts - 1},) and arms '0' to '{arms - 1}'.",
            )
        return Arm(number, int(sample))  # type: ignore[arg-type]  # an int, as just checked

    def size(self, encoded: Arm) -> int:
        return int(self._tokens[encoded.context, encoded.arm])

    def prepare(self, examples: Iterable[Sequence[Arm]]) -> None:
        """Nothing to do."""

    def passes(self, examples: Sequence[Sequence[Arm]]) -> list[list[int]]:
        return [list(range(len(examples)))]

    def under(self, context_of: Arm, sample: Arm) -> Arm:
        return Arm(context_of.context, sample.arm)

    def freeze(self, name: str) -> None:
        self._frozen[name] = self.weights.detach().clone()

    def anchor(self, samples: Iterable[Arm], names: Iterable[str]) -> None:
        """Nothing to keep: a frozen table is as quick as its values."""

    def side(
        self, samples: Sequence[Arm], rewards: Sequence[float], needs: Needs, *, train: bool
    ) -> Side:
        place = (
            torch.tensor([one.context for one in samples]),
            torch.tensor([one.arm for one in samples]),
        )
        tokens = self._tokens[place]
        with torch.set_grad_enabled(train):
            log_probs = self.log_probs()
            policy = _spread(log_probs[place], tokens)
        collision = torch.logsumexp(2 * log_probs.detach(), dim=1)[place[0]]
        return Side(
            policy=policy,
            anchors={
                name: _spread(self.log_probs(name).detach()[place], tokens)
                for name in needs.anchors
            },
            tokens=tokens,
            reward=policy.new_tensor(rewards),
            collision=_spread(collision, tokens) if needs.collision else None,
        )

    def parameters(self) -> list[nn.Parameter]:
        return [self.weights]

    def state_dict(self) -> dict[str, Tensor]:
        return {_WEIGHTS: self.weights.detach()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            self.weights.copy_(state[_WEIGHTS])

    def anchor_state(self) -> dict[str, Tensor]:
        return dict(self._frozen)

    def load_anchor_state(self, state: Mapping[str, Tensor]) -> None:
        self._frozen = dict(state)


def _spread(total: Tensor, tokens: Tensor) -> Tensor:
    """Each sample's log-probability spread evenly over its tokens, ``[n]`` to ``[n, t]``."""
    mask = torch.arange(int(tokens.max())) < tokens.unsqueeze(1)
    return (total / tokens).unsqueeze(1) * mask
