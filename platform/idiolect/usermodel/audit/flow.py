"""An observation as a flow of information, by the five parameters of contextual integrity.

H. Nissenbaum, Privacy as Contextual Integrity, Washington Law Review 79, 2004: whether a flow is
appropriate depends on who sends it, whom it is about, who receives it, what kind of information it
is, and on which terms it was passed on. Here every observation flows to the user's own model. What
an observation tells for sure is derived; the rest is ``unknown``, and a language model may fill it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

from idiolect.usermodel.confidence import DIRECT
from idiolect.usermodel.propose.protocols import ObservationView
from idiolect.usermodel.propose.vocabulary import words

# fmt: off
Sender = Literal[
    "user", "assistant", "correspondent", "stranger", "website", "application", "unknown",
]
"""Whose words they are: the user's, our own assistant's, somebody's who writes to the user, ..."""

Subject = Literal["user", "others", "nobody", "unknown"]
"""Whom they are about; ``others`` means nobody but others."""

Recipient = Literal["own model", "hosted model", "unknown"]
"""The user's model; ``hosted`` when a language model on somebody else's machine reads along."""

DataType = Literal[
    "statement", "message", "document", "page", "schedule", "activity", "secret", "sensitive",
    "unknown",
]
Principle = Literal[
    "told the assistant", "private", "sent", "received", "public", "unsolicited", "observed",
    "unknown",
]
"""On which terms it was passed on: ``private`` is written and not sent, ``observed`` is the use of
an application, ``unsolicited`` came unasked from a stranger."""
# fmt: on


@dataclass(frozen=True, slots=True)
class Flow:
    """The five parameters of one flow."""

    sender: Sender = "unknown"
    subject: Subject = "unknown"
    recipient: Recipient = "unknown"
    data_type: DataType = "unknown"
    principle: Principle = "unknown"

    def completed(self, other: "Flow") -> "Flow":
        """This flow with what it leaves unknown taken from another."""
        missing = {
            field.name: getattr(other, field.name)
            for field in fields(self)
            if getattr(self, field.name) == "unknown"
        }
        return replace(self, **missing)


def flow_of(
    view: ObservationView,
    *,
    user_name: str,
    recipient: Recipient = "own model",
    is_own_window: bool = False,
) -> Flow:
    """What can be told for sure.

    Args:
        view: the observation.
        user_name: first or full name, by which messages speak of the user.
        recipient: where it flows.
        is_own_window: whether it was seen in a window of the assistant itself.
    """
    return Flow(
        sender=_sender(view, is_own_window),
        subject=_subject(view, user_name),
        recipient=recipient,
        data_type="page" if _is_page(view) else _DATA_TYPES.get(view.kind, "unknown"),
        principle=_principle(view, is_own_window),
    )


_DATA_TYPES: Mapping[str, DataType] = {
    "statement": "statement",
    "message": "message",
    "text": "document",
    "calendar": "schedule",
    "application": "activity",
}


def _is_page(view: ObservationView) -> bool:
    return view.kind == "screen" and (view.url or "").startswith(("http://", "https://"))


def _sender(view: ObservationView, is_own_window: bool) -> Sender:
    if view.kind == "application":
        return "application"
    if view.trust == "untrusted":
        return "stranger"
    if view.trust in DIRECT:
        return "user"
    if is_own_window:
        return "assistant"
    if view.kind in ("message", "calendar"):
        return "correspondent"
    return "website" if _is_page(view) else "unknown"


def _principle(view: ObservationView, is_own_window: bool) -> Principle:
    if view.trust == "untrusted":
        return "unsolicited"
    if view.kind == "application":
        return "observed"
    if view.trust in DIRECT and (view.kind == "statement" or is_own_window):
        return "told the assistant"
    if view.trust == "typed":
        return "private"
    if view.trust == "sent":
        return "sent"
    return "received" if view.kind in ("message", "calendar") else "unknown"


def _subject(view: ObservationView, user_name: str) -> Subject:
    if view.kind in ("application", "statement"):
        return "user"
    if view.trust in DIRECT:
        return "user" if _words(view.text) & _FIRST else "unknown"
    if view.kind == "message" and is_about_others(view.text, user_name):
        return "others"
    return "unknown"


def is_about_others(message: str, user_name: str) -> bool:
    """Whether an English message to the user speaks of nobody but its sender and third persons.

    It says "I" or "she" and the like, and neither "you" nor "we" nor the user's name. Its head, its
    salutation and its closing are not looked at. In other languages nothing is told.
    """
    said = _words(_FRAME.sub("\n", message))
    if not said & _ENGLISH or said & _ADDRESSED:
        return False
    return not said & _words(user_name) and bool(said & (_FIRST | _THIRD))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold().replace("\u2019", "'")))


_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FIRST = words("i i'm i've i'll i'd my mine myself")
_THIRD = words(
    "he she they him her them his hers their theirs he's she's they're himself herself themselves"
)
_ADDRESSED = words(
    "you your yours yourself yourselves you're you've you'll you'd u ur we us our ours we're we've "
    "we'll let's"
)
_ENGLISH = words("the and is was are my i'm it that this with for have has not now she they his of")
_FRAME = re.compile(
    r"^(?:(?:from|to|cc|bcc|subject|date|sent|reply-to):.*"
    r"|(?:dear|hi|hello|hey|good (?:morning|evening|day))\b[^\n.!?]{0,40}[,!]?[ \t]*"
    r"|(?:yours|best|regards|kind regards|cheers|love|thanks|greetings)\b[^\n.!?]{0,25},?[ \t]*)$",
    re.IGNORECASE | re.MULTILINE,
)
