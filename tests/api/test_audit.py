"""The audit's log, rules and policy over HTTP, by our client and by the command line."""

import json
from collections.abc import Callable
from typing import get_type_hints

import pytest
from click.testing import Result
from typer.testing import CliRunner

from idiolect.cli.app import app as command_line
from idiolect.client import IdiolectClient, responses
from idiolect.errors import IdiolectError, InvalidInputError, NotFoundError, NotReadyError
from idiolect.kit.clock import utc_now
from idiolect.store.repositories.user import create_key
from idiolect.store.repositories.user_setting import UserSettingRepository
from idiolect.usermodel.audit.user_policy import SETTING
from idiolect.usermodel.sensitivity import descriptions
from tests.api.conftest import observe

DEFAULT = {
    "excluded_applications": [],
    "excluded_patterns": [],
    "excludes_confidential": True,
    "opted_in": [],
    "asks_model": False,
}
STRICT = {
    **DEFAULT,
    "excluded_applications": ["Signal"],
    "excluded_patterns": ["*invoice*"],
    "asks_model": True,
}


@pytest.fixture
def audited(services, mara) -> list[str]:
    """Three observations of Mara's, of which the last is dropped."""
    ids = [
        observe(mara, text, key)
        for key, text in (("a", "I keep bees."), ("b", "I row."), ("c", "I have asthma."))
    ]
    services.user_model.process(mara.id, ids)
    return ids


def without_categories(policy: dict) -> dict:
    return {name: value for name, value in policy.items() if name != "categories"}


def test_the_log_says_what_was_decided_and_why(mara, audited):
    listed = mara.client.get("/api/audit").json()["items"]

    assert {one["observation_id"] for one in listed} == set(audited)
    [dropped] = mara.client.get("/api/audit?verdict=drop").json()["items"]
    assert dropped["observation_id"] == audited[2]
    assert dropped["by"] == "sensitive category"
    assert dropped["reason"].startswith("It touches a sensitive category")
    assert dropped["kind"] == "statement"
    assert dropped["flow"] == {
        "sender": "user",
        "subject": "user",
        "recipient": "own model",
        "data_type": "sensitive",
        "principle": "told the assistant",
    }
    assert "asthma" not in json.dumps(listed)


def test_the_log_comes_in_pages(mara, audited):
    first = mara.client.get("/api/audit?limit=2").json()
    rest = mara.client.get(f"/api/audit?limit=2&cursor={first['next_cursor']}").json()

    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert mara.client.get("/api/audit?verdict=maybe").status_code == 422


def test_the_rules_are_listed_with_how_often_they_decided(mara, audited):
    rules = {one["name"]: one for one in mara.client.get("/api/audit/rules").json()["items"]}

    assert rules["no rule"]["observations"] == 2
    assert rules["sensitive category"]["observations"] == 1
    assert rules["private window"]["observations"] == 0
    assert rules["secret"]["verdict"] == "drop"


