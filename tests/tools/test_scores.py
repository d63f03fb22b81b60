"""The arithmetic of the figures on the small tasks."""

from collections.abc import Mapping, Sequence

import pytest

from idiolect.usermodel.relate.protocols import Pair
from tools.bundled_model.tasks import scores_relation, scores_title
from tools.bundled_model.tasks.gold import Screen
from tools.bundled_model.tasks.scores import Matcher, with_interval
from tools.bundled_model.tasks.scores_propositions import Score, compare, summary
from tools.bundled_model.tasks.scores_relation import Thresholds, accuracy, macro_f1

HALF = 0.5**0.5


PIANO, WELL, VIOLIN = "Mara plays the piano.", "Mara plays a piano well.", "Mara plays the violin."
OWNS, BAKES = "Mara owns a piano.", "Mara bakes."
VECTORS = {
    PIANO: [1.0, 0.0],
    WELL: [0.8, 0.6],
    VIOLIN: [0.96, 0.28],
    OWNS: [HALF, -HALF],
    BAKES: [0.0, 1.0],
}


class Looked:
    """An embedder that looks its vectors up."""

    name = "looked up"

    def __init__(self, vectors: Mapping[str, list[float]] = VECTORS) -> None:
        self._vectors = vectors

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._vectors[text] for text in texts]


def test_the_same_is_near_in_meaning_and_shares_words() -> None:
    matcher = Matcher(Looked())
    assert matcher.nearness(PIANO, [WELL], "Mara") == pytest.approx(0.8)
    assert matcher.nearness(PIANO, [BAKES], "Mara") == 0
    assert matcher.nearness(WELL, [OWNS], "Mara") == 0  # 0.8h - 0.6h = 0.14 is below 0.7
    assert matcher.nearness(PIANO, [], "Mara") == 0
    assert matcher.nearness(PIANO, [BAKES, OWNS, WELL], "Mara") == pytest.approx(0.8)


def test_what_shares_no_word_is_not_the_same() -> None:
    near = Matcher(Looked({PIANO: [1.0, 0.0], BAKES: [0.96, 0.28]}))
    assert near.cosine(PIANO, BAKES) == pytest.approx(0.96)
    assert near.nearness(PIANO, [BAKES], "Mara") == 0


def test_a_screen_is_counted() -> None:
    """Gold: piano, bakes. Drafts: well (says piano), violin (says the trap, and piano too)."""
    screen = Screen("s", "Mara", "typed", "", (PIANO, BAKES), (VIOLIN,))
    matcher = Matcher(Looked())
    counted = compare(screen, [WELL], matcher)
    assert (counted.gold, counted.found, counted.drafts, counted.right) == (2, 1, 1, 1)
    trapped = compare(screen, [VIOLIN], matcher)
    assert (trapped.traps, trapped.matched, trapped.believed) == (1, 1, 1)
    nothing = compare(screen, [], matcher)
    assert (nothing.found, nothing.right, nothing.matched, nothing.believed) == (0, 0, 0, 0)


def test_shares_are_over_all_statements() -> None:
    """Recall (1 + 0) / (2 + 3); precision 1 / (1 + 0); traps 1 / 2."""
    figures = summary([Score(2, 1, 1, 1, 1, 1, 0), Score(3, 0, 0, 0, 1, 0, 0)])
    assert figures["recall"][0] == 0.2
    assert figures["precision"][0] == 1.0
    assert figures["traps matched"][0] == 0.5
    assert figures["traps believed"] == [0.0, 0.0, 0.0]
    assert figures["counts"] == {"screens": 2, "gold": 5, "drafts": 1, "traps": 2}


def test_a_share_of_nothing_is_no_figure() -> None:
    figures = summary([Score(2, 0, 0, 0, 0, 0, 0)])
    assert figures["recall"] == [0.0, 0.0, 0.0]
    assert figures["precision"] is None
    assert figures["traps matched"] is None


def test_an_interval_holds_the_statistic_and_narrows_with_rows() -> None:
    def mean(rows: Sequence[int]) -> float:
        return sum(rows) / len(rows)

    few, many = with_interval([0, 1] * 10, mean), with_interval([0, 1] * 1000, mean)
    assert few[0] == many[0] == 0.5
    assert few[1] < many[1] < 0.5 < many[2] < few[2]
    assert many[2] - many[1] == pytest.approx(2 * 1.96 * 0.5 / 2000**0.5, rel=0.15)


def test_accuracy_and_macro_f1() -> None:
    """identical: 2·1/(2+1); similar: 2·1/(1+2); the other three 0: (2/3 + 2/3) / 5."""
    outcomes = [("identical", "identical"), ("similar", "identical"), ("similar", "similar")]
    assert accuracy(outcomes) == pytest.approx(2 / 3)
    assert macro_f1(outcomes) == pytest.approx(4 / 15)
    assert scores_relation.summary(outcomes)["given for each label"]["similar"] == {
        "identical": 1,
        "similar": 1,
    }


def test_thresholds_part_what_can_be_parted() -> None:
    marks = {"unrelated": 0.1, "generalizes": 0.3, "similar": 0.5, "contradicts": 0.7}
    marks["identical"] = 0.9
    labels = [label for label in marks for _ in range(5)]
    pairs = [Pair("", "", marks[label]) for label in labels]
    fitted = Thresholds.fitted(pairs, labels)
    assert fitted.relate(pairs) == labels
    assert fitted.relate([Pair("", "", 0.05), Pair("", "", 0.99)]) == ["unrelated", "identical"]


def test_a_title_is_compared_with_the_name() -> None:
    """Of slow, laptop the title names one; of laptop, screen, broken one is to the point."""
    figures = scores_title.summary([("A slow laptop", "Laptop screen broken")])
    assert figures["named"][0] == 0.5
    assert figures["to the point"][0] == 0.333
    assert figures["words"][0] == 3
