"""What somebody can do to a reply without writing anew: take away, shorten, or lay it out anew."""

import re
from collections.abc import Callable, Mapping

from idiolect.simulation.attributes.emojis import without_emoji
from idiolect.simulation.attributes.questions import QUESTIONS
from idiolect.simulation.attributes.words import list_marks, plain, sentences
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.people import Person

_MARK_LEFT = re.compile(r"\n[ \t]*(?:[-*•]|\d{1,2}[.)])$")
_LOST_STOP = re.compile(r"(?<=\w)[ \t]{2,}(?=[A-Z])")
_LOST_SPACE = re.compile(r"[ \t]+(?=[ \t\n.,!?]|$)")


def _drop_emoji(text: str) -> str:
    # An emoji often stands for a full stop.
    return _LOST_SPACE.sub("", _LOST_STOP.sub(". ", without_emoji(text))).strip()


def _calm_down(text: str) -> str:
    return text.replace("!", ".")


def _drop_closing_question(text: str) -> str:
    asks = QUESTIONS(text).band == "closing"
    return _drop_last_sentence(text) if asks else text


def _drop_last_sentence(text: str) -> str:
    *before, last = sentences(text) or [""]
    straight = text.replace("\u2019", "'")  # as sentences are given, letter for letter
    if not before or last not in straight:
        return text
    kept = text[: straight.rindex(last)].rstrip()
    return _MARK_LEFT.sub("", kept)


def _as_bullets(text: str) -> str:
    parts = sentences(text)
    if list_marks(text) or len(parts) < 2:
        return text
    return "\n".join(f"- {part}" for part in parts)


def _as_prose(text: str) -> str:
    if not list_marks(text):
        return text
    parts = sentences(plain(text))
    return " ".join(part if part[-1] in ".!?:" else f"{part}." for part in parts)


EDITS: Mapping[str, Callable[[str], str]] = {
    "drop_emoji": _drop_emoji,
    "calm_down": _calm_down,
    "drop_closing_question": _drop_closing_question,
    "drop_last_sentence": _drop_last_sentence,
    "as_bullets": _as_bullets,
    "as_prose": _as_prose,
}
"""Each gives the edited text, the same one where there is nothing to edit."""


def edited(
    text: str,
    person: Person,
    features: FeatureMap,
    *,
    most: int = 3,
    least_gain: float = 0.2,
    day: float = 0.0,
) -> str:
    """The reply as the person would have liked it better: one edit after another, the best first.

    Args:
        text: the reply.
        person: who edits it; edits follow the true utility without noise.
        features: measures the drafts.
        most: edits at most.
        least_gain: of utility, under which an edit is not worth the work.
        day: since the person was first seen.

    Returns:
        The last draft; the text itself if no edit was worth it.
    """
    for _ in range(most):
        drafts = [draft for edit in EDITS.values() if (draft := edit(text)).strip()]
        best = max(drafts, key=lambda draft: person.worth(features(draft), day=day), default=text)
        gain = person.worth(features(best), day=day) - person.worth(features(text), day=day)
        if best == text or gain < least_gain:
            break
        text = best
    return text
