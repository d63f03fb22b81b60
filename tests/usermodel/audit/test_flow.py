"""An observation's five parameters: what is sure is told, the rest is unknown."""

from typing import Any

import pytest

from idiolect.usermodel.audit.flow import Flow, flow_of, is_about_others
from tests.usermodel.seeds import view


def flow(text: str = "Rain from noon.", *, own: bool = False, **fields: Any) -> Flow:
    return flow_of(view(text, **fields), user_name="Mara Vey", is_own_window=own)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"kind": "statement", "trust": "typed"},
            ("user", "user", "statement", "told the assistant"),
        ),
        ({"kind": "text", "trust": "typed"}, ("user", "unknown", "document", "private")),
        (
            {"kind": "text", "trust": "typed", "own": True},
            ("user", "unknown", "document", "told the assistant"),
        ),
        ({"kind": "message", "trust": "sent"}, ("user", "unknown", "message", "sent")),
        (
            {"kind": "message", "trust": "read"},
            ("correspondent", "unknown", "message", "received"),
        ),
        (
            {"kind": "message", "trust": "untrusted"},
            ("stranger", "unknown", "message", "unsolicited"),
        ),
        (
            {"kind": "calendar", "trust": "read"},
            ("correspondent", "unknown", "schedule", "received"),
        ),
        (
            {"kind": "application", "trust": "read"},
            ("application", "user", "activity", "observed"),
        ),
        (
            {"kind": "screen", "trust": "read", "url": "https://quay.example/"},
            ("website", "unknown", "page", "unknown"),
        ),
        ({"kind": "screen", "trust": "read"}, ("unknown", "unknown", "unknown", "unknown")),
        (
            {"kind": "screen", "trust": "read", "own": True},
            ("assistant", "unknown", "unknown", "unknown"),
        ),
    ],
)
def test_what_the_kind_and_the_trust_tell(
    fields: dict[str, Any], expected: tuple[str, ...]
) -> None:
    found = flow(**fields)
    assert (found.sender, found.subject, found.data_type, found.principle) == expected
    assert found.recipient == "own model"


def test_own_words_in_the_first_person_are_about_the_user() -> None:
    assert flow("I\u2019m learning the harp.", kind="text", trust="typed").subject == "user"


@pytest.mark.parametrize(
    "message",
    [
        "My brother keeps bees. He sold the honey.",
        "I keep bees now. Yes, me.",
        "From: Ben <ben@quay.example>\nTo: Mara\n\nDear Mara,\n\nI was ill.\n\nYours,\nBen",
    ],
)
def test_messages_about_their_senders_and_third_persons(message: str) -> None:
    assert is_about_others(message, "Mara Vey")
    assert flow(message, kind="message", trust="read").subject == "others"


@pytest.mark.parametrize(
    "message",
    [
        "I heard that you keep bees.",
        "They say that Mara keeps bees.",
        "We have the keys, she has the car.",
        "Ich habe jetzt Bienen.",
        "He visto la luna, me gusta.",
        "Rain until noon.",
    ],
)
def test_messages_that_may_be_about_the_user_or_cannot_be_read(message: str) -> None:
    assert not is_about_others(message, "Mara Vey")


def test_only_what_is_unknown_is_completed() -> None:
    known = Flow(sender="stranger", recipient="own model")
    guess = Flow("user", "others", "hosted model", "message", "sent")
    assert known.completed(guess) == Flow("stranger", "others", "own model", "message", "sent")
