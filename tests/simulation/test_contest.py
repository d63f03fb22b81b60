"""Every reply of one side is held against every one of the other, conversation by conversation."""

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.contest import win_shares
from tests.simulation.replies import FEATURES, person

ONE, TWO, THREE = "Walk.", "Walk today.", "Walk today, friend."


def test_the_share_counts_all_pairs_of_replies_and_halves_ties() -> None:
    brief = person(length=-1.0)
    # 1 and 2 words against 2 and 3: wins in (1, 2), (1, 3) and (2, 3), a tie in (2, 2).
    assert win_shares(brief, FEATURES, [[ONE, TWO]], [[TWO, THREE]]) == [3.5 / 4]


def test_each_conversation_has_a_share_of_its_own() -> None:
    brief = person(length=-1.0)
    assert win_shares(brief, FEATURES, [[ONE], [THREE]], [[TWO, THREE], [TWO]]) == [1.0, 0.0]


def test_sides_add_up_to_one() -> None:
    talkative = person(length=1.0)
    ours, theirs = [[ONE, THREE, TWO]], [[TWO, TWO]]
    (mine,) = win_shares(talkative, FEATURES, ours, theirs)
    (yours,) = win_shares(talkative, FEATURES, theirs, ours)
    assert mine + yours == 1.0


def test_a_conversation_without_replies_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="cannot be compared"):
        win_shares(person(length=1.0), FEATURES, [[]], [[ONE]])


def test_as_many_conversations_are_needed_on_both_sides() -> None:
    with pytest.raises(ValueError, match="shorter"):
        win_shares(person(length=1.0), FEATURES, [[ONE], [ONE]], [[ONE]])
