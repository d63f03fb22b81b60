"""Suggestions from their making to their answer, over a real database and a clock set by hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.propose.protocols import Known, SuggestionProposer
from idiolect.assistant.suggestions.propose.templates import TemplateProposer
from idiolect.assistant.suggestions.standing import SuggestionSettings
from idiolect.assistant.suggestions.suggester import Proposed, RoundReport, Suggester
from idiolect.assistant.suggestions.utility import Stakes
from idiolect.errors import ConflictError, InvalidInputError, ModelError, NotFoundError
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.observe.ingest import Ingestor
from idiolect.store.database import Database
from idiolect.store.models import Conversation, Job, Message, Observation, Suggestion
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.rating import RatingRepository
from idiolect.store.repositories.suggestion import SuggestionRepository
from tests.assistant.suggestions.offers import MONDAY
from tests.conftest import add_user

REVIEW = 'Mara has "Design review" in the calendar for Tuesday 3 March 2026 at 08:00.'
STANDUP = 'Mara has "Standup" on Mondays at 10:30.'
LOUD = SuggestionSettings(interrupts=True)
MINUTE = timedelta(minutes=1)


class ListProposer:
    """Offers what it is given, resting on the first proposition that there is."""

    name = "list"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.p = 0.8

    def propose(
        self, propositions: Sequence[Known], *, user_name: str, now: datetime
    ) -> list[Candidate]:
        stakes = Stakes(self.p, benefit=0.6, cost_fp=0.5, cost_fn=0.4)  # p* = 1/3
        evidence = (propositions[0].id,)
        until = now + timedelta(hours=12)
        return [Candidate(text, "event", evidence, stakes, until, "Help.") for text in self.texts]


class BrokenProposer:
    """Its model is away."""

    name = "model:away"

    def propose(
        self, propositions: Sequence[Known], *, user_name: str, now: datetime
    ) -> list[Candidate]:
        raise ModelError("the model does not answer")


class Bench:
    """One user's suggestions, with a clock that is turned by hand."""

    def __init__(
        self, database: Database, user_id: str, embedder: BundledEmbedder, *more: SuggestionProposer
    ) -> None:
        self.database = database
        self.user_id = user_id
        self.now = MONDAY
        self.list = ListProposer()
        self.suggester = Suggester(database, embedder, more or (self.list,), clock=lambda: self.now)

    def believe(self, text: str, confidence: float = 0.9) -> str:
        """Puts a proposition into the user's model and gives its lineage."""
        with self.database.transaction() as session:
            memories = MemoryRepository(session, self.user_id)
            memory = memories.add(
                "proposition",
                MONDAY,
                state="activated",
                text=text,
                confidence=confidence,
                supported_at=MONDAY,
            )
            return memory.lineage_id

    def store(self, proposed: Proposed | None) -> RoundReport:
        assert proposed is not None
        with self.database.transaction() as session:
            return self.suggester.store(session, self.user_id, proposed)

    def round(self, *texts: str, p: float = 0.8) -> RoundReport:
        self.list.texts, self.list.p = list(texts), p
        return self.store(self.suggester.propose(self.user_id))

    def apply(self, settings: SuggestionSettings) -> None:
        self.suggester.change_settings(self.user_id, settings)

    def open(self, outcome: str | None = None) -> list[Suggestion]:
        return self.suggester.open(self.user_id, outcome).items  # type: ignore[arg-type]  # a test's word

    def texts(self, outcome: str | None = None) -> set[str]:
        return {row.text for row in self.open(outcome)}

    def bar(self, kind: str = "event") -> float:
        _, bars = self.suggester.settings(self.user_id)
        return next(each.needed_p for each in bars if each.kind == kind)


@pytest.fixture
def bench(database: Database, user_id: str, embedder: BundledEmbedder) -> Bench:
    """Offers from a list, and one proposition for them to rest on."""
    made = Bench(database, user_id, embedder)
    made.believe("Mara plans a trip to Porto.")
    return made


