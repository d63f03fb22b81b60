"""The real tasks: a batch becomes propositions, an index comes back, an adapter is trained."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from idiolect.errors import InvalidInputError
from idiolect.kit.clock import utc_now
from idiolect.observe.batches import BatchLimits, close_batches
from idiolect.observe.ingest import Ingestor
from idiolect.settings import Settings
from idiolect.store.models import Job, User
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.store.repositories.audit_decision import AuditDecisionRepository
from idiolect.store.repositories.job import FINAL_STATES, JobRepository, enqueue
from idiolect.usermodel.audit.user_policy import UserPolicy, write_user_policy
from idiolect.workers.execute import ClaimedJob, Executor, Publish, Task
from idiolect.workers.services import WorkerServices
from idiolect.workers.tasks import TASKS
from tests.conftest import add_user
from tests.tiny_model import save_tiny_model
from tests.waiting import PATIENCE_S, wait_until
from tests.workers.bench import add_preferences, ask_to_train, worker_services

FIFTY = BatchLimits(observations=50, tokens=3000)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model."""
    return save_tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture
def services(tmp_path: Path, base: Path) -> Iterator[WorkerServices]:
    """Real services over an empty, migrated store."""
    services = worker_services(Settings(data_dir=tmp_path), base)
    services.database.migrate()
    yield services
    services.database.close()


@pytest.fixture
def user_id(services: WorkerServices) -> str:
    """A user called Mara."""
    return add_user(services.database, "Mara")


def executor(
    services: WorkerServices,
    tasks: dict[str, Task[WorkerServices]] = TASKS,
    *,
    shutting_down: Callable[[], bool] = lambda: False,
) -> Executor[WorkerServices]:
    return Executor(
        services.database,
        lambda: services,
        tasks,
        worker_id="test",
        work_dir=Path(str(services.database.url.database)).parent / "work",
        lease_s=30,
        retry_s=0.001,
        clock=utc_now,
        shutting_down=shutting_down,
    )


def job_of(services: WorkerServices, user_id: str, job_id: str) -> Job:
    with services.database.transaction() as session:
        return JobRepository(session, user_id).get(job_id)


def statement(key: str, text: str) -> dict[str, Any]:
    return {
        "idempotency_key": key,
        "kind": "statement",
        "source": "test",
        "text": text,
        "trust": "typed",
        "occurred_at": "2026-03-02T09:00:00Z",
    }


def propose(services: WorkerServices, user_id: str) -> Job:
    Ingestor(services.database).ingest(
        user_id, [statement("a", "I am vegetarian."), statement("b", "I'm learning the piano.")]
    )
    with services.database.transaction() as session:
        (job,) = close_batches(session, user_id, FIFTY, now=utc_now(), partial=True)
    executor(services).run(job.id)
    return job_of(services, user_id, job.id)


def test_a_batch_becomes_propositions(services: WorkerServices, user_id: str) -> None:
    job = propose(services, user_id)
    assert job.state == "succeeded", job.error
    assert job.result is not None
    assert (job.result["observations"], job.result["new"]) == (2, 2)
    texts = [found.memory.text for found in services.user_model.search(user_id, "")]
    assert any("vegetarian" in str(text) for text in texts)


def test_full_batches_close_and_the_rest_waits_for_silence(
    services: WorkerServices, user_id: str
) -> None:
    items = [statement(str(number), f"I like the number {number}.") for number in range(5)]
    Ingestor(services.database).ingest(user_id, items)
    with services.database.transaction() as session:
        two = BatchLimits(observations=2, tokens=3000)
        full = close_batches(session, user_id, two, now=utc_now(), partial=False)
        rest = close_batches(session, user_id, two, now=utc_now(), partial=True)
        none = close_batches(session, user_id, two, now=utc_now(), partial=True)
    assert (len(full), len(rest), len(none)) == (2, 1, 0)


