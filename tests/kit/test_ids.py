"""Ids sort by the order in which a process made them, and no two are the same."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from idiolect.kit import ids
from idiolect.kit.ids import new_id


def test_an_id_is_its_prefix_and_26_characters() -> None:
    assert re.fullmatch(r"obs_[0-9a-hjkmnp-tv-z]{26}", new_id("obs"))


def test_ids_of_one_millisecond_sort_in_the_order_of_their_making(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ids, "_last", 0)
    monkeypatch.setattr("time.time_ns", lambda: 1_800_000_000_000_000_000)
    made = [new_id("obs") for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 1000


def test_a_clock_that_goes_back_does_not_change_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id("obs")
    monkeypatch.setattr("time.time_ns", lambda: 1_000_000_000_000_000_000)
    assert new_id("obs") > before


def test_threads_share_no_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_id("obs"), range(4000)))
    assert len(set(made)) == 4000
