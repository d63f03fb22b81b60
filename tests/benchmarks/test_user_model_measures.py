"""The arithmetic behind the figures of the user model's benchmark."""

import pytest

from benchmarks.user_model.locomo import Asked, Conversation, Turn, figures, parse
from benchmarks.user_model.measures import (
    Stopwatch,
    growth,
    percentile,
    recall_at,
    reciprocal_rank,
)


def test_recall_is_the_share_of_what_is_wanted_among_the_first() -> None:
    ranked = ["a", "b", "c", "d"]
    assert recall_at(ranked, ["b", "d"], 2) == 1 / 2
    assert recall_at(ranked, ["b", "d"], 4) == 1
    assert recall_at(ranked, ["x"], 4) == 0
    assert recall_at(["b"], ["b", "b", "d"], 5) == 1 / 2  # named twice, wanted once


def test_reciprocal_rank_counts_the_first_that_is_wanted() -> None:
    assert reciprocal_rank(["a", "b", "c"], ["c", "b"]) == 1 / 2
    assert reciprocal_rank(["a"], ["b"]) == 0
    assert reciprocal_rank([], ["b"]) == 0


def test_growth_compares_the_first_and_the_last_twenty() -> None:
    assert growth([1.0] * 20 + [100.0] * 60 + [3.0] * 20) == (1.0, 3.0)
    assert growth([1.0, 1.0, 5.0, 7.0]) == (1.0, 6.0)  # of four, half and half
    assert growth([2.0]) == (2.0, 2.0)


def test_percentile_lies_between_its_neighbors() -> None:
    assert percentile([4.0, 1.0, 2.0, 3.0, 5.0], 0.5) == 3.0
    assert percentile([0.0, 10.0], 0.95) == pytest.approx(9.5)
    assert percentile([7.0], 0.95) == 7.0


def test_stopwatch_tells_work_from_waiting() -> None:
    with Stopwatch() as watch:
        sum(range(200_000))
    assert watch.processor_ms > 0
    assert watch.wall_ms > 0.5 * watch.processor_ms


RAW = {
    "sample_id": "c1",
    "conversation": {
        "speaker_a": "Ida",
        "session_2": [{"dia_id": "D2:1", "speaker": "Ida", "text": "I did.", "blip_caption": "a"}],
        "session_2_date_time": "1:30 pm on 3 May, 2023",
        "session_1": [{"dia_id": "D1:1", "speaker": "Bo", "text": "Did you?"}],
        "session_1_date_time": "1:30 am on 2 May, 2023",
    },
    "qa": [
        {"question": "Both?", "evidence": ["D1:1; D2:1", "D9:9", "D"], "category": 1},
        {"question": "Nothing?", "evidence": [], "category": 3},
        {"question": "Of whom?", "evidence": ["D2:1"], "category": 5},
    ],
}


def test_a_conversation_is_read_by_session_with_the_evidence_that_there_is() -> None:
    read = parse(RAW)
    assert read.turns == (
        Turn("D1:1", "Bo: Did you?", 1.5),
        Turn("D2:1", "Ida: I did. (a picture: a)", 0.0),
    )
    assert read.questions == (
        Asked("Both?", ("D1:1", "D2:1"), False),
        Asked("Of whom?", ("D2:1",), True),
    )


def test_figures_are_means_over_questions_with_the_adversarial_ones_apart() -> None:
    questions = (
        Asked("one", ("a",), False),
        Asked("two", ("b", "c"), False),
        Asked("three", ("a",), True),
    )
    conversation = Conversation("c1", (), questions)
    ranked = ["x", "b", "y", "z", "v", "c"]
    report = figures([conversation], [[["a"], ranked, []]])
    assert report["answerable"] == {
        "questions": 2,
        "recall@5": (1 + 1 / 2) / 2,
        "recall@10": 1.0,
        "mrr": (1 + 1 / 2) / 2,
    }
    assert report["adversarial"] == {"questions": 1, "recall@5": 0, "recall@10": 0, "mrr": 0}
