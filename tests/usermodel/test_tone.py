"""Propositions describe: what judges is rewritten or refused, what only looks like it is left."""

import re
from string import ascii_letters
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.errors import InvalidInputError
from idiolect.usermodel.judgments import Kind, judgments
from idiolect.usermodel.tone import check_tone, masked
from tests.usermodel.wordings import HALVES, gold_propositions, half_of, name_in, statements

TEXTS = statements("tone_texts")
KNOWN_ALARMS = {"Ravenna is weak in no subject of the certificate."}


def rewritten(text: str) -> str | None:
    return check_tone(text, "Maya").text


@pytest.mark.parametrize("half", HALVES)
def test_judgments_are_found_and_neutral_statements_left(half: int) -> None:
    judgmental = [text for text in TEXTS["judgmental"] if half_of(text) == half]
    neutral = [text for text in TEXTS["neutral"] if half_of(text) == half]
    assert min(len(judgmental), len(neutral)) > 50
    missed = [text for text in judgmental if check_tone(text, name_in(text)).outcome == "fine"]
    alarms = {text for text in neutral if check_tone(text, name_in(text)).outcome != "fine"}
    assert missed == []
    assert alarms <= KNOWN_ALARMS


def test_a_careful_readers_propositions_are_left() -> None:
    alarms = [text for user, text in gold_propositions() if check_tone(text, user).findings]
    assert alarms == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maya struggles with fractions.", "Maya is working on fractions."),
        ("Maya often struggles with fractions.", "Maya is often working on fractions."),
        ("Maya struggled with fractions.", "Maya was working on fractions."),
        ("Maya has struggled with fractions.", "Maya has been working on fractions."),
        ("Maya is struggling badly with fractions.", "Maya is working on fractions."),
        ("Maya may struggle with fractions.", "Maya may be working on fractions."),
        ("The user struggles with fractions.", "The user is working on fractions."),
        ("Maya struggles to mend a lock.", "Maya is trying to mend a lock."),
        ("Maya wastes time on YouTube.", "Maya spends time on YouTube."),
        ("Maya wastes so much money on pens.", "Maya spends a lot of money on pens."),
        ("Maya is obsessed with chess.", "Maya often turns to chess."),
        ("Maya was really addicted to chess.", "Maya often turned to chess."),
        ("Maya often fails to reply.", "Maya often does not reply."),
        ("Maya ignored two mails.", "Maya did not respond to two mails."),
        ("Maya is ignoring her messages.", "Maya is not responding to her messages."),
        ("Maya ignores the second half.", "Maya passes over the second half."),
        ("Maya has neglected her garden.", "Maya has given little time to her garden."),
        ("Maya tends to procrastinate.", "Maya tends to put things off."),
        ("Maya eats too much cake.", "Maya eats a lot of cake."),
        ("Maya works too hard.", "Maya works a lot."),
        ("Maya compulsively buys pens.", "Maya often buys pens."),
        ("Maya is stressed about the exam.", "Maya is thinking about the exam."),
        ("Maya is overwhelmed by mails.", "Maya is dealing with mails."),
        ("Maya knits and wastes time on YouTube.", "Maya knits and spends time on YouTube."),
        (
            "Maya struggles with verbs and eats too much cake.",
            "Maya is working on verbs and eats a lot of cake.",
        ),
        ("Maya's son struggles with fractions.", "Maya's son is working on fractions."),
    ],
)
def test_a_neutral_form_keeps_the_fact_and_the_verbs_form(text: str, expected: str) -> None:
    verdict = check_tone(text, "Maya")
    assert verdict.text == expected
    assert verdict.outcome == "rewritten"
    assert check_tone(expected, "Maya").outcome == "fine"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Maya is lazy.", "character"),
        ("Maya is not lazy.", "character"),
        ("Maya is kind but rather lazy.", "character"),
        ("Maya seems to be a perfectionist.", "character"),
        ("Maya's handwriting is sloppy.", "character"),
        ("Maya's husband is lazy.", "character"),
        ("Maya reads late because she is lazy.", "character"),
        ("Maya may be depressed.", "state of mind"),
        ("Maya is bad at maths.", "comparison"),
        ("Maya does not sleep enough.", "comparison"),
        ("Maya types slower than her colleagues.", "comparison"),
        ("Maya should exercise more.", "comparison"),
        ("Maya struggles with insomnia.", "failing"),
        ("Maya never finishes what she starts.", "failing"),
        # What a neutral form would make false or no English:
        ("Maya does not struggle with fractions.", "failing"),
        ("Maya always fails to reply.", "failing"),
        ("Maya is failing to reply.", "failing"),
        ("Maya likes tea, but they refuse to pay for it.", "failing"),
    ],
)
def test_what_has_no_neutral_form_is_refused(text: str, kind: Kind) -> None:
    verdict = check_tone(text, "Maya")
    assert verdict.outcome == "refused"
    assert verdict.text is None
    assert [finding.kind for finding in verdict.findings] == [kind]
    assert verdict.findings[0].words in text
    assert f'{kind}: "{verdict.findings[0].words}"' in verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "Maya uses lazy loading.",
        "Maya is lazy loading the pictures.",
        "Maya is slow cooking a stew.",
        "Maya made the Lazy Sunday playlist.",
        "Maya works at Stress Engineering.",
        "Maya reads 'The Idiot'.",
        'Maya named a file "why am I so lazy".',
        "Maya teaches pupils who struggle with spelling.",
        "Maya knows a boy who is lazy.",
        "Maya's laptop is slow.",
        "Maya was ignored by the council.",
        "Maya is a gossip columnist.",
        "Maya is entitled to a refund.",
        "Maya is demanding a refund.",
        "Maya is crazy about jazz.",
        "Maya likes oolong more than other teas.",
        "Maya needs to buy more flour.",
        "Maya cannot control the heating from her phone.",
        "Maya finds it hard to read small print.",
        "Maya is good at chess.",
    ],
)
def test_what_is_no_predicate_of_the_user_is_left(text: str) -> None:
    assert check_tone(text, "Maya").outcome == "fine"


