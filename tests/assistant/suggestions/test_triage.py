"""Notifications are weighed by the rule of offers, with what is known of the user."""

from datetime import datetime, timedelta

import pytest

from idiolect.assistant.suggestions.notifications import Notification
from idiolect.assistant.suggestions.select import Decision
from idiolect.assistant.suggestions.standing import bars, read_learned, read_settings
from idiolect.assistant.suggestions.triage import NotificationTriage
from idiolect.errors import InvalidInputError
from idiolect.kit.clock import utc_now
from idiolect.store.database import Database
from idiolect.store.models import Suggestion
from idiolect.usermodel.pipeline import UserModel
from tests.assistant.conftest import Believe


class Bench:
    """Triage for one user, with a clock that is turned by hand."""

    def __init__(self, database: Database, user_model: UserModel, user_id: str) -> None:
        self.database = database
        self.user_id = user_id
        # An hour after the day's last digest: what is worth little is not worth the wait for one.
        self.now = (utc_now() + timedelta(days=1)).replace(hour=21, minute=0)
        self.triage = NotificationTriage(database, user_model, clock=lambda: self.now)

    def notification(
        self, text: str, app: str = "Mail", at: datetime | None = None
    ) -> Notification:
        return Notification(app, "", text, at or self.now)

    def decide(self, *texts: str, **given: str) -> list[Decision]:
        return self.triage.triage(
            self.user_id,
            [self.notification(text) for text in texts],
            **given,  # type: ignore[arg-type]  # an activity, as a test says it
        )


@pytest.fixture
def bench(database: Database, user_model: UserModel, user_id: str, believe: Believe) -> Bench:
    """A user of whom three things are known."""
    believe(user_id, "Mara is organizing a conference about bees in Porto.", 0.9)
    believe(user_id, "Mara waits for an answer from the dentist.", 0.9)
    believe(user_id, "Mara plays the piano.", 0.9)
    return Bench(database, user_model, user_id)


RELEVANT = "The conference about bees in Porto needs an organizer's answer"
IRRELEVANT = "Half price on garden furniture, this weekend only"


def test_what_concerns_the_user_comes_up_and_the_rest_does_not(
    bench: Bench, user_model: UserModel
) -> None:
    other, concerns = bench.decide(IRRELEVANT, RELEVANT)
    assert (concerns.outcome, other.outcome) == ("now", "drop")
    # p is the largest similarity times confidence; B = 0.6 and both costs 0.4, so p* = 0.4/1.4.
    nearest = max(
        user_model.search(bench.user_id, RELEVANT, 5, bench.now),
        key=lambda found: found.similarity * found.confidence,
    )
    assert concerns.candidate.stakes.p == pytest.approx(nearest.similarity * nearest.confidence)
    assert concerns.candidate.evidence == (nearest.memory.lineage_id,)
    assert concerns.needed_p == pytest.approx(0.4 / 1.4)
    assert concerns.worth is not None
    p = concerns.stakes.p
    assert concerns.worth["now"] == pytest.approx(p * 0.6 - (1 - p) * 0.4)
    assert concerns.worth["now"] > concerns.worth["drop"] == pytest.approx(-p * 0.4)


def test_of_two_that_say_the_same_one_comes_up(bench: Bench) -> None:
    first, again = bench.decide(RELEVANT, RELEVANT)
    assert (first.outcome, again.outcome) == ("now", "drop")
    assert again.reason.startswith("It repeats")


def test_one_interrupts_and_the_next_waits_for_its_turn(bench: Bench) -> None:
    second = "The dentist has an answer for you"
    outcomes = [each.outcome for each in bench.decide(RELEVANT, second)]
    assert sorted(outcomes) == ["later", "now"]
    [waits] = bench.decide("The conference about bees in Porto has a new speaker")
    assert waits.outcome == "later"
    assert waits.again_at == bench.now + timedelta(minutes=15)
    bench.now += timedelta(minutes=15)
    [comes] = bench.decide("The conference about bees in Porto has a new speaker")
    assert comes.outcome == "now"


def test_in_a_meeting_it_waits_and_undisturbed_means_undisturbed(bench: Bench) -> None:
    [meeting] = bench.decide(RELEVANT, activity="meeting")
    assert meeting.outcome == "later"
    assert "in a meeting" in meeting.reason
    [undisturbed] = bench.decide(RELEVANT, activity="do_not_disturb")
    assert undisturbed.outcome != "now"


def test_what_is_old_is_dropped(bench: Bench) -> None:
    old = bench.notification(RELEVANT, at=bench.now - timedelta(hours=13))
    [decision] = bench.triage.triage(bench.user_id, [old])
    assert (decision.outcome, decision.reason) == ("drop", "Its time has passed.")


def test_answers_teach_about_the_application_and_nothing_is_stored(bench: Bench) -> None:
    [before] = bench.decide(RELEVANT)
    for _ in range(4):
        bench.triage.answer(bench.user_id, "Mail", 0.5, "dismiss")
    [after] = bench.decide(RELEVANT)
    assert after.needed_p > before.needed_p
    assert after.stakes.p < before.stakes.p == before.candidate.stakes.p
    with bench.database.transaction() as session:
        learned = read_learned(session, bench.user_id)
        assert session.query(Suggestion).count() == 0
        assert not read_settings(session, bench.user_id).interrupts  # and triage works all the same
    assert "notification:Mail" in [bar.kind for bar in bars(learned, bench.now)]


def test_without_words_it_is_refused(bench: Bench) -> None:
    with pytest.raises(InvalidInputError):
        bench.decide(" ")
