"""A batch closes by number, by length, or because nothing more comes; nothing is left for ever."""

from collections.abc import Sequence

import pytest

from idiolect.observe.batches import SHOWN_CHARACTERS, BatchLimits, close_batches
from idiolect.store.database import Database
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.usermodel.audit import judge
from idiolect.usermodel.propose import model
from tests.usermodel.seeds import MONDAY, days, store, view


def closed(
    database: Database,
    user_id: str,
    lengths: Sequence[int],
    limits: BatchLimits,
    *,
    partial: bool = False,
) -> list[int]:
    """The sizes of the batches that observations of these lengths are closed into."""
    views = [
        view("x" * length, id=f"obs_{number}", at=MONDAY + days(number))
        for number, length in enumerate(lengths)
    ]
    store(database, user_id, *views)
    with database.transaction() as session:
        jobs = close_batches(session, user_id, limits, now=MONDAY, partial=partial)
        batches = [ObservationRepository(session, user_id).in_batch(job.id) for job in jobs]
    taken = [row.id for batch in batches for row in batch]
    assert taken == [item.id for item in views[: len(taken)]]  # the earliest first, none twice
    return [len(batch) for batch in batches]


@pytest.mark.parametrize(
    ("lengths", "sizes"),
    [
        ([1, 1], []),
        ([1, 1, 1], [3]),
        ([1] * 7, [3, 3]),
        ([100], [1]),  # 25 tokens of 4 characters, which is the limit
        ([99], []),
        ([60, 40], [2]),
        ([60, 41], [1]),  # the second does not fit any more, and waits
        ([60, 60, 60], [1, 1]),
        ([500, 1], [1]),  # too long by itself, and still learned from
        ([1, 500, 1], [1, 1]),
    ],
)
def test_a_batch_closes_by_number_or_by_tokens(
    database: Database, user_id: str, lengths: list[int], sizes: list[int]
) -> None:
    limits = BatchLimits(observations=3, tokens=25)
    assert closed(database, user_id, lengths, limits) == sizes


def test_the_user_s_silence_closes_what_is_left(database: Database, user_id: str) -> None:
    limits = BatchLimits(observations=3, tokens=25)
    assert closed(database, user_id, [1, 1, 1, 60, 60], limits, partial=True) == [3, 1, 1]


def test_what_no_model_is_shown_does_not_count(database: Database, user_id: str) -> None:
    long = SHOWN_CHARACTERS + 1000
    limits = BatchLimits(observations=9, tokens=2 * SHOWN_CHARACTERS // 4)
    assert closed(database, user_id, [long, long, long], limits) == [2]


def test_no_reader_is_shown_more_of_an_observation() -> None:
    assert model.TEXT_LIMIT <= SHOWN_CHARACTERS
    assert judge.TEXT_LIMIT <= SHOWN_CHARACTERS
