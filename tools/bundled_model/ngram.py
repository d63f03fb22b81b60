"""A 5-gram model of tokens: what can be had without understanding, to hold a loss against."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

ORDER = 5


class NgramModel:
    """Interpolated n-grams with Witten-Bell smoothing (Bell, Cleary and Witten 1990).

    p(w | h) = (c(h, w) + t(h) p(w | h')) / (c(h) + t(h)), where t(h) counts the different tokens
    seen after the history h, h' is h without its first token, and the last resort is uniform.

    Args:
        vocabulary: how many tokens there are.
    """

    def __init__(self, vocabulary: int) -> None:
        self._vocabulary = vocabulary
        self._followers: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        self._totals: Counter[tuple[int, ...]] = Counter()

    def learn(self, sequences: Iterable[Sequence[int]]) -> None:
        """Count the n-grams of token sequences."""
        for tokens in sequences:
            for place in range(len(tokens)):
                self._count(tokens, place)

    def probability(self, history: Sequence[int], token: int) -> float:
        """Of a token after a history, of which the last four tokens count."""
        kept = tuple(history[-(ORDER - 1) :])
        shorter = self.probability(kept[1:], token) if kept else 1 / self._vocabulary
        followers = self._followers.get(kept)
        if followers is None:
            return shorter
        kinds = len(followers)
        return (followers[token] + kinds * shorter) / (self._totals[kept] + kinds)

    def nats(self, tokens: Sequence[int], wanted: Collection[int], *, copying: bool) -> float:
        """Negative log-likelihood of the tokens at some places of a sequence.

        Args:
            tokens: the sequence.
            wanted: the places.
            copying: mixes in, half and half, 5-grams of what stands before in the sequence, which
                can repeat the notes that it begins with.
        """
        own, total = NgramModel(self._vocabulary), 0.0
        for place, token in enumerate(tokens):
            before = tokens[:place]
            if place in wanted:
                likely = self.probability(before, token)
                if copying:
                    likely = (likely + own.probability(before, token)) / 2
                total -= math.log(likely)
            own._count(tokens, place)
        return total

    def _count(self, tokens: Sequence[int], place: int) -> None:
        for length in range(min(ORDER - 1, place) + 1):
            history = tuple(tokens[place - length : place])
            self._followers[history][tokens[place]] += 1
            self._totals[history] += 1
