"""Keys: kept as hashes, limited to scopes, of use only while they are valid."""

from datetime import timedelta

import pytest

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.kit.clock import utc_now
from idiolect.kit.hashing import sha256_text
from idiolect.store.models import ApiKey
from idiolect.store.repositories.user import UserRepository, create_key

SCOPED = [
    ("observe", "POST", "/api/observations"),
    ("read", "GET", "/api/status"),
    ("read", "GET", "/api/propositions"),
    ("read", "GET", "/api/search?query=x"),
    ("read", "GET", "/api/preferences"),
    ("read", "GET", "/api/jobs"),
    ("read", "GET", "/api/adapters"),
    ("chat", "GET", "/api/conversations"),
    ("chat", "POST", "/api/choices"),
    ("chat", "GET", "/v1/models"),
    ("chat", "POST", "/v1/chat/completions"),
    ("train", "POST", "/api/preferences"),
    ("train", "POST", "/api/propositions/refresh"),
    ("train", "POST", "/api/jobs"),
    ("train", "POST", "/api/adapters/rollback"),
    ("admin", "POST", "/api/forgetting"),
    ("admin", "POST", "/api/forgetting/preview"),
    ("admin", "GET", "/api/forgetting"),
    ("admin", "GET", "/api/observations"),
    ("admin", "GET", "/api/audit"),
    ("admin", "PATCH", "/api/propositions/mem_1"),
]


def key_with(database, user_id, scopes, **fields):
    with database.transaction() as session:
        return create_key(session, user_id, "test", scopes, utc_now(), **fields)


def test_nothing_is_to_be_had_without_a_key(anonymous):
    for _, method, path in SCOPED:
        response = anonymous.request(method, path, json={})

        assert (response.status_code, response.json()["code"]) == (401, "UNAUTHORIZED"), path
        assert response.headers["www-authenticate"] == "Bearer"


def test_a_key_does_what_its_scope_says_and_no_more(database, mara, client_of):
    for scope, method, path in SCOPED:
        others = {"observe", "chat", "read", "train"} - {scope}
        _, without = key_with(database, mara.id, others)
        _, with_it = key_with(database, mara.id, [scope])

        refused = client_of(without).request(method, path, json={})
        taken = client_of(with_it).request(method, path, json={})

        assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN"), path
        assert scope in refused.json()["detail"]
        assert taken.status_code not in (401, 403), path


def test_only_the_hash_of_a_key_is_kept(database, mara):
    key, secret = key_with(database, mara.id, ["read"])

    assert len(secret) == len("idk_") + 40
    with database.transaction() as session:
        row = session.get(ApiKey, key.id)
    assert row.hash == sha256_text(secret)
    assert secret.startswith(row.prefix)
    assert len(row.prefix) == 10
    assert secret not in str(vars(row))


def test_expired_and_revoked_keys_are_refused(database, mara, client_of):
    _, expired = key_with(database, mara.id, ["read"], expires_at=utc_now() - timedelta(seconds=1))
    revoked_key, revoked = key_with(database, mara.id, ["read"])
    assert client_of(revoked).get("/api/me").status_code == 200
    with database.transaction() as session:
        UserRepository(session, mara.id).revoke_key(revoked_key.id, utc_now())

    for secret in (expired, revoked, "idk_unknown"):
        assert client_of(secret).get("/api/me").status_code == 401


def test_a_key_tells_who_it_acts_for_and_when_it_was_used(database, mara):
    answer = mara.client.get("/api/me").json()

    assert answer["user"] == {"id": mara.id, "name": "Mara"}
    assert answer["key"]["prefix"] == mara.secret[:10]
    assert answer["key"]["scopes"] == ["admin"]
    with database.transaction() as session:
        [key] = UserRepository(session, mara.id).keys()
    assert utc_now() - key.last_used_at < timedelta(minutes=1)


def test_keys_with_nothing_to_do_or_nobody_to_act_for_are_not_made(database, mara, otto):
    with pytest.raises(InvalidInputError):
        key_with(database, mara.id, ["fly"])
    with pytest.raises(InvalidInputError):
        key_with(database, mara.id, [])
    with pytest.raises(NotFoundError):
        key_with(database, "usr_none", ["read"])
    key, _ = key_with(database, mara.id, ["read"])
    with database.transaction() as session, pytest.raises(NotFoundError):
        UserRepository(session, otto.id).revoke_key(key.id, utc_now())
