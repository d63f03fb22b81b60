"""A draft is learned in words that describe, and about what the user opted in to."""

import pytest

from idiolect.usermodel.drafts import Checked, DraftCheck
from idiolect.usermodel.propose.protocols import Evidence, ObservationView
from idiolect.usermodel.sensitivity import sensitive
from tests.usermodel.seeds import draft, view


def check(text: str, *views: ObservationView, reasoning: str = "", opted_in: str = "") -> Checked:
    seen = views or (view(text, trust="read"),)
    evidence = tuple(Evidence(item.id, item.text) for item in seen)
    checker = DraftCheck(
        "Mara", {item.id: item for item in seen}, frozenset(opted_in.split()), sensitive
    )
    return checker.check(draft(text, evidence=evidence, reasoning=reasoning))


def text_of(checked: Checked) -> str | None:
    return checked.draft.text if checked.draft else None


def test_what_describes_stays_as_it_is() -> None:
    checked = check("Mara keeps bees.", reasoning="She says so.")
    assert checked.outcome == "fine"
    assert checked.draft is not None
    assert (checked.draft.text, checked.draft.reasoning) == ("Mara keeps bees.", "She says so.")


def test_what_judges_is_rewritten_or_refused() -> None:
    rewritten = check("Mara struggles with fractions.")
    assert (rewritten.outcome, text_of(rewritten)) == ("rewritten", "Mara is working on fractions.")
    assert check("Mara is lazy.") == Checked("refused for its tone")


def test_what_users_say_of_themselves_is_marked_as_theirs() -> None:
    said = view("I'm lazy, I know.", trust="typed")
    assert text_of(check("Mara is lazy.", said)) == "Mara is lazy, by Mara's own account."


@pytest.mark.parametrize(
    "seen",
    [
        view("I watched series all day.", trust="typed"),  # not their word
        view("Mara is so lazy.", kind="message", trust="read"),  # somebody else's
        view("I'm lazy", kind="screen", trust="typed"),  # who knows whose
    ],
)
def test_a_judgment_of_a_proposer_is_none_of_the_user_s(seen: ObservationView) -> None:
    assert check("Mara is lazy.", seen) == Checked("refused for its tone")


def test_own_words_must_carry_all_of_it() -> None:
    said = view("I'm lazy, I know.", id="obs_1", trust="typed")
    read = view("Mara is lazy, isn't she?", id="obs_2", kind="message", trust="read")
    assert check("Mara is lazy.", said, read).outcome == "refused for its tone"


def test_a_sensitive_draft_needs_opting_in() -> None:
    assert check("Mara has asthma.") == Checked("refused as sensitive")
    assert check("Mara has asthma.", opted_in="religion").outcome == "refused as sensitive"
    assert check("Mara has asthma.", opted_in="health").outcome == "fine"


def test_a_reason_that_would_not_pass_is_left_out() -> None:
    def reasoning(text: str, opted_in: str = "") -> str:
        checked = check("Mara walks a lot.", reasoning=text, opted_in=opted_in)
        assert checked.draft is not None
        return checked.draft.reasoning

    assert reasoning("She has asthma.") == ""
    assert reasoning("She has asthma.", "health") == "She has asthma."
    assert reasoning("Mara is lazy.") == ""


def test_a_draft_on_which_a_check_fails_is_refused() -> None:
    def breaks(text: str) -> frozenset[str]:
        raise ValueError(text)

    seen = view("I keep bees.")
    checker = DraftCheck("Mara", {seen.id: seen}, frozenset(), breaks)
    assert checker.check(draft("Mara keeps bees.")) == Checked("unchecked")


def test_a_user_without_a_name_is_the_user() -> None:
    seen = view("A day off.", trust="read")
    checker = DraftCheck("  ", {seen.id: seen}, frozenset(), sensitive)
    assert checker.check(draft("The user is lazy.")).outcome == "refused for its tone"
