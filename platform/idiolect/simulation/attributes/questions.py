"""Questions that a reply puts back to whom it answers."""

from idiolect.simulation.attributes.attribute import Attribute, Measured
from idiolect.simulation.attributes.emojis import without_emoji
from idiolect.simulation.attributes.words import sentences


def _measure(text: str) -> Measured:
    parts = sentences(text)
    asked = [without_emoji(part).rstrip("\"'”’)] ").endswith("?") for part in parts]  # noqa: RUF001 - quotes
    if not any(asked):
        return Measured(0.0, "none")
    return Measured(sum(asked) / len(parts), "closing" if asked[-1] else "within")


QUESTIONS = Attribute("questions", "share of sentences that ask", (0.0, 1.0), (0.0, 0.5), _measure)
