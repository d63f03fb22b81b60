"""What statements about a user wish of replies, and which areas of life they touch."""

import gzip
import json
import os
from pathlib import Path

import pytest

from idiolect.errors import InvalidInputError
from idiolect.personalize.profile import RULES, style_of
from idiolect.usermodel.charter.preferences import preferences_of
from idiolect.usermodel.charter.scope import areas, areas_of, is_allowed
from idiolect.usermodel.charter.subjects import sentence, subjects, wishes_of


@pytest.mark.parametrize(
    ("statement", "wishes"),
    [
        ("Mara wants answers without caveats.", {"disclose_uncertainty": "never"}),
        ("Mara does not want answers without caveats.", {"disclose_uncertainty": "always"}),
        ("Mara likes answers with caveats, but short.", {"disclose_uncertainty": "always"}),
        ("Mara likes replies with caveats in a few words.", {"disclose_uncertainty": "briefly"}),
        ("Mara wants the assistant to pass for a human.", {"say_it_is_an_ai": "never"}),
        ("Mara does not want the assistant to pass for a human.", {"say_it_is_an_ai": "always"}),
        ("Jonas likes one-word answers.", {"length": "one_word"}),
        ("Jonas dislikes one-word answers.", {}),
        (
            "Jonas wants replies in German. He hates replies that flatter.",
            {"language": "german", "flatter": "never"},
        ),
        ("Mara fears for her job.", {}),
        ("Mara wants a human to answer the door.", {}),
        ("Mara reviewed the doses of fertilizer.", {}),
        ("Mara likes to praise her dog.", {}),
        ("", {}),
    ],
)
def test_wishes_are_read_with_their_refusals(statement: str, wishes: dict[str, str]) -> None:
    assert wishes_of(statement) == wishes


def test_every_wish_about_style_is_in_the_vocabulary() -> None:
    for rule in RULES:
        for value in (rule.wanted, rule.refused):
            assert sentence(rule.subject, value)


def test_every_action_can_be_done_or_left() -> None:
    for each in subjects().values():
        if each.kind == "action":
            assert {"never", "always"} <= set(each.values)
        assert set(each.words) <= set(each.values)


def test_a_proposition_gives_one_preference_for_each_wish_or_one_that_informs() -> None:
    text = "Mara prefers short answers without caveats."
    read = preferences_of("mem_1", text, 0.7, style=style_of(text))
    assert [(each.subject, each.value) for each in read] == [
        ("length", "short"),
        ("disclose_uncertainty", "never"),
    ]
    (informing,) = preferences_of("mem_2", "Mara plays chess.", 0.7, is_contested=True)
    assert (informing.subject, informing.value, informing.is_contested) == (None, None, True)
    with pytest.raises(InvalidInputError, match="no value of length"):
        preferences_of("mem_3", text, 0.7, style={"length": "rambling"})


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("Mara has asthma.", {"health"}),
        ("Mara votes for the Green Party.", {"politics"}),
        ("Mara believes that eating animals is wrong.", {"morals"}),
        ("Mara goes to church on Sundays.", {"religion"}),
        ("Mara is bisexual.", {"sexuality"}),
        ("Mara has asthma and a loan.", {"health", "wealth"}),
        ("Mara plays chess.", {"everyday"}),
        ("Mara keeps hives and buys fertilizer.", {"everyday"}),
        ("Mara draws illustrations on a tablet, with her head on a pillow.", {"everyday"}),
        ("Mara lifts the team's morale.", {"everyday"}),
    ],
)
def test_areas_are_found_by_their_words(statement: str, found: set[str]) -> None:
    assert areas_of(statement) == found


def test_the_allow_list() -> None:
    assert {name for name in areas() if is_allowed(name)} == {"style", "everyday"}
    assert is_allowed("health", opened={"health"})
    assert not is_allowed("health", opened={"health"}, closed={"health"})
    assert not is_allowed("style", closed={"style"})
    assert not is_allowed("astrology", opened={"astrology"})


def test_what_careful_readers_noted_of_people_is_no_wish_of_an_action() -> None:
    folder = os.environ.get("IDIOLECT_DATA")
    if not folder:
        pytest.skip("IDIOLECT_DATA does not name a folder with gold-user-model")
    with gzip.open(Path(folder, "gold-user-model", "relate.jsonl.gz"), "rt") as file:
        rows = [json.loads(line) for line in file]
    texts = {row[side] for row in rows for side in ("old", "new")}
    assert len(texts) > 300
    assert [text for text in texts if wishes_of(text)] == []