@pytest.fixture
def calendar(database: Database, user_id: str, embedder: BundledEmbedder) -> Bench:
    """Offers from templates, with an event and a habit to make them of."""
    made = Bench(database, user_id, embedder, TemplateProposer())
    made.believe(REVIEW)
    made.believe(STANDUP)
    return made


def test_an_offer_interrupts_if_that_is_worth_more_than_silence(calendar: Bench) -> None:
    # The event: p = 0.5 * 0.9 = 0.45, B = 0.6, C_FP = C_FN = 0.4.
    #   shown 0.45 * 0.6 - 0.55 * 0.4 = 0.05, silence -0.45 * 0.4 = -0.18: shown.
    # The habit: p = 0.4 * 0.9 = 0.36, B = C_FP = 0.4, C_FN = 0.2.
    #   shown 0.36 * 0.4 - 0.64 * 0.4 = -0.112, silence -0.36 * 0.2 = -0.072: not shown.
    #   The digest is in 60 of the 90 minutes left, so k = 0.5 / 3 = 1/6:
    #   0.36 * (0.4 / 6 - 0.2 * 5 / 6) - 0.02 = -0.056, which is more than silence.
    calendar.apply(LOUD)
    report = calendar.store(calendar.suggester.propose(calendar.user_id))
    assert (report.now, report.later, report.digest, report.dropped) == (1, 0, 1, 0)
    [event] = calendar.open("now")
    [habit] = calendar.open("digest")
    assert event.stakes == pytest.approx(
        {"p": 0.45, "benefit": 0.6, "cost_fp": 0.4, "cost_fn": 0.4}
    )
    assert "now +0.05" in event.reason
    assert "nothing -0.18" in event.reason
    assert "digest -0.06" in habit.reason
    assert "nothing -0.07" in habit.reason
    assert '"Design review"' in event.text
    assert event.prompt == 'Help me prepare for "Design review", Tuesday 3 March 2026 at 08:00.'


def test_nothing_interrupts_without_the_users_word(calendar: Bench) -> None:
    report = calendar.store(calendar.suggester.propose(calendar.user_id))
    assert (report.now, report.later, report.digest) == (0, 0, 2)
    assert calendar.open("now") == calendar.open("later") == []
    event = next(row for row in calendar.open("digest") if row.kind == "event")
    assert "you are not to be disturbed, so it has a line in the digest" in event.reason
    assert "now" not in event.reason.partition("Expected worth")[2]


def test_unsure_private_and_past_propositions_make_no_offers(
    database: Database, user_id: str, embedder: BundledEmbedder
) -> None:
    bench = Bench(database, user_id, embedder, TemplateProposer())
    bench.believe(REVIEW.replace("Design", "Unsure"), confidence=0.69)
    private = bench.believe(REVIEW.replace("Design", "Private"))
    over = bench.believe(REVIEW.replace("Design", "Past"))
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        RatingRepository(session, user_id).add(
            memories.current(private), "private", MONDAY, author="user", raw=0.9
        )
        memories.revise(memories.current(over), MONDAY, valid_to=MONDAY)
    proposed = bench.suggester.propose(user_id)
    assert proposed is not None
    assert proposed.candidates == ()


def test_the_same_offer_comes_once(bench: Bench) -> None:
    assert bench.round("Shall we plan the trip to Porto?").digest == 1
    again = bench.round("Shall we plan your trip to Porto?", "Water the plants?")
    assert (again.repeated, again.dropped, again.digest) == (0, 1, 1)
    bench.open()
    assert bench.round("Shall we plan the trip to Porto?", "Water the plants?").repeated == 2
    assert len(bench.open()) == 2


def test_the_same_in_other_words_is_dropped_too(bench: Bench) -> None:
    bench.round("Shall I draft a reply to Ana's email?")
    # They share two content words of seven; the cosine of their vectors is 0.85, the bar 0.82.
    report = bench.round("Should I write an answer to the email from Ana?")
    assert (report.repeated, report.dropped, report.digest) == (0, 1, 0)
    [kept] = bench.open()
    assert kept.text == "Shall I draft a reply to Ana's email?"


