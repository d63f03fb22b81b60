"""A batch is audited once, and what came before it is seen as it was decided on."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from idiolect.store.database import Database
from idiolect.store.models import AuditDecision
from idiolect.store.repositories.audit_decision import AuditDecisionRepository
from idiolect.usermodel.audit.auditor import Audited, Auditor, record
from idiolect.usermodel.audit.user_policy import UserPolicy, write_user_policy
from idiolect.usermodel.batch import read_batch
from idiolect.usermodel.propose.protocols import ObservationView
from tests.usermodel.seeds import MONDAY, days, store, view

NOTE = view("I keep bees.", id="obs_note")
BAIT = view("Dear customer, you won a boat.", id="obs_bait", kind="message", trust="untrusted")
SECRET = view("password: hunter2", id="obs_secret", kind="message", trust="read")
PAGE = view(
    "Tabs\nMaps\nRoute to the hall\nShe asked about her asthma\nFriday at nine",
    id="obs_page",
    kind="screen",
    trust="read",
    application="Fox",
)
EARLIER = (NOTE, BAIT, SECRET, PAGE)
NEW = view("I row.", id="obs_new", at=MONDAY + days(3))


class Bench:
    """An auditor over the observations of one user, who may change the policy between batches."""

    def __init__(self, database: Database, user_id: str) -> None:
        self.database, self.user_id = database, user_id
        self.auditor = Auditor()
        store(database, user_id, *EARLIER, NEW)

    def audit(self, *ids: str, day: float = 1) -> Audited:
        """Audits a batch on a day after Monday, and logs what was decided."""
        with self.database.transaction() as session:
            batch = read_batch(session, self.user_id, ids)
            ground = self.auditor.read(session, self.user_id, batch)
        audited = self.auditor.audit(batch, ground)
        with self.database.transaction() as session:
            record(session, self.user_id, audited.decisions, MONDAY + days(day))
        return audited

    def set(self, policy: UserPolicy, day: float) -> None:
        with self.database.transaction() as session:
            write_user_policy(session, self.user_id, policy, MONDAY + days(day))

    def log(self) -> dict[str, AuditDecision]:
        ids = [item.id for item in (*EARLIER, NEW)]
        with self.database.transaction() as session:
            return AuditDecisionRepository(session, self.user_id).by_observation(ids)


@pytest.fixture
def bench(database: Database, user_id: str) -> Bench:
    return Bench(database, user_id)


def ids_of(views: Sequence[ObservationView]) -> list[str]:
    return [item.id for item in views]


def test_the_log_has_a_row_for_every_observation(bench: Bench) -> None:
    audited = bench.audit(*ids_of(EARLIER))
    assert (audited.dropped, audited.quoted) == (1, 1)
    assert {id: (row.verdict, row.by, row.is_cut) for id, row in bench.log().items()} == {
        "obs_note": ("allow", "no rule", False),
        "obs_bait": ("quote", "untrusted source", False),
        "obs_secret": ("drop", "secret", False),
        "obs_page": ("allow", "sensitive parts", True),
    }
    note = bench.log()["obs_note"]
    assert (note.sender, note.subject, note.data_type) == ("user", "user", "statement")
    assert note.at == MONDAY + days(1)


def test_earlier_observations_are_seen_as_they_were_decided_on(bench: Bench) -> None:
    first = bench.audit(*ids_of(EARLIER))
    then = bench.audit("obs_new", day=4)
    assert {item.id: item for item in then.batch.earlier} == {
        item.id: item for item in first.batch.observations
    }
    assert "obs_secret" not in ids_of(then.batch.earlier)
    assert not any("asthma" in item.text for item in then.batch.earlier)
    assert [one.observation_id for one in then.decisions] == ["obs_new"]


def test_earlier_observations_without_a_decision_get_one_by_rules(bench: Bench) -> None:
    """They may be from a time before the audit, or wait for a batch of their own."""
    audited = bench.audit("obs_new", day=4)
    assert set(ids_of(audited.batch.earlier)) == {"obs_note", "obs_bait", "obs_page"}
    assert next(item for item in audited.batch.earlier if item.id == "obs_bait") == replace(
        BAIT, trust="untrusted"
    )
    assert len(audited.decisions) == len(EARLIER) + 1
    assert (audited.dropped, audited.quoted) == (0, 0)  # these count the batch's own
    assert bench.log()["obs_secret"].verdict == "drop"


def test_what_is_excluded_today_is_no_evidence_from_today_on(bench: Bench) -> None:
    bench.audit(*ids_of(EARLIER))
    bench.set(UserPolicy(excluded_applications=("Fox",)), day=2)
    audited = bench.audit("obs_new", day=4)
    assert set(ids_of(audited.batch.earlier)) == {"obs_note", "obs_bait"}
    row = bench.log()["obs_page"]
    assert (row.verdict, row.by) == ("drop", "excluded application")
    note = bench.log()["obs_note"]
    assert (note.sender, note.at) == ("user", MONDAY + days(4))  # looked at, as it was
    again = bench.audit("obs_new", day=5)
    assert [one.observation_id for one in again.decisions] == ["obs_new"]


def test_what_was_dropped_stays_so_whatever_is_allowed_later(bench: Bench) -> None:
    bench.set(UserPolicy(excluded_applications=("Fox",)), day=0)
    bench.audit(*ids_of(EARLIER))
    bench.set(UserPolicy(), day=2)
    audited = bench.audit("obs_new", day=4)
    assert "obs_page" not in ids_of(audited.batch.earlier)
    assert bench.log()["obs_page"].by == "excluded application"


def test_lines_are_cut_by_the_policy_of_today(bench: Bench) -> None:
    bench.set(UserPolicy(opted_in=frozenset({"health"})), day=0)
    learned = bench.audit(*ids_of(EARLIER))
    assert any("asthma" in item.text for item in learned.batch.observations)
    bench.set(UserPolicy(), day=2)
    audited = bench.audit("obs_new", day=4)
    assert "obs_page" in ids_of(audited.batch.earlier)
    assert not any("asthma" in item.text for item in audited.batch.earlier)


def test_a_long_name_of_a_model_fits_the_log(bench: Bench) -> None:
    decision = bench.audit("obs_note").decisions[-1]
    with bench.database.transaction() as session:
        record(session, bench.user_id, [replace(decision, by="model:" + "x" * 200)], MONDAY)
    assert len(bench.log()["obs_note"].by) == 100


def test_a_decision_that_was_made_anew_elsewhere_is_seen(bench: Bench) -> None:
    bench.audit("obs_note")
    assert "obs_note" in ids_of(bench.audit("obs_bait").batch.earlier)
    with bench.database.transaction() as session:
        row = session.get_one(AuditDecision, "obs_note")
        row.verdict, row.at = "drop", MONDAY + days(2)
    assert "obs_note" not in ids_of(bench.audit("obs_new").batch.earlier)
