"""Which models are given notes, and where that is said."""

import pytest

from idiolect import wiring
from idiolect.cli.doctor import check_handbook, examine
from idiolect.handbook.handbook import Handbook
from idiolect.settings import ModelSettings, Settings


@pytest.mark.parametrize(
    ("handbook", "kind", "given"),
    [
        ("auto", "bundled", True),
        ("auto", "scripted", False),
        ("auto", "endpoint", False),
        ("on", "scripted", True),
        ("off", "bundled", False),
    ],
)
def test_the_setting_decides(handbook, kind, given, tmp_path) -> None:
    model = ModelSettings(kind=kind, name="any", base_url="http://127.0.0.1:9/v1")
    settings = Settings(data_dir=tmp_path, model=model, handbook=handbook)
    services = wiring.build(settings)
    assert isinstance(services.handbook, Handbook) is given
    whole = 2000 if kind == "bundled" else 8000
    assert services.assistant.talk_characters == (int(whole * 0.55) if given else whole)
    services.database.close()


def test_the_environment_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().handbook == "auto"
    monkeypatch.setenv("IDIOLECT_HANDBOOK", "off")
    assert Settings().handbook == "off"
    assert Settings().as_environment()["IDIOLECT_HANDBOOK"] == "off"


def test_the_doctor_tells_whether_it_is_indexed(tmp_path) -> None:
    off = examine("handbook", check_handbook, Settings(data_dir=tmp_path, handbook="off"))
    assert (off.ok, off.detail) == (True, "off for this model")

    settings = Settings(data_dir=tmp_path, handbook="on")
    missing = examine("handbook", check_handbook, settings)
    assert (missing.ok, missing.detail) == (False, "616 topics are not indexed yet")
    assert "idiolect up" in missing.mend
    assert not (tmp_path / "chroma").exists()

    embedder = wiring.build_embedder(settings)
    vectors = wiring.build_vectors(settings, embedder.name)
    handbook = wiring.build_handbook(settings, vectors, embedder)
    assert handbook is not None
    handbook.index()
    vectors.close()
    indexed = examine("handbook", check_handbook, settings)
    assert (indexed.ok, indexed.detail) == (True, "616 topics are indexed")