def test_a_policy_is_set_as_a_whole(mara):
    shown = mara.client.get("/api/audit/policy").json()
    assert without_categories(shown) == DEFAULT
    assert {one["name"]: one["description"] for one in shown["categories"]} == descriptions()

    wanted = {**STRICT, "opted_in": ["religion", "health"]}
    changed = mara.client.put("/api/audit/policy", json=wanted)

    assert changed.status_code == 200
    assert without_categories(changed.json()) == {**STRICT, "opted_in": ["health", "religion"]}
    assert mara.client.get("/api/audit/policy").json() == changed.json()
    assert mara.client.put("/api/audit/policy", json={"asks_model": False}).status_code == 422


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"opted_in": ["hobbies"]}, "mental_health"),  # the hint lists what there is
        ({"excluded_patterns": ["*"]}, "blank"),
        ({"excluded_applications": [" "]}, "excluded_applications"),
        ({"excluded_applications": ["x"] * 201}, "excluded_applications"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_and_says_why(mara, change, said):
    response = mara.client.put("/api/audit/policy", json={**DEFAULT, **change})

    assert response.status_code == 422
    assert said in response.text
    assert without_categories(mara.client.get("/api/audit/policy").json()) == DEFAULT


def test_the_policy_holds_from_the_next_batch_on(services, mara, audited):
    mara.client.put("/api/audit/policy", json={**DEFAULT, "opted_in": ["health"]})
    services.user_model.process(mara.id, [observe(mara, "I have asthma, still.", "d")])

    assert len(mara.client.get("/api/audit?verdict=drop").json()["items"]) == 1
    assert len(mara.client.get("/api/audit?verdict=allow").json()["items"]) == 3


def test_another_user_sees_and_changes_nothing_of_it(mara, otto, audited):
    assert otto.client.get("/api/audit").json()["items"] == []
    rules = otto.client.get("/api/audit/rules").json()["items"]
    assert {one["observations"] for one in rules} == {0}

    otto.client.put("/api/audit/policy", json=STRICT)

    assert without_categories(mara.client.get("/api/audit/policy").json()) == DEFAULT


def test_it_takes_a_key_of_one_s_own(services, mara, client_of):
    with services.database.transaction() as session:
        _, reading = create_key(session, mara.id, "r", ["read"], utc_now())
    reader = client_of(reading)

    for path in ("/api/audit", "/api/audit/rules", "/api/audit/policy"):
        assert mara.client.get(path).status_code == 200
        assert reader.get(path).status_code == 403
    assert reader.put("/api/audit/policy", json=STRICT).status_code == 403
    assert reader.delete("/api/audit/policy").status_code == 403


def test_our_client_knows_all_of_it(base_url, mara, audited):
    with IdiolectClient(base_url, mara.secret) as client:
        [decision] = client.audit_decisions(verdict="drop")["items"]
        assert set(decision) == set(get_type_hints(responses.AuditDecision))
        assert set(decision["flow"]) == set(get_type_hints(responses.AuditFlow))
        assert set(client.audit_rules()[0]) == set(get_type_hints(responses.AuditRule))
        policy = client.audit_policy()
        assert set(policy) == set(get_type_hints(responses.AuditPolicy))
        assert set(policy["categories"][0]) == set(get_type_hints(responses.Category))
        policy["opted_in"] = ["health"]
        assert client.set_audit_policy(policy)["opted_in"] == ["health"]
        policy["opted_in"] = ["hobbies"]
        with pytest.raises(InvalidInputError):
            client.set_audit_policy(policy)


@pytest.fixture
def idiolect(base_url, mara) -> Callable[..., Result]:
    """Runs a command for Mara."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(
            command_line, ["--url", base_url, "--key", mara.secret, *arguments]
        )

    return run


def test_the_command_line_lists_decisions_and_rules(idiolect, audited):
    dropped = json.loads(idiolect("audit", "ls", "--verdict", "drop").output)
    assert [one["observation_id"] for one in dropped] == [audited[2]]
    assert len(json.loads(idiolect("audit", "ls").output)) == 3
    assert idiolect("audit", "ls", "--verdict", "maybe").exit_code == 2
    names = [one["name"] for one in json.loads(idiolect("audit", "rules").output)]
    assert "own window" in names


def test_the_command_line_changes_the_policy_bit_by_bit(idiolect):
    def policy(*arguments: str) -> dict:
        answer = idiolect("audit", "policy", *arguments)
        assert answer.exit_code == 0, answer.output
        return without_categories(json.loads(answer.output))

    assert policy("show") == DEFAULT
    policy("exclude-app", "Signal")
    policy("exclude-app", "Signal")
    policy("exclude-pattern", "*invoice*")
    policy("set", "--model", "ask")
    assert policy("show") == STRICT
    assert policy("allow-category", "health")["opted_in"] == ["health"]
    assert policy("allow-category", "health", "--undo")["opted_in"] == []
    policy("exclude-app", "Signal", "--undo")
    policy("exclude-pattern", "*invoice*", "--undo")
    assert policy("set", "--model", "spare", "--confidential", "allow") == {
        **DEFAULT,
        "excludes_confidential": False,
    }


def test_a_policy_that_cannot_be_read_can_be_set_back(services, mara, idiolect):
    with services.database.transaction() as session:
        broken = {**DEFAULT, "excluded_patterns": "*invoice*"}
        UserSettingRepository(session, mara.id).set(SETTING, broken, utc_now())
    unread = mara.client.get("/api/audit/policy")
    assert unread.status_code == 503
    assert "idiolect audit policy reset" in unread.json()["hint"]
    with pytest.raises(NotReadyError):
        services.user_model.process(mara.id, [observe(mara, "I keep bees.")])

    assert without_categories(json.loads(idiolect("audit", "policy", "reset").output)) == DEFAULT
    assert without_categories(mara.client.get("/api/audit/policy").json()) == DEFAULT


def test_the_command_line_says_what_is_wrong(idiolect):
    def error(*arguments: str) -> IdiolectError:
        failed = idiolect("audit", "policy", *arguments).exception
        assert isinstance(failed, IdiolectError)
        return failed

    unknown = error("allow-category", "hobbies")
    assert isinstance(unknown, InvalidInputError)
    assert "health" in unknown.hint
    assert isinstance(error("exclude-app", "Signal", "--undo"), NotFoundError)
