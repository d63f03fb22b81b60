"""Preferences are what the person would say, in the forms that training takes."""

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from idiolect.errors import InvalidInputError
from idiolect.preference.reading import read_examples
from idiolect.simulation.choices import Candidates, Sitting
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.people import Drift
from idiolect.simulation.utility import Liking, Utility
from tests.simulation.replies import CANDIDATES, CHEERFUL, FEATURES, LIST, REPLIES, SHORT, person

LIKES_LISTS = person(bullets=1.0, length=-0.1)


def test_a_sure_person_prefers_what_is_worth_more() -> None:
    pairs = Sitting(LIKES_LISTS, FEATURES).pairs(CANDIDATES, 30, random.Random(0))
    assert len(pairs) == 30
    assert len({pair.id for pair in pairs}) == 30
    for pair in pairs:
        worths = [LIKES_LISTS.worth(FEATURES(text)) for text in (pair.sample_w, pair.sample_l)]
        assert worths[0] > worths[1]
        assert pair.source == "ada"


def test_every_conversation_comes_before_any_again() -> None:
    pairs = Sitting(LIKES_LISTS, FEATURES).pairs(CANDIDATES, 6, random.Random(0))
    counts = Counter(str(pair.context_w) for pair in pairs)
    assert list(counts.values()) == [2, 2, 2]


def test_the_same_seed_gives_the_same_preferences() -> None:
    sitting = Sitting(person(ChoiceModel(ties=0.5), emoji=1.0), FEATURES)
    for draw in (sitting.pairs, sitting.rankings, sitting.thumbs, sitting.edits):
        assert draw(CANDIDATES, 12, random.Random(5)) == draw(CANDIDATES, 12, random.Random(5))


def test_ties_are_pairs_that_are_as_sure_either_way() -> None:
    undecided = person(ChoiceModel(temperature=100.0, ties=100.0), emoji=1.0)
    pairs = Sitting(undecided, FEATURES).pairs(CANDIDATES, 50, random.Random(0))
    assert sum(pair.is_tie for pair in pairs) > 45  # 100 / 102 of them


def test_noise_is_greatest_at_the_end_of_a_session() -> None:
    tiring = person(ChoiceModel(temperature=0.2, fatigue=0.5), bullets=1.0, length=-0.2)
    sitting = Sitting(tiring, FEATURES, session_length=20)
    pairs = sitting.pairs(CANDIDATES, 4000, random.Random(0))

    def share_right(half: int) -> float:
        of_half = [pair for place, pair in enumerate(pairs) if place % 20 // 10 == half]
        worth = [
            tiring.worth(FEATURES(p.sample_w)) > tiring.worth(FEATURES(p.sample_l)) for p in of_half
        ]
        return sum(worth) / len(worth)

    assert share_right(0) > share_right(1) + 0.05


def test_choices_follow_a_drifting_taste() -> None:
    drift = Drift(Utility({"bullets": Liking(-1.0), "length": Liking(0.1)}), days=10)
    changing = replace(LIKES_LISTS, drift=drift)

    def wins(day: float) -> int:
        pairs = Sitting(changing, FEATURES, day=day).pairs(CANDIDATES, 40, random.Random(0))
        return sum(pair.sample_w == LIST for pair in pairs)

    assert wins(0) > 10
    assert wins(10) == 0


def test_a_ranking_is_the_order_of_worth() -> None:
    rankings = Sitting(LIKES_LISTS, FEATURES).rankings(CANDIDATES, 5, random.Random(0))
    true = sorted(REPLIES, key=lambda reply: -LIKES_LISTS.worth(FEATURES(reply)))
    for ranking in rankings:
        assert list(ranking.samples) == true
        assert ranking.rewards == (3.0, 2.0, 1.0, 0.0)


def test_thumbs_go_up_above_the_average() -> None:
    thumbs = Sitting(LIKES_LISTS, FEATURES).thumbs(CANDIDATES, 30, random.Random(0))
    assert len(thumbs) == 30
    for thumb in thumbs:
        (sample,), (reward,) = thumb.samples, thumb.rewards
        assert (reward > 0) == (LIKES_LISTS.worth(FEATURES(sample)) > 0)


def test_who_is_undecided_gives_no_thumb() -> None:
    undecided = person(ChoiceModel(ties=1e9), emoji=1.0)
    with pytest.raises(InvalidInputError, match="thumbs, not 5"):
        Sitting(undecided, FEATURES).thumbs(CANDIDATES, 5, random.Random(0))


def test_an_edit_is_better_than_what_was_shown() -> None:
    sober = person(emoji=-1.0, enthusiasm=-1.0)
    edits = Sitting(sober, FEATURES).edits(CANDIDATES, 40, random.Random(0))
    assert edits
    for pair in edits:
        assert pair.sample_l == CHEERFUL
        assert "😊" not in pair.sample_w
        assert sober.worth(FEATURES(pair.sample_w)) > sober.worth(FEATURES(pair.sample_l)) + 0.2


def test_pairs_are_read_back_from_a_file(tmp_path: Path) -> None:
    pairs = Sitting(LIKES_LISTS, FEATURES).pairs(CANDIDATES, 10, random.Random(0))
    path = tmp_path / "pairs.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    "id": pair.id,
                    "prompt": list(pair.context_w),
                    "chosen": pair.sample_w,
                    "rejected": pair.sample_l,
                    "source": pair.source,
                }
            )
            for pair in pairs
        )
    )
    assert read_examples(path) == pairs


def test_what_cannot_be_chosen_from_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="two or more"):
        Candidates(CANDIDATES[0].context, (SHORT,))
    with pytest.raises(InvalidInputError, match="two or more"):
        Candidates(CANDIDATES[0].context, (SHORT, SHORT))
    with pytest.raises(InvalidInputError, match="no candidates"):
        Sitting(LIKES_LISTS, FEATURES).pairs([], 1, random.Random(0))
    with pytest.raises(InvalidInputError, match="one choice or more"):
        Sitting(LIKES_LISTS, FEATURES, session_length=0)
