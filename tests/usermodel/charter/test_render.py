"""The paragraph of the system message, and what a small budget leaves out."""

import pytest

from idiolect.errors import PayloadTooLargeError
from idiolect.usermodel.charter.precedence import decide
from idiolect.usermodel.charter.render import render
from idiolect.usermodel.charter.standards import Charter, Concern
from tests.usermodel.charter.seeds import charter, standard, wish

CHARTER = charter(
    standard("may", kind="permission", text="You may joke.", concerns=(), priority=9),
    standard("must", text="Name a source.", concerns=()),
    standard("must_not", kind="prohibition", text="Do not shout.", concerns=(Concern("press"),)),
)
WISHES = [
    wish("emoji", "none", confidence=0.4),
    wish("length", "short", confidence=0.9),
    wish("press", "always", confidence=0.95),
]
WHOLE = """\
Rules that come before everything else:
- Do not shout.
- Name a source.
- You may joke.
Within these rules: Keep it short. Use no emoji."""


def test_prohibitions_then_obligations_then_permissions_then_style() -> None:
    rendered = render(decide(CHARTER, "assistant", WISHES), 1000)
    assert rendered.text == WHOLE
    assert (rendered.permissions, rendered.adaptations) == ((), ())


def test_the_order_in_which_wishes_come_makes_no_difference() -> None:
    assert render(decide(CHARTER, "assistant", WISHES[::-1]), 1000).text == WHOLE


@pytest.mark.parametrize(
    ("budget", "kept", "left_out"),
    [
        (len(WHOLE), WHOLE, []),
        (len(WHOLE) - 1, WHOLE.removesuffix(" Use no emoji."), ["emoji"]),
        (100, "\n".join(WHOLE.splitlines()[:4]), ["length", "emoji"]),
        (72, "\n".join(WHOLE.splitlines()[:3]), ["may", "length", "emoji"]),
    ],
)
def test_what_does_not_fit_is_left_out_from_the_end_and_told(
    budget: int, kept: str, left_out: list[str]
) -> None:
    # 39 + 1 + 15 + 1 + 16 = 72 characters are binding; the permission's line makes it 88.
    rendered = render(decide(CHARTER, "assistant", WISHES), budget)
    assert rendered.text == kept
    assert len(rendered.text) <= budget
    told = [each.id for each in rendered.permissions]
    told += [each.preference.subject or "" for each in rendered.adaptations]
    assert told == left_out


def test_obligations_are_never_left_out() -> None:
    with pytest.raises(PayloadTooLargeError, match="need 72, and 71 is allowed") as raised:
        render(decide(CHARTER, "assistant", WISHES), 71)
    assert raised.value.reason_code == "CHARTER_TOO_LONG"


def test_the_budget_may_count_something_else() -> None:
    def words(text: str) -> int:
        return len(text.split())

    # Six words of heading, "- Do not shout." four, "- Name a source." four.
    rendered = render(decide(CHARTER, "assistant", WISHES), 14, measure=words)
    assert words(rendered.text) == 14
    with pytest.raises(PayloadTooLargeError):
        render(decide(CHARTER, "assistant", WISHES), 13, measure=words)


def test_personalization_adds_to_the_rules_and_takes_nothing_from_them() -> None:
    off = render(decide(CHARTER, "assistant", ()), 1000).text
    assert render(decide(CHARTER, "assistant", WISHES), 1000).text.startswith(off)


def test_without_rules_only_style_is_left_and_without_wishes_nothing() -> None:
    assert render(decide(Charter(), "assistant", WISHES[:2]), 1000).text == (
        "Keep it short. Use no emoji."
    )
    assert render(decide(Charter(), "assistant", ()), 0).text == ""
