"""What could be offered, and which of it is the same again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from idiolect.assistant.suggestions.utility import Stakes
from idiolect.errors import InvalidInputError
from idiolect.usermodel.grounding import content_words
from idiolect.usermodel.relate.rules import IDENTICAL

SAME_MEANING = IDENTICAL
"""From this cosine on two offers are the same; where the user model takes two statements so."""

SAME_WORDS = 0.6
"""From this share of common content words on (Jaccard), where there are no vectors."""

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that may be made. It does nothing: at most it has a prompt to be sent.

    Attributes:
        text: the offer, as the user reads it.
        kind: what sort of offer; what is learnt from one counts for its kind.
        evidence: ids of the propositions that it comes from.
        stakes: what hangs on it, before anything was learnt of the user.
        valid_until: when it is of no use any more; its benefit falls evenly to nothing until then.
        prompt: what the assistant is asked when, and only when, the user clicks.

    Raises:
        InvalidInputError: an empty text, or a time without a zone.
    """

    text: str
    kind: str
    evidence: tuple[str, ...]
    stakes: Stakes
    valid_until: datetime
    prompt: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise InvalidInputError("an offer needs a text")
        if self.valid_until.tzinfo is None:
            raise InvalidInputError("valid_until needs a time zone", hint="Give it in UTC.")


def distinct(
    candidates: Sequence[Candidate],
    shown: Iterable[str] = (),
    vectors: Mapping[str, Sequence[float]] | None = None,
) -> tuple[list[Candidate], list[tuple[Candidate, str]]]:
    """Separates offers from their repetitions.

    Args:
        candidates: the best first; of two that are the same the first is kept.
        shown: texts that the user was shown lately.
        vectors: unit vectors by text, of one space; texts without one are compared by words.

    Returns:
        The candidates that are kept in their order, and each other one with the text that it
        repeats.
    """
    kept: list[Candidate] = []
    repeated: list[tuple[Candidate, str]] = []
    seen = list(shown)
    for candidate in candidates:
        earlier = next((text for text in seen if same(candidate.text, text, vectors)), None)
        if earlier is None:
            kept.append(candidate)
            seen.append(candidate.text)
        else:
            repeated.append((candidate, earlier))
    return kept, repeated


def same(left: str, right: str, vectors: Mapping[str, Sequence[float]] | None = None) -> bool:
    """Whether two offers say the same: by their vectors where both are known, else by their words.

    The words are compared by Jaccard's index, shared content words over all content words. They are
    the second choice: two deadlines in one template share 0.64 of their words and have a cosine of
    0.74. Offers whose numbers differ are never the same: the meeting at 10 is not the one at 11.
    """
    if set(_NUMBER.findall(left)) != set(_NUMBER.findall(right)):
        return False
    if vectors is not None and left in vectors and right in vectors:
        cosine = sum(a * b for a, b in zip(vectors[left], vectors[right], strict=True))
        return cosine >= SAME_MEANING
    one, other = content_words(left), content_words(right)
    return bool(one | other) and len(one & other) >= SAME_WORDS * len(one | other)
