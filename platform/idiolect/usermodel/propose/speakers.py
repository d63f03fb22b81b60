"""Which sentences of an observation are the user's own words.

A screen of a chat shows several people; a mail quotes the one it answers. Only what the user
wrote says something about the user, so whoever cannot be told is taken to be somebody else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from idiolect.usermodel.confidence import DIRECT
from idiolect.usermodel.propose.protocols import ObservationView
from idiolect.usermodel.propose.vocabulary import FIELD_LABELS

_TIME = (
    r"(?i:(?:mon|tue|wed|thu|fri|sat|sun)\w*|today|yesterday)?,?\s*\d{1,2}[:.]\d{2}(?:\s*[ap]m)?"
)
_NAME = r"[A-Z][\w'\u2019.-]*"
_MARK = r"(?P<mark>\s*\((?:you|me)\))?"
_HEADER = re.compile(
    rf"^\W*(?:{_TIME}\s+)?(?P<person>{_NAME}(?: {_NAME}){{0,2}}?|[Yy]ou|[Mm]e){_MARK}\s*"
    rf"[·—\u2013|,-]?\s*(?:(?i:posted|wrote)\s*)?(?P<time>{_TIME})\s*[:—\u2013-]?\s*(?P<rest>.*)$"
)
_LABEL = re.compile(
    rf"^\W*(?:{_TIME}\s+)?(?P<person>(?:{_NAME}|[Yy]ou|[Mm]e)(?: [\w'\u2019.]+){{0,3}}){_MARK}"
    r":(?!//|\d)\s*(?P<rest>.*)$"
)
_OWN_START = re.compile(
    r"\b(draft|your (?:message|reply|comment|post|answer|note)|new message|sent by you|you wrote"
    r"|\((?:you|me)\))",
    re.IGNORECASE,
)
_ADDRESS_BAR = re.compile(r"^\W*(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?\W*$")
_QUOTE_START = re.compile(r"\bwrote:\s*$|original message|forwarded message", re.IGNORECASE)
_HEADING = re.compile(r"^\s*#{1,6}\s+(?P<title>.+)$")
_OF_ANOTHER = re.compile(r"(?:the|an?) |.*\b(?:persona|character|interview|customer|quote)", re.I)
_QUOTE_LINE = re.compile(r"^\s*\|?\s?>")
_MOST_TABS = 30
"""How many lines tabs and buttons may take; an address further down is part of the page."""

_SELVES = frozenset({"you", "me"})
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”)]*\s+|\n{2,}|\n(?=\s*[-•*✓☐\[])")
_QUOTED = re.compile(r"[\"“][^\"“”]*[\"”]")


def own_sentences(observation: ObservationView, user_name: str) -> Iterator[str]:
    """The user's own sentences, each an exact span of the observation's text, in their order.

    Statements and messages of the user are the user's from their first word on, until they quote
    somebody; of what was read, only passages marked as the user's count. What comes from an
    untrusted source is never the user's own.
    """
    if observation.trust == "untrusted":
        return
    for passage in _own_passages(observation, user_name):
        for part in _SENTENCE_END.split(passage):
            sentence = part.strip(' \t\n|│>"“”-\u2013—•*')
            if sentence and not _QUOTED.search(sentence):
                yield sentence


def _own_passages(observation: ObservationView, user_name: str) -> Iterator[str]:
    own = observation.trust in DIRECT
    is_dialog = observation.kind not in ("statement", "message")
    passage: list[str] = []
    lines = observation.text.splitlines()
    if observation.kind == "screen":
        lines = _below_address_bar(lines)
    for line in lines:
        text, is_own = line, own
        if _QUOTE_START.search(line):
            own = is_own = False
        elif _QUOTE_LINE.search(line):
            is_own = False
        elif (heading := _HEADING.match(line)) is not None and observation.trust in DIRECT:
            # "## The farmer" opens a figure's section, "## Practice" one of the user's own.
            own, text = _OF_ANOTHER.match(heading["title"]) is None, ""
        elif is_dialog and (turn := _turn(line)) is not None:
            is_own = turn.speaker.casefold() in _SELVES or _same_person(turn.speaker, user_name)
            text = turn.rest
            if turn.goes_on:
                own = is_own
        elif is_dialog and _OWN_START.search(line):
            own, text = True, ""
        if is_own and text.strip():
            passage.append(text.strip())
        elif passage:
            yield from _spans(passage, observation.text)
            passage = []
    yield from _spans(passage, observation.text)


def _below_address_bar(lines: list[str]) -> list[str]:
    """What a browser shows below its tabs, of which "New message" may be one; else everything."""
    bars = [number for number, line in enumerate(lines) if _ADDRESS_BAR.match(line.strip())]
    return lines[bars[0] + 1 :] if bars and bars[0] < _MOST_TABS else lines


@dataclass(frozen=True, slots=True)
class _Turn:
    """A line that names its speaker; ``goes_on`` when the lines below are that speaker's too."""

    speaker: str
    rest: str
    goes_on: bool


def _turn(line: str) -> _Turn | None:
    header = _HEADER.match(line)
    found = header or _LABEL.match(line)
    if found is None or not FIELD_LABELS.isdisjoint(found["person"].casefold().split()):
        return None
    speaker = "you" if found["mark"] else found["person"]
    return _Turn(speaker, found["rest"], goes_on=header is not None and not found["rest"])


def _same_person(speaker: str, user_name: str) -> bool:
    return speaker.split()[0].casefold() == user_name.split()[0].casefold()


def _spans(lines: list[str], text: str) -> Iterator[str]:
    # Lines of one passage are joined as they stand in the text, so that quotes stay exact.
    if not lines:
        return
    pattern = r"\s+".join(re.escape(line) for line in lines)
    found = re.search(pattern, text)
    yield from [found.group()] if found else lines
