"""The arithmetic of the benchmark of propositions: matching, counting, days, noise, ablations."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.propositions.arms import UNRETRIEVED, WIRED, Forgiven, Keyless, Unrelated
from benchmarks.propositions.figures import Count, calibration, mean, share, summary
from benchmarks.propositions.gold import MONDAY, Screen, counted, half_of, held_after, is_in
from benchmarks.propositions.noise import TIMES, seen_again
from benchmarks.propositions.people import brier_once, by_day, said_again
from idiolect.errors import StructuredOutputError
from idiolect.observe.wire import ObservationIn
from idiolect.simulation.matching import Matcher
from idiolect.simulation.scoring import Belief, Judged, Outcome
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.relate.protocols import Pair
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.seeds import draft

PIANO, PLAYS, VIOLIN = "Mara plays the piano.", "Mara plays a piano.", "Mara owns the piano."
BAKES, CHESS = "Mara bakes.", "Mara plays chess."
VECTORS: Mapping[str, list[float]] = {
    PIANO: [1.0, 0.0, 0.0],
    PLAYS: [0.9, 0.436, 0.0],
    VIOLIN: [0.8, 0.6, 0.0],
    BAKES: [0.0, 0.0, 1.0],
    CHESS: [0.0, 1.0, 0.0],
}


class Looked:
    """An embedder that looks its vectors up."""

    name = "looked up"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [VECTORS[text] for text in texts]


def screen(trust: str = "typed") -> Screen:
    return Screen("s", "Mara", "notes", "", trust, (PIANO, BAKES), (VIOLIN,))


def test_what_is_found_right_and_believed() -> None:
    """Of two gold statements one is found; of three beliefs one says it, one says the trap.

    PLAYS is 0.9 from the gold and 0.9 · 0.8 + 0.436 · 0.6 = 0.98 from the trap; PIANO is 1 from
    the gold and 0.8 from the trap.
    """
    beliefs = [Belief(PIANO, 0.9), Belief(PLAYS, 0.6), Belief(CHESS, 0.4)]
    count = counted(screen(), beliefs, Matcher(Looked()))
    assert (count.gold, count.found, count.traps) == (2, 1, 1)
    assert count.right == (True, False, False)
    assert count.believed == (0.6,)
    assert count.confidences == (0.9, 0.6, 0.4)


def test_nothing_is_believed_of_nothing() -> None:
    count = counted(screen(), [], Matcher(Looked()))
    assert (count.found, count.right, count.believed) == (0, (), ())


def test_shares_are_of_all_screens_together() -> None:
    """Recall (1 + 0) / (2 + 3), precision 1 / 2, traps 1 / 4 with one above 0.5 from a stranger."""
    counts = [
        Count(2, 1, (0.9, 0.6), (True, False), 2, ()),
        Count(3, 0, (), (), 2, (0.7,), is_untrusted=True),
    ]
    figures = summary(counts)
    assert figures["recall"][0] == pytest.approx(0.2)
    assert figures["precision"][0] == pytest.approx(0.5)
    assert figures["traps believed"][0] == pytest.approx(0.25)
    assert figures["traps believed above 0.5"] == figures["of them from strangers"] == 1
    # (0.1² + 0.6²) / 2, and two bins that are 0.1 and 0.6 off
    assert figures["Brier"] == pytest.approx(0.185)
    assert figures["calibration error"] == pytest.approx(0.35)


def test_of_nothing_there_is_no_figure() -> None:
    empty = [Count(2, 0, (), (), 0, ())]
    assert share(empty, lambda c: sum(c.right), lambda c: len(c.right)) is None
    assert calibration(empty)["Brier"] is None
    assert mean([None, None]) is None


def test_intervals_hold_the_figure_and_narrow_with_rows() -> None:
    few, many = ([0, 1] * 10, [0, 1] * 500)
    wide, narrow = (share(rows, int, lambda _: 1) for rows in (few, many))
    assert wide is not None
    assert narrow is not None
    assert wide[0] == narrow[0] == 0.5
    assert wide[1] < narrow[1] < 0.5 < narrow[2] < wide[2]


def test_every_row_is_in_one_half() -> None:
    keys = [f"observe-{number:04}" for number in range(400)]
    halves = [half_of(key) for key in keys]
    assert 150 < halves.count("development") < 250
    for key, half in zip(keys, halves, strict=True):
        assert is_in(key, half)
        assert is_in(key, "all")
        assert is_in(key, "development") != is_in(key, "held out")


def seen(key: str, at: datetime, *, kind: str = "message", text: str = "hello") -> ObservationIn:
    return ObservationIn.model_validate(
        {"idempotency_key": key, "kind": kind, "source": "test", "text": text, "occurred_at": at}
    )


def test_a_stream_comes_in_day_by_day_and_the_calendar_first() -> None:
    day = timedelta(days=1)
    stream = [
        seen("first", MONDAY),
        seen("entry", MONDAY + 3 * day, kind="calendar"),
        seen("third", MONDAY + 2 * day),
    ]
    parts = [(end, [one.idempotency_key for one in rows]) for end, rows in by_day(stream, MONDAY)]
    assert parts == [(MONDAY + day, ["first", "entry"]), (MONDAY + 3 * day, ["third"])]


def test_noise_repeats_words_and_nothing_else() -> None:
    stream = [
        seen("said", MONDAY, text="the meal at noon is on me " * 40),
        seen("used", MONDAY, kind="application"),
    ]
    noisy = list(seen_again(stream, seed=1))
    assert [one.idempotency_key for one in noisy] == [
        "said", *(f"said-again-{time}" for time in range(1, TIMES)), "used",
    ]  # fmt: skip
    assert noisy[0] == stream[0]
    changed = [a != b for a, b in zip(noisy[1].text, stream[0].text, strict=False)]
    assert any(changed)
    assert noisy[1].occurred_at > stream[0].occurred_at
    assert noisy == list(seen_again(stream, seed=1))
    assert noisy != list(seen_again(stream, seed=2))


def judged(confidence: float, outcome: Outcome, id: str = "") -> Judged:
    return Judged(Belief(f"{id or outcome} {confidence}", confidence), outcome, id, id)


def test_what_is_said_again_counts_once() -> None:
    """Two beliefs of one fact count as the surer: (0.1² + 0.5²) / 2."""
    beliefs = [judged(0.6, "true", "f1"), judged(0.9, "true", "f1"), judged(0.5, "unsupported")]
    assert brier_once(beliefs) == pytest.approx(0.13)
    assert said_again(beliefs) == pytest.approx(1 / 3)
    assert said_again([]) is None


class Told:
    """A proposer that gives one estimate, or fails."""

    name = "told"

    def __init__(self, *, fails: bool = False) -> None:
        self._fails = fails

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        if self._fails:
            raise StructuredOutputError("no JSON")
        return [draft(PIANO, estimate_key="usage:piano")]


def test_ablations_take_away_what_they_say() -> None:
    [kept] = Keyless(Told()).propose([], [], user_name="Mara", now=MONDAY)
    assert kept.estimate_key is None
    assert kept.text == PIANO
    assert Unrelated().relate([Pair(PIANO, PIANO, 1.0)]) == [None]
    forgiven = Forgiven(Told(fails=True))
    assert forgiven.propose([], [], user_name="Mara", now=MONDAY) == []
    assert forgiven.unusable == 1


def test_a_screen_goes_through_the_whole_pipeline() -> None:
    text = "I grow dahlias on the balcony.\nI am left-handed."
    mine = Screen("a", "Mara", "notes", text, "typed", (), ())
    theirs = Screen("b", "Piotr", "email", text, "untrusted", (), ())
    for arm in (WIRED, UNRETRIEVED):
        held, seconds = held_after([mine, theirs], arm, HashingEmbedder())
        assert {belief.text for belief in held[0]} == {
            "Mara grows dahlias on the balcony.",
            "Mara is left-handed.",
        }
        assert held[1] == []
        assert seconds > 0


def test_a_calibrated_crowd_has_no_calibration_error() -> None:
    right = np.arange(10) < 7
    count = Count(0, 0, (0.7,) * 10, tuple(right.tolist()), 0, ())
    assert calibration([count])["calibration error"] == pytest.approx(0.0)
    assert calibration([count])["Brier"] == pytest.approx(0.21)


def test_screens_come_in_as_the_observer_sends_them() -> None:
    observation = screen("untrusted").observation()
    assert (observation.kind, observation.trust) == ("screen", "untrusted")
    assert observation.occurred_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
