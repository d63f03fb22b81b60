"""Scores are the arithmetic that they state, on a life of six statements."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.lives.facts import Fact, Trap, Truth
from idiolect.simulation.matching import Matcher
from idiolect.simulation.scoring import Belief, Score, score
from tests.fakes.hashing_embedder import HashingEmbedder

END = datetime(2026, 3, 9, tzinfo=UTC)
MIDDLE = END - timedelta(days=3)

TRUTH = Truth(
    name="Mara",
    ends_at=END,
    facts=(
        Fact("bees", "hobby", "Mara keeps bees.", revealed_at=MIDDLE),
        Fact("choir", "habit", "Mara sings in a choir.", revelation="shown", revealed_at=MIDDLE),
        Fact("moth", "taste", "Mara fears large moths.", revelation="hidden"),
        Fact("bus", "taste", "Mara rides the bus.", revealed_at=MIDDLE, valid_to=END),
        Fact("bike", "taste", "Mara rides a bicycle.", revealed_at=END, valid_from=END),
    ),
    traps=(
        Trap("golf", "advertisement", "Mara plays golf.", shown_at=MIDDLE),
        Trap("bank", "phishing", "Mara banks with Norvane.", shown_at=END),
        Trap("cave", "joke", "Mara lives underground.", shown_at=MIDDLE),
    ),
)


def scored(*beliefs: tuple[str, float], at: datetime | None = None) -> tuple[Score, list[str]]:
    found, judged = score(
        [Belief(text, confidence) for text, confidence in beliefs],
        TRUTH,
        Matcher(HashingEmbedder()),
        at=at,
    )
    return found, [one.outcome for one in judged]


def test_each_belief_comes_out_as_one_thing() -> None:
    found, outcomes = scored(
        ("Mara keeps bees.", 0.9),
        ("Mara fears large moths.", 0.3),
        ("Mara rides the bus.", 0.8),
        ("Mara plays golf.", 0.6),
        ("Mara lives underground.", 0.2),
        ("Mara collects stamps.", 0.5),
    )
    assert outcomes == ["true", "true", "stale", "planted", "misread", "unsupported"]
    assert found.outcomes == {
        **{"true": 2, "stale": 1, "planted": 1, "misread": 1, "unsupported": 1},
    }
    assert found.precision == found.precision_beyond_desk == pytest.approx(2 / 6)
    # To find are bees, choir and bicycle; the moths are hidden, the bus is past.
    assert (found.found, found.to_find) == (1, 3)
    assert found.recall == pytest.approx(1 / 3)
    assert found.recall_stated == pytest.approx(1 / 2)
    assert found.recall_shown == 0.0
    assert found.found_by_kind == {"hobby": (1, 1), "habit": (0, 1), "taste": (0, 1)}
    # ((0.1)^2 + 0.7^2 + 0.8^2 + 0.6^2 + 0.2^2 + 0.5^2) / 6
    assert found.brier == pytest.approx((0.01 + 0.49 + 0.64 + 0.36 + 0.04 + 0.25) / 6)
    # Six bins of one each: |0.9 - 1|, |0.3 - 1|, 0.8, 0.6, 0.2, 0.5.
    assert found.calibration_error == pytest.approx((0.1 + 0.7 + 0.8 + 0.6 + 0.2 + 0.5) / 6)
    assert (found.planted, found.planted_believed, found.planted_share) == (2, 1, 0.5)
    assert found.planted_confidence == pytest.approx(0.6)
    assert (found.misread, found.misread_believed) == (1, 1)


def test_the_truth_is_that_of_the_moment() -> None:
    beliefs = (("Mara rides the bus.", 0.8), ("Mara rides a bicycle.", 0.8))
    assert scored(*beliefs)[1] == ["stale", "true"]
    before, outcomes = scored(*beliefs, at=MIDDLE)
    assert outcomes == ["true", "unsupported"]
    assert before.to_find == 3  # bees, choir, bus
    assert before.planted == 1  # the mail about the bank had not come yet
    earlier, _ = scored(*beliefs, at=MIDDLE - timedelta(days=1))
    assert (earlier.to_find, earlier.recall) == (0, None)


def test_a_belief_finds_one_fact_and_a_fact_is_found_once() -> None:
    twice, outcomes = scored(("Mara keeps bees.", 0.9), ("Mara keeps bees", 0.7))
    assert outcomes == ["true", "true"]  # a true thing said twice is right twice
    assert twice.found == 1
    one, _ = scored(("Mara keeps bees, sings in a choir.", 0.9))
    assert one.found == 1  # though it is near to both


def test_a_fact_is_known_by_any_of_its_wordings() -> None:
    bees = replace(TRUTH.facts[0], wordings=("Mara is a beekeeper.",))
    truth = replace(TRUTH, facts=(bees, *TRUTH.facts[1:]))
    _, judged = score([Belief("Mara is a beekeeper.", 0.5)], truth, Matcher(HashingEmbedder()))
    assert (judged[0].outcome, judged[0].id) == ("true", "bees")
    assert judged[0].statement == "Mara keeps bees."


def test_of_an_old_and_a_new_fact_in_the_same_words_the_true_one_counts() -> None:
    shared = "Mara booked a cabin."
    old = Fact("old", "plan", "Mara leaves on 4 May.", (shared,), valid_to=MIDDLE)
    new = Fact("new", "plan", "Mara leaves on 9 May.", (shared,), valid_from=MIDDLE)
    truth = replace(TRUTH, facts=(old, new))
    beliefs = [Belief(shared, 0.9), Belief("Mara leaves on 4 May.", 0.9)]
    _, judged = score(beliefs, truth, Matcher(HashingEmbedder()))
    assert [(one.outcome, one.id) for one in judged] == [("true", "new"), ("stale", "old")]
    _, before = score(beliefs, truth, Matcher(HashingEmbedder()), at=MIDDLE - timedelta(days=1))
    assert [one.id for one in before] == ["old", "old"]


def test_what_came_out_wrong_finds_nothing() -> None:
    bees = Fact("bees", "hobby", "Mara keeps bees in town.", revealed_at=MIDDLE)
    trap = Trap("hives", "advertisement", "Mara keeps bees.", shown_at=MIDDLE)
    truth = replace(TRUTH, facts=(bees,), traps=(trap,))
    found, judged = score([Belief("Mara keeps bees.", 0.9)], truth, Matcher(HashingEmbedder()))
    # The advertisement says it word for word; the fact is near as well: 3 / sqrt(3 * 5).
    assert [one.outcome for one in judged] == ["planted"]
    assert (found.found, found.to_find, found.recall) == (0, 1, 0.0)


def test_what_is_used_at_the_desk_can_be_left_out() -> None:
    pen = Fact("pen", "desk", "Mara uses Inkwell.", revelation="incidental")
    truth = replace(TRUTH, facts=(pen, *TRUTH.facts))
    beliefs = [Belief("Mara uses Inkwell.", 0.9), Belief("Mara plays golf.", 0.9)]
    found, _ = score(beliefs, truth, Matcher(HashingEmbedder()))
    assert (found.precision, found.precision_beyond_desk) == (0.5, 0.0)
    assert found.to_find == 3  # nobody has to find out which programs there are


def test_nothing_believed_is_no_precision_and_no_recall() -> None:
    found, _ = scored()
    assert (found.precision, found.brier, found.calibration_error) == (None, None, None)
    assert (found.recall, found.planted_share, found.planted_confidence) == (0.0, 0.0, None)


@pytest.mark.parametrize(("text", "confidence"), [("", 0.5), ("x", 1.2), ("x", float("nan"))])
def test_what_is_no_proposition_is_refused(text: str, confidence: float) -> None:
    with pytest.raises(InvalidInputError, match="cannot be scored"):
        Belief(text, confidence)


def test_a_moment_has_a_zone() -> None:
    with pytest.raises(InvalidInputError, match="no time zone"):
        scored(("Mara keeps bees.", 0.9), at=datetime(2026, 3, 9))  # noqa: DTZ001 - the fault
