"""The API describes itself, wholly and without anything from elsewhere."""


def operations(app):
    for path, verbs in app.openapi()["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def test_every_address_says_what_it_does(app):
    for path, verb, operation in operations(app):
        assert operation["description"].strip(), (verb, path)
        assert operation["tags"], (verb, path)


def test_every_address_but_health_asks_for_a_key(app):
    open_paths = {path for path, _, operation in operations(app) if not operation.get("security")}

    assert open_paths == {"/healthz", "/readyz"}


def test_the_description_is_served_and_no_page_of_scripts_from_elsewhere(anonymous):
    assert anonymous.get("/api/openapi.json").json()["info"]["title"] == "Idiolect"
    assert anonymous.get("/docs").status_code == 404
    assert anonymous.get("/redoc").status_code == 404
