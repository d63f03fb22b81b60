"""A response after its context, as token ids: what is scored and trained on."""

from dataclasses import dataclass

from idiolect.errors import InvalidInputError

SHARED_MIN_TOKENS = 8
"""A shorter common beginning is computed again: to keep it apart costs more than it saves."""


@dataclass(frozen=True, slots=True)
class TokenSequence:
    """A response's token ids after the ids of its context; neither is empty."""

    context: tuple[int, ...]
    response: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.context or not self.response:
            raise InvalidInputError("a context and a response have at least one token each")

    def __len__(self) -> int:
        return len(self.context) + len(self.response)

    @property
    def inputs(self) -> tuple[int, ...]:
        """What a model has to read: the last token predicts nothing."""
        return self.context + self.response[:-1]


def shared_tokens(first: tuple[int, ...], second: tuple[int, ...]) -> int:
    """How many tokens two texts have in common before they part."""
    limit = min(len(first), len(second))
    if first[:limit] == second[:limit]:
        return limit
    return next(index for index in range(limit) if first[index] != second[index])