def test_a_batch_that_cannot_be_judged_fails_visibly_and_is_learned_from_later(
    services: WorkerServices, user_id: str
) -> None:
    def decide(policy: UserPolicy) -> None:
        with services.database.transaction() as session:
            write_user_policy(session, user_id, policy, utc_now())

    def failed_after_another_attempt() -> bool:
        executor(services).run(job.id)
        return job_of(services, user_id, job.id).state == "failed"

    decide(UserPolicy(asks_model=True))  # and there is none here
    job = propose(services, user_id)
    assert (job.state, job.attempt) == ("queued", 1)
    wait_until(failed_after_another_attempt, "the last attempt")
    failed = job_of(services, user_id, job.id)
    assert failed.attempt == failed.max_attempts
    assert failed.error is not None
    assert (failed.error["code"], failed.error["hint"][:3]) == ("NOT_READY", "Set")
    assert services.user_model.search(user_id, "") == []

    decide(UserPolicy())
    with services.database.transaction() as session:
        assert AuditDecisionRepository(session, user_id).counts() == []
        JobRepository(session, user_id).retry(job.id, now=utc_now())
    executor(services).run(job.id)
    result = job_of(services, user_id, job.id).result
    assert result is not None
    assert (result["observations"], result["new"]) == (2, 2)


def test_a_lost_index_is_rebuilt_from_the_database(services: WorkerServices, user_id: str) -> None:
    propose(services, user_id)
    found = [one.memory.id for one in services.user_model.search(user_id, "what does she eat")]
    services.user_model._index._vectors.drop(user_id)
    assert services.user_model.search(user_id, "what does she eat") == []
    with services.database.transaction() as session:
        job_id = enqueue(session, user_id, "reindex", {}, now=utc_now()).id
    executor(services).run(job_id)
    job = job_of(services, user_id, job_id)
    assert job.result is not None
    assert (job.state, job.result["vectors"]) == ("succeeded", 2)
    assert [
        one.memory.id for one in services.user_model.search(user_id, "what does she eat")
    ] == found


def test_upkeep_ends_with_its_figures(services: WorkerServices, user_id: str) -> None:
    propose(services, user_id)

    def keep_up() -> dict[str, Any]:
        with services.database.transaction() as session:
            job_id = enqueue(session, user_id, "upkeep", {}, now=utc_now()).id
        executor(services).run(job_id)
        job = job_of(services, user_id, job_id)
        assert job.state == "succeeded", job.error
        assert job.result is not None
        return job.result

    first, second = keep_up(), keep_up()
    # What was seen in March sleeps or is active by now: that depends on the day of the test.
    assert first["active"] + first["archived"] == 2
    assert (second["active"], second["archived"]) == (first["active"], 0)
    assert (first["recovered"], first["junk"], first["duplicate_pairs"]) == (0, 0, [])


def test_training_ends_with_an_adapter_its_card_and_its_curves(
    services: WorkerServices, user_id: str
) -> None:
    add_preferences(services.database, user_id)
    job_id = ask_to_train(services.database, user_id)
    executor(services).run(job_id)
    job = job_of(services, user_id, job_id)
    assert job.state == "succeeded", job.error
    assert job.result is not None
    assert job.result["preferences"] == {"train": 30, "held_out": 10}
    with services.database.transaction() as session:
        adapters = AdapterRepository(session, user_id)
        (adapter,) = adapters.page(limit=10).items
        serving = adapters.serving()
        events = JobRepository(session, user_id).events_after(job_id)
    assert adapter.id == job.result["adapter_id"]
    assert adapter.payload["card"]["gate"] == job.result["gate"]
    assert (serving is not None) == job.result["gate"]["promoted"]
    assert adapter.blob_key is not None
    assert services.blobs.verify(adapter.blob_key)
    steps = [event.data["step"] for event in events if event.kind == "metrics"]
    assert steps == list(range(1, 81))  # 30 pairs in batches of 4 are 8 steps, times 10 epochs


