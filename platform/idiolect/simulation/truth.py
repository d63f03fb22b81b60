"""How good replies truly are for a person, whatever anybody learned or said."""

from collections.abc import Sequence
from statistics import fmean

from idiolect.errors import InvalidInputError
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.people import Person


def win_rate(
    person: Person,
    features: FeatureMap,
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    day: float = 0.0,
) -> float:
    """Share of conversations in which the person truly prefers our reply; equal ones are half.

    Without noise: the sign of the person's advantage decides, with what goes round in it.

    Args:
        person: who judges.
        features: measures the replies.
        ours: a policy's reply to each conversation.
        theirs: another policy's reply to each.
        day: since the person was first seen.

    Raises:
        InvalidInputError: no replies, or not as many of both.
    """
    _require(ours, theirs)
    return fmean(_verdict(person, features, *both, day) for both in zip(ours, theirs, strict=True))


def regret(
    person: Person,
    features: FeatureMap,
    replies: Sequence[str],
    candidates: Sequence[Sequence[str]],
    *,
    day: float = 0.0,
) -> float:
    """How much worth a policy's replies leave on the table, as a mean over conversations.

    The utility of the best candidate less that of the reply: 0 for who always picks the best,
    negative for replies that are better than all candidates. What goes round has no best, so only
    the utility counts. In standard deviations for a standardized person.

    Args:
        person: who judges.
        features: measures the replies.
        replies: of the policy, one to each conversation.
        candidates: to each conversation.
        day: since the person was first seen.

    Raises:
        InvalidInputError: no replies, or not as many of both.
    """
    _require(replies, candidates)

    def worth(text: str) -> float:
        return person.worth(features(text), day=day)

    return fmean(
        max(map(worth, offered)) - worth(reply)
        for reply, offered in zip(replies, candidates, strict=True)
    )


def _verdict(person: Person, features: FeatureMap, our: str, their: str, day: float) -> float:
    advantage = person.advantage(features(our), features(their), day=day)
    return 0.5 if advantage == 0 else float(advantage > 0)


def _require(one: Sequence[object], other: Sequence[object]) -> None:
    if not one or len(one) != len(other):
        raise InvalidInputError(f"{len(one)} and {len(other)} replies cannot be compared")
