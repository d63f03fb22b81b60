"""From candidates to decisions that can be explained."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from idiolect.assistant.suggestions.bucket import Bucket, Level
from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.learning import Learned, learned
from idiolect.assistant.suggestions.select import Selection, Situation, select
from tests.assistant.suggestions.offers import MONDAY, offer

DIGEST_AT = MONDAY + timedelta(hours=5)
BUCKET = Bucket(capacity=1, refill_s=900.0)


def decide(candidates: Sequence[Candidate], **changes: Any) -> Selection:
    fields: dict[str, Any] = {
        "situation": Situation(DIGEST_AT),
        "now": MONDAY,
        "state": Learned(),
        "bucket": BUCKET,
        "level": Level(1.0, MONDAY),
    }
    return select(candidates, **{**fields, **changes})


def test_a_likely_offer_is_shown_and_says_why() -> None:
    [decision] = decide([offer()]).decisions
    assert decision.outcome == "now"
    assert decision.needed_p == pytest.approx(1 / 3)
    # now 0.8 * 0.6 - 0.2 * 0.5, digest and drop as in the tests of utility; later is as now.
    assert decision.reason == (
        "It is 80% likely that you want this, 33% are enough, and nothing speaks against a moment "
        "of your time. Expected worth: now +0.38, later +0.38, digest -0.14, nothing -0.32."
    )


def test_an_unlikely_offer_is_held_back_and_says_why() -> None:
    [decision] = decide([offer(p=0.05)]).decisions
    assert decision.outcome == "drop"
    assert "5% likely" in decision.reason
    assert "too little" in decision.reason


def test_the_bucket_lets_the_strongest_through_and_the_next_one_wait() -> None:
    weaker, stronger = offer("Water the plants?", p=0.7), offer("Call the dentist?", p=0.9)
    selection = decide([weaker, stronger])
    first, second = selection.decisions
    assert (first.candidate, first.outcome) == (stronger, "now")
    assert (second.candidate, second.outcome) == (weaker, "later")
    assert second.again_at == MONDAY + timedelta(seconds=900)
    assert second.worth is not None
    assert "now" not in second.worth
    assert "something else was shown" in second.reason
    assert selection.level == Level(0.0, MONDAY)


def test_what_is_held_back_takes_no_token() -> None:
    assert decide([offer(p=0.05)]).level == Level(1.0, MONDAY)


def test_without_a_token_what_lapses_before_the_next_is_not_shown_at_all() -> None:
    [decision] = decide([offer(hours=0.2)], level=Level(0.0, MONDAY)).decisions
    assert decision.outcome == "drop"


def test_a_meeting_puts_an_offer_off_until_it_ends() -> None:
    free_at = MONDAY + timedelta(hours=1)
    [decision] = decide([offer()], situation=Situation(DIGEST_AT, "meeting", free_at)).decisions
    assert (decision.outcome, decision.again_at) == ("later", free_at)
    assert "you are in a meeting" in decision.reason
    [urgent] = decide(
        [offer(p=1.0, hours=0.5)], situation=Situation(DIGEST_AT, "focus", free_at)
    ).decisions
    assert urgent.outcome == "now"


def test_do_not_disturb_is_kept_whatever_the_offer() -> None:
    [decision] = decide(
        [offer(p=1.0, hours=0.2)], situation=Situation(DIGEST_AT, "do_not_disturb")
    ).decisions
    assert decision.outcome == "drop"


def test_repetitions_and_what_has_lapsed_are_told_apart() -> None:
    late = offer("Leave for the train?", hours=0)
    again = offer("Plan the trip to Porto?", p=0.7)
    outcomes = {
        decision.candidate: (decision.outcome, decision.reason, decision.worth)
        for decision in decide([late, again, offer()]).decisions
    }
    assert outcomes[again] == ("drop", 'It repeats "Shall we plan the trip to Porto?".', None)
    assert outcomes[late] == ("drop", "Its time has passed.", None)
    [shown] = decide([offer()], shown=["Plan a trip to Porto?"]).decisions
    assert shown.outcome == "drop"


def test_dismissals_move_an_offer_from_now_to_the_digest() -> None:
    state = Learned()
    for _ in range(3):
        state = learned(state, "dismiss", "event", 0.5, MONDAY)
    [decision] = decide([offer(p=0.5)], state=state).decisions
    assert decision.outcome == "digest"
    assert decision.needed_p > 0.5
    assert "your earlier answers make that of 50%" in decision.reason
    assert decide([offer(p=0.5)]).decisions[0].outcome == "now"


def test_the_order_of_candidates_does_not_matter() -> None:
    offers = [offer(f"Offer about {word}", p=0.6) for word in ("apples", "boats", "cellos")]
    assert decide(offers) == decide(offers[::-1])