@pytest.mark.parametrize(
    ("preferences", "recipe", "has_base", "code"),
    [
        (39, {}, True, "TOO_FEW_PREFERENCES"),
        (40, {"rank": -1}, True, "INVALID_INPUT"),
        (40, {"no_such": 1}, True, "INVALID_INPUT"),
        (40, {}, False, "BASE_NOT_TRAINABLE"),
    ],
)
def test_what_cannot_be_trained_fails_at_once_and_says_why(
    tmp_path: Path, base: Path, preferences: int, recipe: dict[str, Any], has_base: bool, code: str
) -> None:
    services = worker_services(Settings(data_dir=tmp_path), base if has_base else None)
    services.database.migrate()
    user_id = add_user(services.database, "Mara")
    add_preferences(services.database, user_id, preferences)
    with services.database.transaction() as session:
        job_id = enqueue(session, user_id, "train", {"recipe": recipe}, now=utc_now()).id
    executor(services).run(job_id)
    job = job_of(services, user_id, job_id)
    services.database.close()
    assert (job.state, job.attempt) == ("failed", 1)
    assert job.error is not None
    assert job.error["code"] == code
    assert job.error["hint"]


def test_a_folder_is_kept_only_while_its_job_may_go_on(
    services: WorkerServices, user_id: str, tmp_path: Path
) -> None:
    def failing(_: WorkerServices, job: ClaimedJob) -> Publish:
        raise InvalidInputError("no use")

    def enqueued(kind: str) -> str:
        with services.database.transaction() as session:
            return enqueue(session, user_id, kind, {}, now=utc_now()).id

    def kept() -> set[str]:
        return {path.name for path in (tmp_path / "work").iterdir()}

    failed, done = enqueued("fail"), enqueued("reindex")
    (tmp_path / "work" / "job_of_an_erased_user").mkdir(parents=True)
    for job_id in (failed, done):
        executor(services, {**TASKS, "fail": failing}).run(job_id)
    assert kept() == {failed}  # it can be retried

    with services.database.transaction() as session:
        session.get_one(Job, failed).finished_at = utc_now() - timedelta(days=8)
    executor(services).run(enqueued("reindex"))
    assert kept() == set()


def test_an_attempt_that_lost_its_lease_publishes_nothing(
    services: WorkerServices, user_id: str
) -> None:
    def overtaken(services: WorkerServices, job: ClaimedJob) -> Publish:
        with services.database.transaction() as session:
            row = session.get_one(Job, job.id)
            row.attempt += 1  # as if another worker had taken it over meanwhile

        def publish(session: Session) -> dict[str, Any]:
            session.add(User(id="usr_planted", name="Planted", created_at=utc_now()))
            return {}

        return publish

    with services.database.transaction() as session:
        job_id = enqueue(session, user_id, "reindex", {}, now=utc_now()).id
    executor(services, {"reindex": overtaken}).run(job_id)
    with services.database.transaction() as session:
        assert session.get(User, "usr_planted") is None
    job = job_of(services, user_id, job_id)
    assert (job.state, job.attempt, job.result) == ("running", 2, None)


def test_a_training_killed_in_the_middle_ends_with_the_same_adapter(
    services: WorkerServices, user_id: str, base: Path, tmp_path: Path
) -> None:
    add_preferences(services.database, user_id)
    unbroken = ask_to_train(services.database, user_id)
    executor(services).run(unbroken)

    command = [sys.executable, "-m", "tests.workers.train_worker", str(tmp_path), str(base)]
    broken = ask_to_train(services.database, user_id)
    with (tmp_path / "worker.log").open("ab") as log:
        worker = subprocess.Popen(command, stderr=log, stdout=log)
        try:
            wait_until(lambda: job_of(services, user_id, broken).progress > 0.3, "a third of it")
            worker.kill()
            worker.wait()
            assert job_of(services, user_id, broken).state == "running"
            worker = subprocess.Popen(command, stderr=log, stdout=log)
            ended = "the end of the training"
            wait_until(lambda: job_of(services, user_id, broken).state in FINAL_STATES, ended)
        finally:
            worker.terminate()
            worker.wait(PATIENCE_S)
    job = job_of(services, user_id, broken)
    assert (job.state, job.attempt) == ("succeeded", 2), job.error
    with services.database.transaction() as session:
        first, second = AdapterRepository(session, user_id).page(limit=10).items
        steps = [
            event.data["step"]
            for event in JobRepository(session, user_id).events_after(broken)
            if event.kind == "metrics"
        ]
    assert first.content_hash == second.content_hash
    assert steps[-1] == 80
    assert len(steps) <= 80 + 2  # from the last checkpoint, which is at most 2 steps old