def test_two_deadlines_in_one_template_are_two_offers(
    database: Database, user_id: str, embedder: BundledEmbedder
) -> None:
    bench = Bench(database, user_id, embedder, TemplateProposer())
    bench.believe("Mara has to submit the report by Wednesday.")
    bench.believe("Mara has to pay the rent by Wednesday.")
    assert bench.store(bench.suggester.propose(user_id)).digest == 2
    assert len(bench.open()) == 2  # also when they are decided on anew, where no vectors are had


def test_after_its_time_and_a_day_an_offer_may_come_again(bench: Bench) -> None:
    bench.round("Plan the day?")
    bench.suggester.answer(bench.user_id, bench.open()[0].id, "accept")
    bench.now += timedelta(hours=13)  # its own time is over, and it is younger than 20 hours
    assert bench.round("Plan the day?").repeated == 1
    bench.now += timedelta(hours=8)
    assert bench.round("Plan the day?").digest == 1


def test_a_round_stored_twice_keeps_its_offers_once(bench: Bench) -> None:
    bench.list.texts = ["Plan the trip?", "Water the plants?"]
    proposed = bench.suggester.propose(bench.user_id)
    assert bench.store(proposed).digest == 2
    bench.store(proposed)
    assert len(bench.open()) == 2


def test_interruptions_take_turns_however_good_they_are(bench: Bench) -> None:
    bench.apply(LOUD)
    report = bench.round("Plan the trip?", "Water the plants?", "Call the dentist?")
    assert (report.now, report.later) == (1, 2)
    bench.now += timedelta(hours=2)  # nobody looked: no token was spent, and none is saved up
    assert len(bench.texts("now")) == 1
    bench.now += 14 * MINUTE
    assert len(bench.texts("now")) == 1
    bench.now += MINUTE
    assert len(bench.texts("now")) == 2
    [third] = bench.open("later")
    assert "something else was shown to you just before" in third.reason
    bench.now += 15 * MINUTE
    assert len(bench.texts("now")) == 2  # who has seen it in the list needs no interruption for it


def test_offers_wait_for_the_end_of_a_meeting(bench: Bench) -> None:
    entry = {
        "idempotency_key": "review",
        "kind": "calendar",
        "source": "test",
        "title": "Review",
        "occurred_at": (MONDAY - 30 * MINUTE).isoformat(),
        "duration_s": 3600.0,
    }
    Ingestor(bench.database).ingest(bench.user_id, [entry])
    bench.apply(LOUD)
    assert bench.round("Plan the trip?").later == 1
    assert bench.open("now") == []
    with bench.database.transaction() as session:
        [waiting] = SuggestionRepository(session, bench.user_id).waiting()
    assert waiting.again_at == MONDAY + 30 * MINUTE
    bench.now += 30 * MINUTE
    [shown] = bench.open("now")
    assert (shown.text, shown.again_at) == ("Plan the trip?", None)


def test_answers_teach_and_are_forgotten(bench: Bench) -> None:
    # B = 0.6, C_FP = 0.5, C_FN = 0.4, twelve hours to go, the digest in one: k = 11/24.
    #   p = 0.5: shown 0.3 - 0.25 = 0.05, digest 0.5 * (0.275 - 0.217) - 0.02 = 0.009.
    # After a dismissal p is 0.40, C_FP 0.625: shown 0.24 - 0.37 = -0.13, and the digest 0.008.
    bench.apply(LOUD)
    usual = bench.bar()
    assert usual == pytest.approx(0.4 / 1.4)  # C_FP / (B + C_FP + C_FN) of an event
    assert bench.round("Think of the trip?", p=0.5).now == 1
    bench.suggester.answer(bench.user_id, bench.open("now")[0].id, "dismiss")
    bench.now += 15 * MINUTE
    assert bench.round("Write a letter?", p=0.5).digest == 1
    assert bench.bar() > usual + 0.1
    [row] = bench.open("digest")
    assert "your earlier answers make that of 50%" in row.reason
    bench.now += timedelta(days=180)  # 1/64 of it is left
    assert usual < bench.bar() < usual + 0.01
    assert bench.round("Cook for the guests?", p=0.5).now == 1


