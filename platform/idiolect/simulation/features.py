"""The features by which people judge a text: every attribute and topic on a scale from 0 to 1."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from idiolect.simulation.attributes import ATTRIBUTES, Checker, scaled

Features = Mapping[str, float]
"""Value in [0, 1] of each attribute and topic, by name."""


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """Measures texts, each one once.

    Attributes:
        checkers: by name; add topics to those of ``ATTRIBUTES`` where people care about them.
    """

    checkers: Mapping[str, Checker] = field(default_factory=lambda: ATTRIBUTES)
    _known: dict[str, Features] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, text: str) -> Features:
        """The features of a text; a mapping that callers share and don't change."""
        if text not in self._known:
            self._known[text] = scaled(text, self.checkers)
        return self._known[text]

    @property
    def names(self) -> tuple[str, ...]:
        """Of all features, in order."""
        return tuple(self.checkers)
