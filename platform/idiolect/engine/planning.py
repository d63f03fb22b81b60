"""Which examples go through a model together: by tokens, so that no pass is too large."""

from collections.abc import Sequence

from idiolect.engine.sequences import SHARED_MIN_TOKENS, TokenSequence, shared_tokens
from idiolect.errors import InvalidInputError

TOKENS_PER_PASS = 4096
"""A pass of this size keeps a processor busy; more only takes memory."""

PADDING_MAX = 0.1
"""The share of padding at which rows of other lengths go through on their own."""


def plan_passes(
    examples: Sequence[Sequence[TokenSequence]], tokens_per_pass: int
) -> list[list[int]]:
    """Splits examples into passes that have at most so many tokens each.

    An example (a pair, a group) is never torn apart, and examples that begin alike stand together,
    so a pass computes their common beginning once. Tokens are counted after that.

    Args:
        examples: each at least one sequence.
        tokens_per_pass: of all sequences in a pass; a larger example has a pass of its own.

    Returns:
        Indices into ``examples``, each exactly once; equal arguments give equal plans.

    Raises:
        InvalidInputError: the budget is below one token.
    """
    if tokens_per_pass < 1:
        raise InvalidInputError("a pass has at least one token")
    order = sorted(range(len(examples)), key=lambda i: ([s.inputs for s in examples[i]], i))
    passes: list[list[int]] = []
    last: tuple[int, ...] = ()
    used = 0
    for index in order:
        cost = packed_tokens(examples[index], last)
        if not passes or used + cost > tokens_per_pass:
            passes.append([])
            used, cost = 0, packed_tokens(examples[index])
        passes[-1].append(index)
        used += cost
        last = max(sequence.inputs for sequence in examples[index])
    return passes


def packed_tokens(sequences: Sequence[TokenSequence], last: tuple[int, ...] = ()) -> int:
    """Tokens that a model computes for sequences, after ``last`` and with equal beginnings once.

    Where three sequences part within a few tokens of each other, ``packing.pack`` may need up to
    ``SHARED_MIN_TOKENS`` more.
    """
    total = 0
    for inputs in sorted(sequence.inputs for sequence in sequences):
        common = shared_tokens(last, inputs)
        total += len(inputs) - (common if common >= SHARED_MIN_TOKENS else 0)
        last = inputs
    return total


def plan_buckets(lengths: Sequence[int]) -> list[list[int]]:
    """Groups rows of similar lengths, for a model that needs them padded to one.

    Args:
        lengths: tokens of each row.

    Returns:
        Indices, each exactly once, the longest first; in each group at most ``PADDING_MAX`` of
        the tokens are padding.
    """
    buckets: list[list[int]] = []
    tokens = 0
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if buckets:
            area = (len(buckets[-1]) + 1) * lengths[buckets[-1][0]]
            if area - tokens - lengths[index] <= PADDING_MAX * area:
                buckets[-1].append(index)
                tokens += lengths[index]
                continue
        buckets.append([index])
        tokens = lengths[index]
    return buckets
