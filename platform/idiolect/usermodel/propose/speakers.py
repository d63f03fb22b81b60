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
_HANDLE = r"[a-z][\w.-]*(?=[ \t]*[·—\u2013|])|[a-z][a-z.-]*[\d_][\w.-]*"
_MARK = r"(?P<mark>\s*\((?:you|me)\))?"
_HEADER = re.compile(
    rf"^\W*(?:{_TIME}\s+)?(?P<person>{_NAME}(?: {_NAME}){{0,2}}?|[Yy]ou|[Mm]e|{_HANDLE}){_MARK}\s*"
    rf"[·—\u2013|,-]?\s*(?:(?i:posted|wrote)\s*)?(?P<time>{_TIME})\s*[:—\u2013-]?\s*(?P<rest>.*)$"
)
_LABEL = re.compile(
    rf"^\W*(?:{_TIME}\s+)?(?P<person>(?:{_NAME}|[Yy]ou|[Mm]e)(?: [\w'\u2019.]+){{0,3}}){_MARK}"
    r":(?!//|\d)\s*(?P<rest>.*)$"
)
_OWN_START = re.compile(
    r"\b(?:draft|your (?:message|reply|comment|post|answer|note)|new message|sent by you"
    r"|you wrote)\b|\((?:you|me)\)",
    re.IGNORECASE,
)
_LONGEST_LABEL = 8
"""Words of a line that may mark what follows; a longer one is prose, as "you wrote that ..."."""

_BAR = re.compile(r"\s{2,}|\s\|\s|\]\s*\[")
_LEAST_BUTTONS = 3
_OTHERS_START = re.compile(
    r"^\W*(?:\d+ )?(?:replies|comments|answers|responses|reviews|reactions)\b[^.!?]*$",
    re.IGNORECASE,
)
_SALUTATION = re.compile(r"^\s*(?:dear|hi|hello|hey)\b[^.!?]{0,40},\s*$", re.IGNORECASE)
_CLOSING = (
    r"(?i:yours(?: \w+)?|(?:(?:kind|best|warm) )?(?:regards|wishes)|sincerely|all the best|love)"
)
_SIGNED = re.compile(rf"^\W*{_CLOSING}\s*,?\s+(?P<name>{_NAME}(?: {_NAME}){{0,2}})\W*$")
_ADDRESS_BAR = re.compile(r"^\W*(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?\W*$")
_QUOTE_START = re.compile(r"\bwrote:\s*$|original message|forwarded message", re.IGNORECASE)
_HEADING = re.compile(r"^\s*#{1,6}\s+(?P<title>.+)$")
_OF_ANOTHER = re.compile(r"(?:the|an?) |.*\b(?:persona|character|interview|customer|quote)", re.I)
_QUOTE_LINE = re.compile(r"^\s*\|?\s?>")
_CLOCK_AT_END = re.compile(r"\s{2,}\d{1,2}:\d{2}\W*$")
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
        quoted = list(_quotations(passage))
        for start, end in _sentence_spans(passage):
            if not any(start < stop and begin < end for begin, stop in quoted):
                sentence = passage[start:end].strip(' \t\n|│>"“”-\u2013—•*')
                if sentence and not _QUOTED.search(sentence):
                    yield sentence


def _quotations(passage: str) -> Iterator[tuple[int, int]]:
    """Where somebody is quoted; it may begin in one sentence and end in another.

    Quotation marks around whole lines are how a form shows again what was written into it.
    """
    for found in _QUOTED.finditer(passage):
        before = passage[: found.start()].rpartition("\n")[2]
        after = passage[found.end() :].partition("\n")[0]
        if before.strip() or after.strip():
            yield found.span()


def _sentence_spans(passage: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _SENTENCE_END.finditer(passage):
        yield start, found.start()
        start = found.end()
    yield start, len(passage)


def _own_passages(observation: ObservationView, user_name: str) -> Iterator[str]:
    own = observation.trust in DIRECT
    is_dialog = observation.kind not in ("statement", "message")
    passage: list[str] = []
    lines = observation.text.splitlines()
    if observation.kind == "screen":
        lines = _below_address_bar(lines)
    foreign = _signed_by_another(lines, user_name)
    for number, line in enumerate(lines):
        text, is_own = line, own
        if number in foreign or _SALUTATION.match(line):
            is_own = False
        elif _QUOTE_START.search(line):
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
        elif is_dialog and _OTHERS_START.match(line):
            own = is_own = False
        elif is_dialog and _marks_own(line):
            own, text = True, ""
        text = _CLOCK_AT_END.sub("", text).strip()
        if is_own and text:
            passage.append(text)
        elif passage:
            yield from _spans(passage, observation.text)
            passage = []
    yield from _spans(passage, observation.text)


def _marks_own(line: str) -> bool:
    """Whether a line says that the user wrote what follows.

    A sentence with such words does not, nor a bar of buttons, of which "New message" may be one.
    """
    is_bar = len(_BAR.split(line.strip())) >= _LEAST_BUTTONS
    return (
        _OWN_START.search(line) is not None and not is_bar and len(line.split()) <= _LONGEST_LABEL
    )


def _signed_by_another(lines: list[str], user_name: str) -> set[int]:
    """Lines of letters that end with another one's name: the user writes them down for somebody.

    Such a letter begins with its salutation, or where the text does.
    """
    foreign: set[int] = set()
    begins = 0
    for number, line in enumerate(lines):
        if _SALUTATION.match(line):
            begins = number
        for end in (number + 1, number + 2):  # the name may stand on a line of its own
            signed = _SIGNED.match(" ".join(lines[number:end]))
            if signed is not None and not _may_sign(signed["name"], user_name):
                foreign.update(range(begins, end))
                break
    return foreign


def _may_sign(name: str, user_name: str) -> bool:
    """Whether a user signs so: by name, a short form of it, or an initial."""
    first = name.split()[0].rstrip(".").casefold()[:3]
    return user_name.casefold().startswith(first)


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
