"""How well relaters tell how a new statement stands to an old one."""

import itertools
from collections import Counter
from collections.abc import Sequence

from idiolect.lm.protocols import Embedder, LanguageModel
from idiolect.usermodel.relate.protocols import Pair
from idiolect.usermodel.relate.rules import RulesRelater
from tools.bundled_model.tasks.ask_relation import CompactRelater
from tools.bundled_model.tasks.gold import Related, load_relations
from tools.bundled_model.tasks.relation import LABELS
from tools.bundled_model.tasks.scores import Figures, Matcher, with_interval

NO_ANSWER = "no answer"
CUTS = 20
"""Quantiles of the training similarities that a threshold is chosen from."""

_Outcome = tuple[str, str]
"""The right label and the given one."""


def relation_figures(embedder: Embedder, model: LanguageModel | None) -> dict[str, Figures]:
    """Every arm's figures on the test pairs."""
    matcher = Matcher(embedder)
    training, test = load_relations("training"), load_relations("test")
    known, asked = _pairs(training, matcher), _pairs(test, matcher)
    thresholds = Thresholds.fitted(known, [each.label for each in training])
    commonest = Counter(each.label for each in training).most_common(1)[0][0]
    arms: dict[str, Sequence[str | None]] = {
        "majority": [commonest] * len(test),
        "cosine thresholds": thresholds.relate(asked),
        "rules": RulesRelater().relate(asked),
    }
    if model is not None:
        arms["model"] = CompactRelater(model).relate(asked)
    return {
        arm: summary(
            [(each.label, label or NO_ANSWER) for each, label in zip(test, labels, strict=True)]
        )
        for arm, labels in arms.items()
    }


class Thresholds:
    """Labels a pair by its cosine alone: each label has one stretch of the scale.

    Args:
        cuts: rising, one fewer than ``labels``.
        labels: from the lowest stretch to the highest.
    """

    def __init__(self, cuts: Sequence[float], labels: Sequence[str]) -> None:
        self._cuts, self._labels = cuts, labels

    @classmethod
    def fitted(cls, pairs: Sequence[Pair], labels: Sequence[str]) -> "Thresholds":
        """The cuts that label the most pairs right; the labels in order of their mean cosine.

        A stretch may be empty, so a label that never pays is never given.
        """
        cosines: dict[str, list[float]] = {label: [] for label in LABELS}
        for pair, label in zip(pairs, labels, strict=True):
            cosines[label].append(pair.similarity)
        order = sorted(LABELS, key=lambda label: _mean(cosines[label]))
        rising = sorted(pair.similarity for pair in pairs)
        places = [rising[len(rising) * k // CUTS] for k in range(CUTS)]
        choices = itertools.combinations_with_replacement(places, len(order) - 1)
        return max((cls(cuts, order) for cuts in choices), key=lambda t: t.right(pairs, labels))

    def right(self, pairs: Sequence[Pair], labels: Sequence[str]) -> int:
        """How many pairs get their label."""
        return sum(a == b for a, b in zip(self.relate(pairs), labels, strict=True))

    def relate(self, pairs: Sequence[Pair]) -> list[str]:
        """A label for each pair."""
        return [self._labels[sum(p.similarity >= cut for cut in self._cuts)] for p in pairs]


def summary(outcomes: Sequence[_Outcome]) -> Figures:
    """Accuracy, macro-F1 (the mean of the labels' F1), and how labels were confused."""
    confusion: dict[str, dict[str, int]] = {
        label: dict(Counter(given for right, given in outcomes if right == label))
        for label in LABELS
    }
    return {
        "accuracy": with_interval(outcomes, accuracy),
        "macro-F1": with_interval(outcomes, macro_f1),
        "given for each label": confusion,
    }


def accuracy(outcomes: Sequence[_Outcome]) -> float:
    """Share of the pairs with the right label."""
    return _mean([right == given for right, given in outcomes])


def macro_f1(outcomes: Sequence[_Outcome]) -> float:
    """Mean over the labels of 2 · hits / (times given + times right)."""
    given, right = Counter(g for _, g in outcomes), Counter(r for r, _ in outcomes)
    hits = Counter(r for r, g in outcomes if r == g)
    return _mean([2 * hits[each] / max(1, given[each] + right[each]) for each in LABELS])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _pairs(rows: Sequence[Related], matcher: Matcher) -> list[Pair]:
    return [Pair(each.old, each.new, matcher.cosine(each.old, each.new)) for each in rows]
