"""Whose replies a person truly prefers, where both sides wrote several to each conversation."""

from collections.abc import Sequence
from itertools import product

from idiolect.simulation.features import FeatureMap
from idiolect.simulation.people import Person
from idiolect.simulation.truth import win_rate


def win_shares(
    person: Person,
    features: FeatureMap,
    ours: Sequence[Sequence[str]],
    theirs: Sequence[Sequence[str]],
    *,
    day: float = 0.0,
) -> list[float]:
    """Our win rate in each conversation: every reply of ours is held against every one of theirs.

    The mean over conversations is the win rate. Conversations are independent of each other, the
    replies to one are not, so an interval is over the conversations.

    Args:
        person: who judges, without noise.
        features: measures the replies.
        ours: a policy's replies to each conversation, one or more.
        theirs: another policy's, not necessarily as many.
        day: since the person was first seen.

    Raises:
        InvalidInputError: a conversation has no replies of one side.
        ValueError: there are not as many conversations of both.
    """
    return [
        win_rate(
            person,
            features,
            [mine for mine, _ in product(our, their)],
            [yours for _, yours in product(our, their)],
            day=day,
        )
        for our, their in zip(ours, theirs, strict=True)
    ]
