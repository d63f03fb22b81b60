"""How warmly a text cheers: positive sentiment of its sentences, and exclamation marks.

Sentiment is VADER's compound score (Hutto and Gilbert 2014, "VADER: A Parsimonious Rule-based
Model for Sentiment Analysis of Social Media Text": a lexicon of valences and rules for negation,
intensifiers, capitals and exclamation marks), sentence by sentence, since it saturates on longer
text. Emoji are taken out before, since they are an attribute of their own.
"""

from functools import cache
from typing import TYPE_CHECKING

from idiolect.errors import NotReadyError
from idiolect.simulation.attributes.attribute import Attribute, Measured
from idiolect.simulation.attributes.emojis import without_emoji
from idiolect.simulation.attributes.words import sentences

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


@cache
def _analyzer() -> "SentimentIntensityAnalyzer":
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as error:
        raise NotReadyError(
            "the package `vaderSentiment` is not installed",
            hint="Install what simulated people need: `pip install 'idiolect[simulation]'`.",
        ) from error
    return SentimentIntensityAnalyzer()


def _measure(text: str) -> Measured:
    parts = [without_emoji(part) for part in sentences(text)]
    if not parts:
        return Measured(0.0)
    positive = sum(max(0.0, _analyzer().polarity_scores(part)["compound"]) for part in parts)
    exclaimed = sum("!" in part for part in parts)
    return Measured((positive + exclaimed) / (2 * len(parts)))


ENTHUSIASM = Attribute(
    "enthusiasm",
    "mean over sentences of positive sentiment and exclamation, halved",
    (0.0, 1.0),
    (0.0, 0.6),
    _measure,
)
