"""What is refused before a route sees it, and what every response carries."""

import json

import pytest
from fastapi.testclient import TestClient

from idiolect.api.app import create_app
from tests.api.conftest import BASE_URL, MAX_REQUEST_BYTES


def test_answers_with_security_headers(anonymous):
    response = anonymous.get("/healthz")

    assert response.json() == {"status": "ok"}
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8765", "", "[::bad"])
def test_a_rebound_name_is_refused(anonymous, host):
    response = anonymous.get("/healthz", headers={"Host": host})

    assert response.status_code == 403
    assert response.json()["code"] == "FOREIGN_HOST"


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1:1234", "[::1]:8765", "LOCALHOST"])
def test_every_loopback_name_is_taken(anonymous, host):
    assert anonymous.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9999", "null"])
def test_another_origin_s_page_is_refused(mara, origin):
    response = mara.client.get("/api/me", headers={"Origin": origin})

    assert response.status_code == 403
    assert response.json()["code"] == "FOREIGN_ORIGIN"


def test_our_own_page_is_not(mara):
    assert mara.client.get("/api/me", headers={"Origin": BASE_URL}).status_code == 200


def test_a_body_that_is_too_large_is_a_problem(mara):
    body = json.dumps({"items": ["x" * MAX_REQUEST_BYTES]})

    announced = mara.client.post(
        "/api/observations", content=body, headers={"Content-Type": "application/json"}
    )
    chunked = mara.client.post(
        "/api/observations",
        content=iter([body.encode()]),
        headers={"Content-Type": "application/json"},
    )

    for response in (announced, chunked):
        assert response.status_code == 413
        assert response.json()["code"] == "PAYLOAD_TOO_LARGE"
        assert response.headers["content-type"] == "application/problem+json"


def test_unknown_addresses_and_verbs_are_problems(mara):
    missing = mara.client.get("/api/nothing")
    verb = mara.client.delete("/api/me")

    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
    assert (verb.status_code, verb.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_a_body_that_is_not_json_is_a_problem_that_does_not_repeat_it(mara):
    response = mara.client.post(
        "/api/conversations",
        content=b'{"title": my secret}',
        headers={"Content-Type": "application/json"},
    )

    assert (response.status_code, response.json()["code"]) == (422, "INVALID_JSON")
    assert "secret" not in response.text


def test_invalid_fields_are_named_and_not_repeated(mara):
    response = mara.client.post("/api/conversations", json={"title": 7, "colour": "my secret"})

    problem = response.json()
    assert response.status_code == 422
    assert set(problem) == {"type", "title", "status", "code", "detail", "hint"}
    assert problem["code"] == "INVALID_INPUT"
    assert "body.title" in problem["detail"]
    assert "body.colour" in problem["detail"]
    assert "secret" not in response.text


@pytest.mark.parametrize("title", ["a\x00b", "a\ud800b"])
def test_text_that_no_database_takes_is_refused(mara, title):
    response = mara.client.post(
        "/api/conversations",
        content=json.dumps({"title": title}),
        headers={"Content-Type": "application/json"},
    )

    assert response.status_code == 422


def test_what_crashes_is_a_problem_without_its_reason(services, tmp_path):
    app = create_app(services, page=tmp_path / "no-page")

    @app.get("/crash")
    def crash() -> None:
        raise RuntimeError("my secret")

    with TestClient(app, base_url=BASE_URL, raise_server_exceptions=False) as client:
        response = client.get("/crash")

    assert (response.status_code, response.json()["code"]) == (500, "INTERNAL")
    assert "secret" not in response.text


def test_says_how_to_build_the_page_when_there_is_none(anonymous):
    assert "make setup" in anonymous.get("/").text


def test_serves_the_page_and_its_index_for_addresses_of_its_own(services, tmp_path):
    page = tmp_path / "page"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<title>Idiolect</title>")
    (page / "assets" / "app.js").write_text("start()")

    with TestClient(create_app(services, page=page), base_url=BASE_URL) as client:
        browser = {"Accept": "text/html"}
        assert client.get("/", headers=browser).text == "<title>Idiolect</title>"
        assert client.get("/you/mem_1", headers=browser).text == "<title>Idiolect</title>"
        assert client.get("/assets/app.js").text == "start()"
        assert client.get("/assets/none.js").status_code == 404
        assert client.get("/../conftest.py").status_code == 404
        assert client.get("/api/nothing").json()["code"] == "NOT_FOUND"


def test_readiness_names_the_part_that_is_missing(services, anonymous):
    assert anonymous.get("/readyz").json()["checks"][0]["ok"] is True

    def broken() -> str:
        raise ConnectionError("refused by my secret host")

    services.checks["model"] = broken
    response = anonymous.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "not_ready"
    assert response.json()["checks"][1] == {
        "name": "model",
        "ok": False,
        "detail": "ConnectionError; see the log",
    }
