"""Notifications under the rule of offers."""

from datetime import timedelta

import pytest

from idiolect.assistant.suggestions.bucket import Bucket, full
from idiolect.assistant.suggestions.learning import Learned, learned
from idiolect.assistant.suggestions.notifications import Notification, as_candidate, relevance
from idiolect.assistant.suggestions.select import Decision, Situation, select
from idiolect.errors import InvalidInputError
from tests.assistant.suggestions.offers import MONDAY

BUCKET = Bucket(capacity=3)
MAIL = Notification("Mail", "Ana", "The contract is ready to sign", MONDAY)
SALE = Notification("Shop", "Sale", "Everything must go", MONDAY)


def surface(weighed: list[tuple[Notification, float]], state: Learned) -> list[Decision]:
    candidates = [as_candidate(each, p, ("mem_1",)) for each, p in weighed]
    situation = Situation(MONDAY + timedelta(hours=8))
    selection = select(
        candidates, situation, now=MONDAY, state=state, bucket=BUCKET, level=full(BUCKET, MONDAY)
    )
    return list(selection.decisions)


def test_what_matters_is_surfaced_and_the_rest_is_not() -> None:
    mail, sale = surface([(SALE, 0.02), (MAIL, 0.7)], Learned())
    assert (mail.candidate.text, mail.outcome) == ("Ana: The contract is ready to sign", "now")
    assert mail.needed_p == pytest.approx(0.4 / 1.4)
    assert sale.outcome == "drop"


def test_an_application_that_is_dismissed_needs_more_and_another_hardly() -> None:
    state = Learned()
    for _ in range(4):
        state = learned(state, "dismiss", "notification:Shop", 0.5, MONDAY)
    mail, sale = surface([(MAIL, 0.5), (SALE, 0.5)], state)
    assert sale.needed_p > mail.needed_p > 0.4 / 1.4


def test_relevance_is_the_best_of_what_is_known() -> None:
    assert relevance([0.2, 0.56, 0.4]) == 0.56
    assert relevance([]) == relevance([-0.3]) == 0
    assert relevance([1.2]) == 1


@pytest.mark.parametrize(
    ("notification", "p"), [(MAIL, 1.5), (Notification("Mail", " ", "", MONDAY), 0.5)]
)
def test_what_cannot_be_weighed_is_refused(notification: Notification, p: float) -> None:
    with pytest.raises(InvalidInputError):
        as_candidate(notification, p, ())
