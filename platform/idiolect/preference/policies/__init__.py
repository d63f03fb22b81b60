"""What can be optimized: each policy turns samples into log-probabilities."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from torch import Tensor, nn

from idiolect.preference.columns import Side
from idiolect.preference.objective import Needs
from idiolect.preference.pairs import Context

Encoded = TypeVar("Encoded")


class Policy(Protocol[Encoded]):
    """A model with trainable parameters and frozen anchors beside it.

    The anchor ``reference`` is the model without what is trained. Every other anchor is the
    policy itself as it was when it was frozen under that name.
    """

    @property
    def gives_log_probs(self) -> bool:
        """Its column is a log-probability, not a surrogate such as minus a squared error."""
        ...

    def encode(self, context: Context, sample: str) -> Encoded:
        """A sample under its context in the form that the model takes.

        Raises:
            InvalidInputError: the model cannot take it, for instance because it is too long.
        """
        ...

    def size(self, encoded: Encoded) -> int:
        """How many tokens the model reads for it."""
        ...

    def prepare(self, examples: Iterable[Sequence[Encoded]]) -> None:
        """Gets ready to train on examples; ``passes`` follows from these.

        Raises:
            InvalidInputError: one of them takes more memory than there is.
        """
        ...

    def passes(self, examples: Sequence[Sequence[Encoded]]) -> list[list[int]]:
        """Which of these examples to train on at once: indices, each exactly once."""
        ...

    def under(self, context_of: Encoded, sample: Encoded) -> Encoded:
        """A sample under another one's context."""
        ...

    def freeze(self, name: str) -> None:
        """Keeps the policy as it is now as the anchor of this name."""
        ...

    def anchor(self, samples: Iterable[Encoded], names: Iterable[str]) -> None:
        """Computes these anchors of these samples once and keeps the values."""
        ...

    def side(
        self, samples: Sequence[Encoded], rewards: Sequence[float], needs: Needs, *, train: bool
    ) -> Side:
        """The columns of samples, in their order.

        Samples under one context may share its computation. With ``train`` the policy's column
        carries the gradient and dropout acts; anchors that are not kept yet are computed.
        """
        ...

    def parameters(self) -> list[nn.Parameter]:
        """What the optimizer may change, always in the same order."""
        ...

    def state_dict(self) -> dict[str, Tensor]:
        """The trainable tensors, by name."""
        ...

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Puts the trainable tensors back."""
        ...

    def anchor_state(self) -> dict[str, Tensor]:
        """The anchors that were computed so far."""
        ...

    def load_anchor_state(self, state: Mapping[str, Tensor]) -> None:
        """Puts the anchors back."""
        ...
