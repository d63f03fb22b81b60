"""How far replies to the tests of a course have what was asked of them."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from idiolect.handbook.notes import section
from idiolect.proofs.members.janus.lessons import Course, Request
from idiolect.proofs.members.janus.values import DIMENSIONS, read
from idiolect.simulation.attributes.words import words
from idiolect.simulation.splits import Combination

Replies = Mapping[str, Sequence[str]]
"""By test, in the order of its requests."""


def marks(course: Course, replies: Replies) -> dict[str, float]:
    """Everything that is measured of some replies; the shares are explained in ``members.janus``.

    Args:
        course: whose tests were asked.
        replies: one to each request.
    """
    new = shares_right(course.tests["new"], replies["new"])
    others = right_for_others(course.tests["new"], replies["new"])
    new_value, unasked = new_values(course.tests["new_value"], replies["new_value"])
    return {
        "right": fmean(new),
        "all": fmean(share == 1.0 for share in new),
        "others": others,
        "own_lead": fmean(new) - others,
        "grounded": grounded(course.tests["new"], replies["new"]),
        "known": fmean(shares_right(course.tests["known"], replies["known"])),
        "new_value": new_value,
        "new_value_others": unasked,
    }


def shares_right(requests: Sequence[Request], replies: Sequence[str]) -> list[float]:
    """The share of the dimensions in which each reply has the value that was asked."""
    return [
        _agreement(read(reply), request.combination)
        for request, reply in zip(requests, replies, strict=True)
    ]


def right_for_others(requests: Sequence[Request], replies: Sequence[str]) -> float:
    """What share would be right if each reply were one to every other request; at least two."""
    found = [read(reply) for reply in replies]
    return fmean(
        _agreement(values, request.combination)
        for mine, values in enumerate(found)
        for other, request in enumerate(requests)
        if mine != other
    )


def new_values(requests: Sequence[Request], replies: Sequence[str]) -> tuple[float, float]:
    """How often replies have a value that no lesson had.

    Args:
        requests: each for one such value; at least two different ones among all.
        replies: to them.

    Returns:
        The share that has the one that was asked, and the share that has one that was asked in
        another request and not in its own.
    """
    asked = [_new_dimension(request.combination) for request in requests]
    has: dict[bool, list[bool]] = {True: [], False: []}
    for mine, reply in zip(asked, replies, strict=True):
        found = read(reply)
        for other in sorted(set(asked)):
            has[mine == other].append(found[other] == DIMENSIONS[other].held_out)
    return fmean(has[True]), fmean(has[False])


def grounded(requests: Sequence[Request], replies: Sequence[str]) -> float:
    """The share of all replies' words that stand in the notes they were to be written from."""
    stands: list[bool] = []
    for request, reply in zip(requests, replies, strict=True):
        noted = {word.lower() for word in words(section(request.notes))}
        stands += [word.lower() in noted for word in words(reply)]
    return fmean(stands) if stands else 0.0


def _agreement(found: Combination, asked: Combination) -> float:
    return fmean(one == other for one, other in zip(found, asked, strict=True))


def _new_dimension(combination: Combination) -> int:
    """The place of the dimension whose value no lesson has."""
    pairs = enumerate(zip(DIMENSIONS, combination, strict=True))
    return next(place for place, (dimension, value) in pairs if value == dimension.held_out)