def test_what_was_taught_can_be_erased_at_once(bench: Bench) -> None:
    usual = bench.bar()
    bench.round("Plan the trip?")
    bench.suggester.answer(bench.user_id, bench.open()[0].id, "dismiss")
    assert bench.bar() > usual
    bench.suggester.forget_answers(bench.user_id)
    assert bench.bar() == pytest.approx(usual)


def test_accepting_gives_the_prompt_and_does_nothing(bench: Bench) -> None:
    bench.round("Plan the trip?")
    usual = bench.bar()
    row = bench.suggester.answer(bench.user_id, bench.open()[0].id, "accept")
    assert (row.state, row.prompt) == ("accepted", "Help.")
    assert bench.bar() < usual
    with bench.database.transaction() as session:
        for table in (Conversation, Message, Job, Observation):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    assert bench.open() == []


def test_an_answer_is_given_once_and_by_its_user_alone(bench: Bench) -> None:
    otto = add_user(bench.database, "Otto")
    bench.round("Plan the trip?")
    [row] = bench.open()
    with pytest.raises(NotFoundError):
        bench.suggester.answer(otto, row.id, "accept")
    bench.suggester.answer(bench.user_id, row.id, "dismiss")
    bar = bench.bar()
    with pytest.raises(ConflictError):
        bench.suggester.answer(bench.user_id, row.id, "accept")
    assert bench.bar() == bar
    assert bench.suggester.open(otto).items == []


def test_what_was_shown_and_not_answered_was_ignored(bench: Bench) -> None:
    bench.round("Plan the trip?")
    bench.open()
    bench.round("Water the plants?")  # never shown
    usual = bench.bar()
    bench.now += timedelta(hours=13)
    assert bench.open() == []
    with bench.database.transaction() as session:
        states = {row.text: row.state for row in session.scalars(select(Suggestion))}
    assert states == {"Plan the trip?": "ignored"}
    assert bench.bar() > usual


def test_an_offer_goes_with_what_it_rests_on(
    database: Database, user_id: str, embedder: BundledEmbedder
) -> None:
    bench = Bench(database, user_id, embedder)
    lineage = bench.believe("Mara plans a trip to Porto.")
    bench.round("Plan the trip?")
    bench.open()
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        memories.transition(memories.current(lineage), "archived", MONDAY, reason="rejected")
    assert bench.open() == []


def test_what_is_forgotten_during_a_round_is_not_offered(
    database: Database, user_id: str, embedder: BundledEmbedder
) -> None:
    bench = Bench(database, user_id, embedder)
    lineage = bench.believe("Mara plans a trip to Porto.")
    bench.list.texts = ["Plan the trip?"]
    proposed = bench.suggester.propose(user_id)
    with database.transaction() as session:
        MemoryRepository(session, user_id).purge(lineage, MONDAY)
    assert bench.store(proposed).dropped == 1
    assert bench.open() == []


def test_turned_off_nothing_is_thought_of_and_what_waits_is_gone(bench: Bench) -> None:
    bench.list.texts = ["Plan the trip?"]
    begun = bench.suggester.propose(bench.user_id)
    bench.round("Water the plants?")
    bench.apply(SuggestionSettings(enabled=False))
    assert bench.suggester.propose(bench.user_id) is None
    assert bench.store(begun).dropped == 1
    bench.apply(SuggestionSettings())
    assert bench.open() == []


def test_interruptions_turned_on_bring_up_what_waited(bench: Bench) -> None:
    bench.round("Plan the trip?")
    assert bench.open("now") == []
    bench.apply(LOUD)
    assert bench.texts("now") == {"Plan the trip?"}


def test_a_model_that_fails_is_named_and_costs_nobody_elses_offers(
    database: Database, user_id: str, embedder: BundledEmbedder
) -> None:
    bench = Bench(database, user_id, embedder, BrokenProposer(), TemplateProposer())
    bench.believe(REVIEW)
    report = bench.store(bench.suggester.propose(user_id))
    assert (report.unreachable, report.digest) == (("model:away",), 1)


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        SuggestionSettings(digest_hours=())
    with pytest.raises(InvalidInputError):
        SuggestionSettings(digest_hours=(24,))
