"""What is true depends on the moment, and is read back as it was written."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.lives.facts import Fact, Trap, Truth
from tests.simulation.lives.people import lives

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_fact_is_true_from_its_beginning_until_its_end() -> None:
    fact = Fact("f", "taste", "Mara drinks tea.", valid_from=NOON, valid_to=NOON + 2 * HOUR)
    assert [fact.is_true(NOON + hours * HOUR) for hours in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]
    assert [fact.has_ended(NOON + hours * HOUR) for hours in (1, 2)] == [False, True]


def test_a_dated_plan_stays_right_to_believe_and_need_no_longer_be_found() -> None:
    plan = Fact(
        "p", "plan", "Mara flies on 4 March.", valid_to=NOON, is_dated=True, revealed_at=NOON - HOUR
    )
    assert plan.is_true(NOON)
    assert plan.is_to_be_found(NOON - HOUR)
    assert not plan.is_to_be_found(NOON)


@pytest.mark.parametrize(
    ("revelation", "revealed_at", "wanted"),
    [
        ("stated", NOON, True),
        ("shown", NOON, True),
        ("stated", NOON + HOUR, False),  # not yet
        ("stated", None, False),  # not within the stream
        ("incidental", NOON, False),
        ("hidden", NOON, False),
    ],
)
def test_only_what_was_revealed_is_to_be_found(
    revelation: str, revealed_at: datetime | None, wanted: bool
) -> None:
    fact = Fact("f", "hobby", "Mara sings.", revelation=revelation, revealed_at=revealed_at)  # type: ignore[arg-type] # a parameter
    assert fact.is_to_be_found(NOON) is wanted
    assert fact.is_true(NOON)  # believing it is right in any case


def test_a_truth_is_read_back_as_it_was_written() -> None:
    (life,) = lives(1)
    written = json.loads(json.dumps(life.truth.as_dict()))
    assert Truth.of(written) == life.truth


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"name": "Mara", "ends_at": "soon", "facts": [], "traps": []},
        {"name": "Mara", "ends_at": NOON.isoformat(), "facts": [{"id": "f"}], "traps": []},
        {"name": "Mara", "ends_at": NOON.isoformat(), "facts": [3], "traps": []},
        {
            **{"name": "Mara", "ends_at": NOON.isoformat(), "facts": []},
            "traps": [{"id": "t", "kind": "rumor", "statement": "Mara left."}],
        },
    ],
)
def test_what_is_no_truth_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match="no truth of a simulated person"):
        Truth.of(broken)


def test_only_what_strangers_plant_is_planted() -> None:
    kinds = ("spam", "advertisement", "phishing", "other person", "joke", "invitation")
    planted = [Trap("t", kind, "Mara won.").is_planted for kind in kinds]  # type: ignore[arg-type] # names of kinds
    assert planted == [True, True, True, False, False, False]
