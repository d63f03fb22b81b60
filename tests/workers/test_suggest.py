"""A round of suggestions follows a batch that was read, once, and only where it is wanted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from idiolect.assistant.suggestions.standing import SuggestionSettings
from idiolect.kit.clock import utc_now
from idiolect.observe.ingest import Ingestor
from idiolect.settings import Settings
from idiolect.store.models import Job
from idiolect.store.repositories.job import JobRepository, enqueue
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.workers.execute import Executor
from idiolect.workers.services import WorkerServices
from idiolect.workers.tasks import TASKS
from idiolect.workers.tasks.suggest import ROUND_EVERY
from tests.conftest import add_user
from tests.workers.bench import worker_services

DENTIST = "Dentist in the old town about the crown"
REVIEW = "Design review of the onboarding flow with Ana"
"""Long enough to differ for an embedder that counts words, in the template that they share."""


@pytest.fixture
def services(tmp_path: Path) -> Iterator[WorkerServices]:
    """Real services over an empty, migrated store, without a model to train."""
    services = worker_services(Settings(data_dir=tmp_path), None)
    services.database.migrate()
    yield services
    services.database.close()


@pytest.fixture
def user_id(services: WorkerServices) -> str:
    """A user called Mara."""
    return add_user(services.database, "Mara")


def run(services: WorkerServices, user_id: str, job_id: str) -> Job:
    folder = Path(str(services.database.url.database)).parent / "work"
    Executor(
        services.database,
        lambda: services,
        TASKS,
        worker_id="test",
        work_dir=folder,
        lease_s=30,
        retry_s=0.001,
        clock=utc_now,
        shutting_down=lambda: False,
    ).run(job_id)
    with services.database.transaction() as session:
        return JobRepository(session, user_id).get(job_id)


def read_a_batch(services: WorkerServices, user_id: str, title: str) -> Job:
    """Has the entry of a calendar read that begins within a day."""
    entry = {
        "idempotency_key": title,
        "kind": "calendar",
        "source": "test",
        "title": title,
        "trust": "typed",
        "occurred_at": (utc_now() + timedelta(hours=20)).isoformat(),
        "duration_s": 3600.0,
    }
    Ingestor(services.database).ingest(user_id, [entry])
    with services.database.transaction() as session:
        job = enqueue(session, user_id, "propose", {}, now=utc_now())
        ObservationRepository(session, user_id).claim_batch(job.id, 50)
    return run(services, user_id, job.id)


def rounds(services: WorkerServices, user_id: str) -> list[Job]:
    with services.database.transaction() as session:
        return JobRepository(session, user_id).list(kind="suggest").items


def test_a_read_batch_is_followed_by_one_round(services: WorkerServices, user_id: str) -> None:
    assert read_a_batch(services, user_id, DENTIST).state == "succeeded"
    read_a_batch(services, user_id, REVIEW)
    [asked] = rounds(services, user_id)  # one that waits will see both

    done = run(services, user_id, asked.id)

    assert done.state == "succeeded", done.error
    assert done.result is not None
    assert (done.result["enabled"], done.result["digest"]) == (True, 2)
    offers = services.suggester.open(user_id).items
    assert sorted(row.text.split('"')[1] for row in offers) == [DENTIST, REVIEW]


def test_a_second_round_offers_nothing_twice(services: WorkerServices, user_id: str) -> None:
    read_a_batch(services, user_id, DENTIST)
    run(services, user_id, rounds(services, user_id)[0].id)
    with services.database.transaction() as session:
        again = enqueue(session, user_id, "suggest", {}, now=utc_now()).id

    done = run(services, user_id, again)

    assert done.result is not None
    assert (done.result["repeated"], done.result["digest"]) == (1, 0)
    assert len(services.suggester.open(user_id).items) == 1
    # One that has ended is no reason to wait: the next batch asks anew.
    read_a_batch(services, user_id, REVIEW)
    assert [job.state for job in rounds(services, user_id)].count("queued") == 1


def test_rounds_keep_their_distance(services: WorkerServices, user_id: str) -> None:
    read_a_batch(services, user_id, DENTIST)
    first = run(services, user_id, rounds(services, user_id)[0].id)

    read_a_batch(services, user_id, REVIEW)
    read_a_batch(services, user_id, "Lunch with Otto about the accounts of the club")

    waiting, done = rounds(services, user_id)
    assert done.id == first.id
    assert first.started_at is not None
    assert waiting.not_before == first.started_at + ROUND_EVERY
    assert run(services, user_id, waiting.id).state == "queued"  # not due yet


def test_turned_off_no_round_is_asked_for_and_one_that_was_offers_nothing(
    services: WorkerServices, user_id: str
) -> None:
    read_a_batch(services, user_id, DENTIST)
    services.suggester.change_settings(user_id, SuggestionSettings(enabled=False))

    done = run(services, user_id, rounds(services, user_id)[0].id)
    read_a_batch(services, user_id, REVIEW)

    assert done.result == {"enabled": False}
    assert len(rounds(services, user_id)) == 1
    assert services.suggester.open(user_id).items == []
