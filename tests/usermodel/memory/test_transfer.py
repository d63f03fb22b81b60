"""Out and in again: everything comes along, nothing is run, and a changed file is refused."""

import hashlib
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idiolect.errors import ConflictError, InvalidInputError, PayloadTooLargeError
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.calibration.reading import read_beliefs
from idiolect.usermodel.memory.act import Act, by_user
from idiolect.usermodel.memory.archive import Limits, open_archive
from idiolect.usermodel.memory.transfer import Imported
from idiolect.usermodel.ratings import Ratings
from tests.conftest import add_user
from tests.usermodel.memory.conftest import DAY, NOW, Cube

ASKED = by_user("asked")
Members = dict[str, bytes]


@pytest.fixture
def full(cube: Cube, tmp_path: Path) -> Cube:
    """A user with every sort of row: versions, merges, an adapter, a tombstone."""
    user, verbs = cube.user_id, cube.verbs
    first = cube.knows("Mara swims.", "obs_1")
    verbs.update(user, first.id, Act("user", "more exactly", 1), text="Mara swims daily.")
    merged = verbs.merge(user, [first.id, cube.knows("Mara bathes.", "obs_2").id], ASKED)
    verbs.rulings.pin(user, merged.id, ASKED)
    verbs.rulings.share(user, merged.id, "assistants", ASKED)
    Ratings(cube.database, cube.index, lambda: NOW).rate(user, merged.id, "private")
    gone = cube.knows("Mara is ill.", "obs_3")
    verbs.delete(user, gone.id, ASKED)
    verbs.add(user, "adapter", ASKED, state="activated", blob_key=cube.put(tmp_path / "lora"),
              payload={"card": {"note": "ä"}, "takes_over_from": merged.id},
              derived_from=[merged.id])  # fmt: skip
    return cube


@pytest.fixture
def archive(full: Cube, tmp_path: Path) -> Path:
    target = tmp_path / "memories.zip"
    full.transfer.export(full.user_id, target, ASKED, NOW + DAY)
    return target