def test_what_users_say_of_themselves_is_reported() -> None:
    assert rewritten("Maya says that she is bad at maths.") is not None
    assert rewritten("Maya told Ana Lopez that she is lazy.") is not None
    assert rewritten("Maya calls herself a slob.") is not None
    assert rewritten("Maya thinks she is bad at maths.") is None  # a guess about a mind
    assert rewritten("Maya was told that she is lazy.") is None  # somebody else's judgment
    assert rewritten("Maya's boss says that she is lazy.") is None


def test_own_words_are_marked_where_they_cannot_be_rewritten() -> None:
    bad = check_tone("Maya is bad at maths.", "Maya Lind", own_words=True)
    assert bad.outcome == "rewritten"
    assert bad.text == "Maya is bad at maths, by Maya's own account."
    assert check_tone(bad.text, "Maya Lind").outcome == "fine"
    unnamed = check_tone("The user is lazy.", "the user", own_words=True)
    assert unnamed.text == "The user is lazy, by the user's own account."
    better = check_tone("Maya struggles with fractions.", "Maya", own_words=True)
    assert better.text == "Maya is working on fractions."


def test_only_the_user_of_that_name_is_meant() -> None:
    assert check_tone("Maya Lind is lazy.", "Maya Lind").outcome == "refused"
    assert check_tone("Maya is lazy.", "Maya Lind").outcome == "refused"
    assert check_tone("Ana is lazy.", "Maya").outcome == "fine"
    assert check_tone("C. (Cy) is lazy.", "C. (Cy)").outcome == "refused"


def test_a_text_that_judges_without_end_is_refused() -> None:
    once = "wastes time on pens"
    assert rewritten(f"Maya {once} and {once}.") is not None
    assert rewritten("Maya " + " and ".join([once] * 9) + ".") is None


@pytest.mark.parametrize(("text", "name"), [("", "Maya"), (" ", "Maya"), ("Maya reads.", " ")])
def test_nothing_cannot_be_checked(text: str, name: str) -> None:
    with pytest.raises(InvalidInputError, match="needs a text"):
        check_tone(text, name)


def test_every_row_of_the_data_can_be_used() -> None:
    rows = {id(row): row for of_word in judgments().values() for row in of_word}.values()
    assert len(rows) > 50
    for row in rows:
        assert row.kind in get_args(Kind)
        assert "{" not in re.sub(r"\{\d*,\d*\}", "", row.head.pattern)
        assert len(row.neutral) in (0, 1, 5)


@pytest.mark.parametrize("text", TEXTS["judgmental"])
def test_what_is_stored_instead_does_not_judge(text: str) -> None:
    for own_words in (False, True):
        stored = check_tone(text, name_in(text), own_words=own_words).text
        assert stored is None or check_tone(stored, name_in(text)).outcome == "fine"


pieces = st.sampled_from(
    [
        "Maya ", "she ", "is ", "was ", "often ", "struggles with ", "not ", "lazy", "fractions",
        " and ", ", ", ". ", "wastes time on ", "too much ", "\u201c", "\u2019", "'", "a ", "U ",
        "İ ", "who ", "does ",
    ]
)  # fmt: skip


@given(st.lists(pieces, min_size=1, max_size=12).map("".join))
def test_any_text_gets_a_verdict_that_holds(text: str) -> None:
    if not text.strip():
        return
    assert len(masked(text, "Maya")) == len(text)
    verdict = check_tone(text, "Maya")
    assert (verdict.text is None) == (verdict.outcome == "refused")
    assert (verdict.findings == ()) == (verdict.outcome == "fine") == (verdict.reason == "")
    if verdict.text is not None:
        assert check_tone(verdict.text, "Maya").outcome == "fine"


@given(st.text(ascii_letters + " .'\"", min_size=1))
def test_whatever_is_typed_is_read(text: str) -> None:
    if text.strip():
        check_tone(text, "Maya")
