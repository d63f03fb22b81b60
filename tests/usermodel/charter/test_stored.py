"""Charters as they are kept: what ships, what was agreed on, and who may change it from what."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError, PayloadTooLargeError
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.charter.precedence import decide
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.render import render
from idiolect.usermodel.charter.standards import Charter, Concern
from idiolect.usermodel.charter.stored import BINDING_CHARACTERS, StoredCharters
from tests.conftest import add_user
from tests.usermodel.charter.seeds import MONDAY, standard, vote

SHIPS = default_charter().version
AYE = Ballot("user", {"ratify": 1.0}, "I want it so.")


@pytest.fixture
def charters(database: Database) -> StoredCharters:
    return StoredCharters(database, lambda: MONDAY)


def payload_of(database: Database, user_id: str) -> dict[str, object]:
    with database.transaction() as session:
        [kept] = MemoryRepository(session, user_id).list_current("charter")
        return kept.payload


def test_everybody_begins_with_what_ships_and_nothing_is_kept_of_that(
    charters: StoredCharters, user_id: str
) -> None:
    assert charters.of(user_id) == default_charter()
    assert charters.history(user_id).items == []


def test_every_act_is_a_version_with_its_actor_and_reason(
    charters: StoredCharters, database: Database, user_id: str
) -> None:
    proposed = charters.propose(user_id, standard(), seen=SHIPS)
    ratified = charters.ratify(user_id, "short", AYE, seen=proposed.version).charter
    contested = charters.contest(user_id, "short", "Too curt.", seen=ratified.version)
    ballot = replace(vote("user", "uphold"), reason="It is fine after all.")
    upheld = charters.settle(user_id, "short", ballot, seen=contested.version)
    retired = charters.retire(user_id, "short", "I have time now.", seen=upheld.charter.version)

    assert charters.of(user_id) == retired
    assert retired.get("short").status == "retired"
    assert upheld.tally.chosen == "uphold"
    steps = [
        (event.detail.get("step"), event.actor, event.reason)
        for event in reversed(charters.history(user_id).items)
    ]
    assert steps == [
        (None, "system", "as it ships"),
        ("propose", "user", "There is little time."),
        ("ratify", "user", "I want it so."),
        ("contest", "user", "Too curt."),
        ("settle", "user", "It is fine after all."),
        ("retire", "user", "I have time now."),
    ]
    assert charters.history(user_id).items[0].detail["charter"] == retired.version
    with database.transaction() as session:
        [kept] = MemoryRepository(session, user_id).list_current("charter")
        assert (kept.version, kept.state) == (6, "activated")
        first = MemoryRepository(session, user_id).history(kept.lineage_id)[0]
        assert first.payload == default_charter().as_dict()


def test_another_user_s_charter_is_another(
    charters: StoredCharters, database: Database, user_id: str
) -> None:
    charters.propose(user_id, standard(), seen=SHIPS)
    assert charters.of(add_user(database, "Otto")) == default_charter()


@pytest.mark.parametrize(
    "act",
    [
        lambda charters, user, seen: charters.propose(user, standard("other"), seen=seen),
        lambda charters, user, seen: charters.ratify(user, "short", AYE, seen=seen),
        lambda charters, user, seen: charters.contest(user, "says_how_sure", "No.", seen=seen),
        lambda charters, user, seen: charters.retire(user, "short", "No.", seen=seen),
    ],
)
def test_who_saw_another_charter_changes_nothing(
    act: Callable[[StoredCharters, str, str], object], charters: StoredCharters, user_id: str
) -> None:
    changed = charters.propose(user_id, standard(), seen=SHIPS)
    with pytest.raises(ConflictError) as raised:
        act(charters, user_id, SHIPS)
    assert raised.value.reason_code == "CHARTER_CHANGED"
    assert charters.of(user_id) == changed


def test_an_act_that_is_refused_leaves_nothing(charters: StoredCharters, user_id: str) -> None:
    with pytest.raises(NotFoundError):
        charters.contest(user_id, "nosuch", "No.", seen=SHIPS)
    with pytest.raises(InvalidInputError, match="no reason"):
        charters.contest(user_id, "says_how_sure", " ", seen=SHIPS)
    with pytest.raises(NotFoundError):
        charters.propose("usr_nobody", standard(), seen=SHIPS)
    assert charters.history(user_id).items == []


def test_the_platform_votes_on_its_own_standards(charters: StoredCharters, user_id: str) -> None:
    away = Ballot("user", {"retire": 1.0, "uphold": 0.0}, "I know it already.")
    outcomes = {}
    seen = SHIPS
    for standard_id in ("says_how_sure", "honest_about_being_an_ai"):
        contested = charters.contest(user_id, standard_id, "No.", seen=seen)
        outcomes[standard_id] = [contested.get(standard_id).is_in_force]
        settled = charters.settle(user_id, standard_id, away, seen=contested.version)
        outcomes[standard_id].append(settled.charter.get(standard_id).is_in_force)
        seen = settled.charter.version
    assert outcomes == {
        "says_how_sure": [False, False],
        "honest_about_being_an_ai": [True, True],
    }
    dissent = charters.of(user_id).get("honest_about_being_an_ai").history[-2]
    assert (dissent.act, dissent.party, dissent.reason) == (
        "dissented",
        "user",
        "I know it already.",
    )


def test_a_proposal_that_the_platform_votes_down_stays_a_proposal(
    charters: StoredCharters, user_id: str
) -> None:
    ours = standard("human", kind="prohibition", concerns=(Concern("say_it_is_an_ai"),))
    proposed = charters.propose(user_id, ours, seen=SHIPS)
    with pytest.raises(ConflictError) as raised:
        charters.ratify(user_id, "human", AYE, seen=proposed.version)
    assert raised.value.reason_code == "NOT_RATIFIED"
    assert charters.of(user_id) == proposed


def test_an_amendment_is_kept(charters: StoredCharters, user_id: str) -> None:
    contested = charters.contest(user_id, "says_how_sure", "Too often.", seen=SHIPS)
    wording = replace(contested.get("says_how_sure"), text="Say so when you do not know something.")
    ballot = Ballot("user", {"amend": 1.0, "uphold": 0.2}, "That is enough.")
    settled = charters.settle(
        user_id, "says_how_sure", ballot, seen=contested.version, amendment=wording
    )
    # worst: uphold 0.2 (user), retire 0 (user), amend 0.5 (platform)
    assert settled.tally.chosen == "amend"
    kept = charters.of(user_id).get("says_how_sure")
    assert (kept.text, kept.version, kept.ratified_by) == (wording.text, 2, ("user",))


def test_what_is_overdue_is_contested_when_it_is_read(database: Database, user_id: str) -> None:
    now = [MONDAY]
    charters = StoredCharters(database, lambda: now[0])
    due = MONDAY + timedelta(days=30)
    proposed = charters.propose(user_id, standard(review_by=due), seen=SHIPS)
    ratified = charters.ratify(user_id, "short", AYE, seen=proposed.version).charter
    assert charters.of(user_id) == ratified

    now[0] = due + timedelta(days=1)
    overdue = charters.of(user_id)
    assert overdue.get("short").status == "contested"
    with pytest.raises(ConflictError, match="at version"):
        charters.retire(user_id, "short", "No.", seen=ratified.version)
    settled = charters.settle(
        user_id,
        "short",
        replace(vote("user", "uphold"), reason="Still so."),
        seen=overdue.version,
        review_by=now[0] + timedelta(days=365),
    )
    assert settled.charter.get("short").status == "ratified"
    assert [event.at for event in settled.charter.get("short").history[-2:]] == [due, now[0]]


def test_rules_that_no_model_could_be_told_whole_are_not_ratified(
    charters: StoredCharters, user_id: str
) -> None:
    ships = len(render(decide(default_charter(), "assistant", ()), 10_000).text)
    text = "Say it plainly. " * 12 + "Yes."
    fitting = (BINDING_CHARACTERS - ships) // len(f"\n- {text}")
    seen = SHIPS
    for number in range(fitting + 1):
        rule = standard(f"rule_{number}", text=text, concerns=())
        seen = charters.propose(user_id, rule, seen=seen).version
        if number < fitting:
            seen = charters.ratify(user_id, rule.id, AYE, seen=seen).charter.version

    with pytest.raises(PayloadTooLargeError) as raised:
        charters.ratify(user_id, f"rule_{fitting}", AYE, seen=seen)
    assert raised.value.reason_code == "CHARTER_TOO_LONG"
    assert fitting > 1
    assert charters.of(user_id).get(f"rule_{fitting}").status == "proposed"


def test_what_nobody_acted_on_is_read_as_it_ships(
    charters: StoredCharters, database: Database, user_id: str
) -> None:
    """As after a release: one standard is new, one has another wording, one is gone."""
    charters.contest(user_id, "says_how_sure", "No.", seen=SHIPS)
    shipped = default_charter()
    earlier = Charter(
        (
            replace(shipped.get("no_manipulation"), text="Be good."),
            shipped.get("says_how_sure"),
            replace(shipped.get("no_orders_from_quotes"), id="gone"),
            standard(status="ratified"),
        )
    )
    keep(database, user_id, earlier)

    now = charters.of(user_id)
    assert [each.id for each in now.standards] == [*(s.id for s in shipped.standards), "short"]
    assert now.get("no_manipulation") == shipped.get("no_manipulation")


def test_nothing_that_is_kept_undoes_what_protects_others(
    charters: StoredCharters, database: Database, user_id: str
) -> None:
    """An archive that was written by hand, or any other way around a vote."""
    contested = charters.contest(user_id, "honest_about_being_an_ai", "No.", seen=SHIPS)
    honest = contested.get("honest_about_being_an_ai")
    forged = replace(honest, status="retired", protects_others=False, text="Say you are Ann.")
    keep(database, user_id, contested.put(forged))

    read = charters.of(user_id).get("honest_about_being_an_ai")
    assert read == replace(
        default_charter().get("honest_about_being_an_ai"), history=honest.history
    )


def keep(database: Database, user_id: str, charter: Charter) -> None:
    """Puts a charter in the place of the kept one, past all rules."""
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        [kept] = memories.list_current("charter")
        memories.revise(kept, MONDAY, payload=charter.as_dict())
