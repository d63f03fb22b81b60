"""What can be optimized: each policy turns samples into log-probabilities."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from torch import Tensor, nn

from idiolect.preference.objective import Side
from idiolect.preference.pairs import Context

Encoded = TypeVar("Encoded")


class Policy(Protocol[Encoded]):
    """A model with trainable parameters and frozen anchors beside it."""

    def encode(self, context: Context, sample: str) -> Encoded:
        """A sample under its context in the form that the model takes.

        Raises:
            InvalidInputError: the model cannot take it, for instance because it is too long.
        """
        ...

    def size(self, encoded: Encoded) -> int:
        """How many tokens the model reads for it."""
        ...

    def anchor(self, samples: Iterable[Encoded]) -> None:
        """Computes the anchors of these samples once and keeps them."""
        ...

    def sides(self, chosen: Sequence[Encoded], rejected: Sequence[Encoded]) -> tuple[Side, Side]:
        """The columns of both sides of a batch; their ``policy`` carries the gradient.

        They come together so that a policy may compute what they share only once.
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

    def anchor_state(self) -> dict[str, float]:
        """The anchors that were computed so far, by content hash."""
        ...

    def load_anchor_state(self, state: Mapping[str, float]) -> None:
        """Puts the anchors back."""
        ...