@pytest.fixture
def elsewhere(tmp_path: Path, vectors: ChromaVectorStore) -> Any:
    """An empty installation."""
    database = Database(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    database.migrate()
    user = add_user(database, "Ines")
    yield Cube(database, vectors, BlobStore(tmp_path / "other blobs"), user)
    database.close()


def members_of(archive: Path) -> Members:
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_a_round_trip_changes_nothing_but_ids(
    full: Cube, archive: Path, elsewhere: Cube, tmp_path: Path
) -> None:
    took = elsewhere.transfer.import_(elsewhere.user_id, archive, ASKED, NOW + 2 * DAY)
    assert took == Imported(taken=5, known=0, forgotten=0)
    again = tmp_path / "again.zip"
    elsewhere.transfer.export(elsewhere.user_id, again, ASKED, NOW + 3 * DAY)

    before, after = members_of(archive), members_of(again)
    assert set(before) == set(after)
    for name in set(before) - {"manifest.json", "events.jsonl"}:
        assert before[name] == after[name], name
    assert after["events.jsonl"].startswith(before["events.jsonl"])
    fresh = after["events.jsonl"].removeprefix(before["events.jsonl"]).decode().splitlines()
    assert {json.loads(line)["verb"] for line in fresh} == {"import"}
    with open_archive(archive) as one, open_archive(again) as two:
        assert one.content_hash == two.content_hash
        assert json.loads(fresh[0])["detail"] == {"archive": one.content_hash}
    assert not set(full.states()) & set(elsewhere.states()), "ids are new"


def test_what_was_taken_in_works(full: Cube, archive: Path, elsewhere: Cube) -> None:
    elsewhere.transfer.import_(elsewhere.user_id, archive, ASKED, NOW + 2 * DAY)
    user, verbs = elsewhere.user_id, elsewhere.verbs
    [believed] = [
        one for one in elsewhere.believed(NOW + DAY, "proposition") if one.state == "activated"
    ]
    swims = believed.memory
    assert (swims.text, swims.pinned, swims.scope) == ("Mara swims daily.", True, "private")
    assert {"obs_1", "obs_2"} < elsewhere.evidence(swims)
    assert elsewhere.indexed(swims) == [True]
    with elsewhere.database.transaction() as session:  # what was kept to oneself, stays so
        assert read_beliefs(session, user, [swims])[swims.id].private
    [adapter] = [one.memory for one in elsewhere.believed(NOW + 2 * DAY, "adapter")]
    assert adapter.payload == {"card": {"note": "ä"}, "takes_over_from": swims.id}
    assert adapter.blob_key is not None
    assert elsewhere.blobs.verify(adapter.blob_key)
    with pytest.raises(ConflictError, match="forgotten"):
        verbs.add(user, "proposition", Act("system", "seen"), text="Mara is ill.")
    # The cascade knows the new ids: what was merged goes with what took it in.
    assert len(verbs.delete(user, swims.id, ASKED).purged) == 3


def test_importing_again_or_at_home_adds_nothing(full: Cube, archive: Path) -> None:
    states = full.states()
    took = full.transfer.import_(full.user_id, archive, ASKED, NOW + 2 * DAY)
    assert (took, full.states()) == (Imported(taken=0, known=5, forgotten=0), states)


def test_what_was_forgotten_here_stays_forgotten(archive: Path, elsewhere: Cube) -> None:
    bathes = elsewhere.knows("Mara bathes.")
    elsewhere.verbs.delete(elsewhere.user_id, bathes.id, ASKED)
    took = elsewhere.transfer.import_(elsewhere.user_id, archive, ASKED, NOW + 2 * DAY)
    assert took == Imported(taken=4, known=0, forgotten=1)
    assert "Mara bathes." not in {
        one.memory.text for one in elsewhere.believed(NOW + 2 * DAY, "proposition")
    }


def test_an_adapter_that_serves_here_goes_on_serving(
    archive: Path, elsewhere: Cube, tmp_path: Path
) -> None:
    key = elsewhere.put(tmp_path / "own", '{"own": 1}')
    own = elsewhere.verbs.add(elsewhere.user_id, "adapter", ASKED, state="activated", blob_key=key)
    elsewhere.transfer.import_(elsewhere.user_id, archive, ASKED, NOW + 2 * DAY)
    found = elsewhere.believed(NOW + 2 * DAY, "adapter")
    assert {(one.memory.id == own.id, one.state) for one in found} == {
        (True, "activated"), (False, "archived"),
    }  # fmt: skip


def test_the_archive_is_for_its_owner_alone(archive: Path) -> None:
    assert archive.stat().st_mode & 0o077 == 0
    text = b"".join(members_of(archive).values())
    assert b"mem_" not in text
    assert b"Mara is ill" not in text


def test_what_is_no_json_and_no_safetensors_does_not_travel(cube: Cube, tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "adapter.bin").write_bytes(pickle.dumps({}))
    cube.verbs.add(cube.user_id, "adapter", ASKED, blob_key=cube.blobs.put_dir(folder))
    with pytest.raises(ConflictError, match="does not travel"):
        cube.transfer.export(cube.user_id, tmp_path / "x.zip", ASKED, NOW)
    assert not list(tmp_path.glob("*x.zip"))


# Archives that somebody made


def remade(archive: Path, change: Callable[[Members], None], *, sign: bool = True) -> Path:
    """The archive with its members changed, and with a manifest that fits them."""
    members = members_of(archive)
    change(members)
    if sign:
        manifest = json.loads(members.pop("manifest.json"))
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
        members["manifest.json"] = json.dumps({**manifest, "members": hashes}).encode()
    made = archive.with_name("made.zip")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return made


def put(name: str, data: bytes = b"{}") -> Callable[[Members], None]:
    return lambda members: members.update({name: data})


def line(kind: str, state: str, /, **fields: Any) -> Callable[[Members], None]:
    """Changes the first memory of this kind and state."""

    def change(members: Members) -> None:
        lines = members["memories.jsonl"].splitlines(keepends=True)
        records = [json.loads(text) for text in lines]
        place = [(one["kind"], one["state"]) for one in records].index((kind, state))
        lines[place] = json.dumps({**records[place], **fields}).encode() + b"\n"
        members["memories.jsonl"] = b"".join(lines)

    return change


def safetensors(data: bytes) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        members.update({name: data for name in members if name.endswith(".safetensors")})

    return change


def blob_with(name: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        [digest] = {path.split("/")[1] for path in members if path.startswith("blobs/")}
        members[f"blobs/{digest}/{name}"] = b"{}"

    return change


UNSOUND: dict[str, tuple[Callable[[Members], None], str]] = {
    "a path out of the archive": (put("blobs/../../evil.json"), "not one of its files"),
    "an absolute path": (put("/etc/evil.json"), "not one of its files"),
    "a path out of a blob": (blob_with("../evil.json"), "not one of its files"),
    "a pickle by name": (blob_with("adapter_model.pickle"), "not one of its files"),
    "a pickle by content": (safetensors(pickle.dumps({"a": 1})), "not in the safetensors"),
    "a header of another form": (safetensors(b"\x02" + b"\0" * 7 + b"[]"), "not in the safe"),
    "a header beyond the file": (safetensors(b"\xff" * 8 + b"{}"), "not in the safetensors"),
    "a file more in a blob": (blob_with("more.json"), "have another hash"),
    "a line that is no JSON": (put("links.jsonl", b"{\n"), "links.jsonl, line 1 is no JSON"),
    "a line that is no object": (put("links.jsonl", b"[]\n"), "no JSON object"),
    "a NUL": (line("adapter", "activated", reasoning="\0"), "NUL"),
    "a field that is not known": (line("adapter", "activated", owner="usr_1"), "owner"),
    "a state that is not known": (line("adapter", "activated", state="immortal"), "state"),
    "a confidence of one": (line("adapter", "activated", confidence=1), "confidence"),
    "another text under the old hash": (
        line("proposition", "activated", text="Mara smokes."),
        "hash is not that",
    ),
    "a text that was erased": (line("proposition", "purged", text="Mara."), "was erased and still"),
    "a second current version": (
        line("proposition", "activated", superseded_at=None, version=9),
        "another current version",
    ),
    "a lineage that is not there": (
        line("adapter", "activated", lineage=3),
        "lineage is not there",
    ),
    "a time without a zone": (
        line("adapter", "activated", recorded_at="2026-03-02T00:00:00"),
        "recorded_at",
    ),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_an_unsound_archive_is_refused_whole(name: str, archive: Path, elsewhere: Cube) -> None:
    change, message = UNSOUND[name]
    made = remade(archive, change)
    with pytest.raises(InvalidInputError, match=message):
        elsewhere.transfer.import_(elsewhere.user_id, made, ASKED, NOW)
    assert elsewhere.states() == {}
    assert not list(elsewhere.blobs.path(f"sha256/aa/{'a' * 64}").parents[1].glob("*/*"))


def test_a_changed_byte_is_refused(archive: Path, elsewhere: Cube) -> None:
    def smoke(members: Members) -> None:
        members["memories.jsonl"] = members["memories.jsonl"].replace(b"swims", b"smoke")

    made = remade(archive, smoke, sign=False)
    with pytest.raises(InvalidInputError, match="it was changed"):
        elsewhere.transfer.import_(elsewhere.user_id, made, ASKED, NOW)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda members: members.pop("manifest.json"), "no manifest"),
        (lambda members: members.pop("links.jsonl"), "does not list"),
        (put("manifest.json", b'{"format": "idiolect-memories", "version": 2}'), "version 2"),
        (put("manifest.json", b"\x80"), "no JSON"),
    ],
)
def test_another_form_is_refused(
    archive: Path, elsewhere: Cube, change: Callable[[Members], None], message: str
) -> None:
    made = remade(archive, change, sign=False)
    with pytest.raises(InvalidInputError, match=message):
        elsewhere.transfer.import_(elsewhere.user_id, made, ASKED, NOW)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", pickle.dumps([1])])
def test_what_is_no_zip_is_refused(elsewhere: Cube, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    with pytest.raises(InvalidInputError, match="no sound archive"):
        elsewhere.transfer.import_(elsewhere.user_id, file, ASKED, NOW)


@pytest.mark.parametrize(
    "limits",
    [Limits(members=3), Limits(total_bytes=1 << 16), Limits(json_bytes=1 << 16),
     Limits(line_bytes=1 << 10)],
)  # fmt: skip
def test_a_bomb_is_refused_before_it_is_unpacked(
    archive: Path, elsewhere: Cube, limits: Limits
) -> None:
    # A million spaces take a few hundred bytes when packed.
    made = remade(archive, put("links.jsonl", b" " * (1 << 20)))
    assert made.stat().st_size < 1 << 16
    with pytest.raises(PayloadTooLargeError):
        elsewhere.transfer.import_(elsewhere.user_id, made, ASKED, NOW, limits)
    assert elsewhere.states() == {}
