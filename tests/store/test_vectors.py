"""Vectors in a real Chroma: in process and as a server."""

import math
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from idiolect.errors import NotReadyError
from idiolect.store.vectors.chroma import ChromaVectorStore

EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]
HALF = math.sqrt(0.5)
NORTH_EAST = [HALF, HALF]


@pytest.fixture(scope="module")
def chroma_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real Chroma server on a loopback port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    path = tmp_path_factory.mktemp("chroma")
    command = Path(sys.executable).parent / "chroma"
    server = subprocess.Popen(
        [command, "run", "--path", path, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(ChromaVectorStore.server("any", "127.0.0.1", port), server)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(store: ChromaVectorStore, server: subprocess.Popen[bytes]) -> None:
    pause = threading.Event()
    for _ in range(200):
        assert server.poll() is None, "the Chroma server ended"
        try:
            store.check()
        except NotReadyError:
            pause.wait(0.05)
        else:
            store.close()
            return
    pytest.fail("the Chroma server did not come up in 10 s")


@pytest.fixture(params=["embedded", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChromaVectorStore]:
    if request.param == "embedded":
        store = ChromaVectorStore.embedded("test-space", tmp_path / "vectors")
    else:
        port = request.getfixturevalue("chroma_port")
        store = ChromaVectorStore.server("test-space", "127.0.0.1", port)
    yield store
    store.drop("usr_mara")
    store.drop("usr_ben")
    store.close()


def test_the_nearest_come_first_with_their_cosine(store: ChromaVectorStore) -> None:
    store.upsert("usr_mara", ["e", "n", "w"], [EAST, NORTH, WEST], [{}, {}, {}])
    nearest = store.query("usr_mara", [0.6, 0.8], 2)
    assert [(m.id, m.similarity) for m in nearest] == [
        ("n", pytest.approx(0.8, abs=1e-6)),
        ("e", pytest.approx(0.6, abs=1e-6)),
    ]
    assert store.query("usr_mara", EAST, 10)[-1].similarity == pytest.approx(-1)


def test_several_are_asked_for_at_once(store: ChromaVectorStore) -> None:
    assert store.query_each("mara", [EAST, NORTH], 2) == [[], []]
    store.upsert("mara", ["east", "north"], [EAST, NORTH], [{}, {}])
    asked = [EAST, NORTH_EAST, NORTH]
    assert store.query_each("mara", asked, 2) == [store.query("mara", one, 2) for one in asked]
    assert [found[0].id for found in store.query_each("mara", [NORTH, EAST], 1)] == [
        "north",
        "east",
    ]
    assert store.query_each("mara", [], 2) == []


def test_users_and_spaces_are_apart(store: ChromaVectorStore) -> None:
    store.upsert("usr_mara", ["a"], [EAST], [{}])
    assert store.query("usr_ben", EAST, 5) == []
    assert store.count("usr_ben") == 0
    other_space = ChromaVectorStore(store._connection, "a/model:latest of other dimensions")
    assert other_space.query("usr_mara", [1.0, 0.0, 0.0], 5) == []
    other_space.upsert("usr_mara", ["a"], [[1.0, 0.0, 0.0]], [{}])
    store.drop("usr_mara")
    assert store.count("usr_mara") == other_space.count("usr_mara") == 0


def test_an_id_is_written_over(store: ChromaVectorStore) -> None:
    store.upsert("usr_mara", ["a", "b"], [EAST, EAST], [{"kind": "x"}, {"kind": "y"}])
    store.upsert("usr_mara", ["a"], [NORTH], [{"kind": "z"}])
    assert store.count("usr_mara") == 2
    assert [m.id for m in store.query("usr_mara", NORTH, 1)] == ["a"]
    assert [m.id for m in store.query("usr_mara", NORTH, 5, {"kind": "z"})] == ["a"]


def test_where_asks_for_all_of_its_values(store: ChromaVectorStore) -> None:
    metadatas: list[dict[str, str | int | float | bool]] = [
        {"kind": "proposition", "current": True},
        {"kind": "proposition", "current": False},
        {"kind": "profile", "current": True},
    ]
    store.upsert("usr_mara", ["a", "b", "c"], [EAST] * 3, metadatas)
    found = store.query("usr_mara", EAST, 5, {"kind": "proposition", "current": True})
    assert [m.id for m in found] == ["a"]


def test_where_finds_what_lies_behind_many_that_do_not_pass(store: ChromaVectorStore) -> None:
    # 200 around the East are nearer than the one in the North: more than are fetched at first (22)
    # and at the second attempt (88).
    around = [[math.cos(number / 200), math.sin(number / 200)] for number in range(200)]
    ids = [*(f"e{number}" for number in range(200)), "n", "w"]
    metadatas = [*({"state": "archived"} for _ in range(200)), *({"state": "activated"},) * 2]
    store.upsert("usr_mara", ids, [*around, NORTH, WEST], metadatas)
    found = store.query("usr_mara", EAST, 2, {"state": "activated"})
    assert [(m.id, m.similarity) for m in found] == [
        ("n", pytest.approx(0.0, abs=1e-6)),
        ("w", pytest.approx(-1.0)),
    ]
    assert len(store.query("usr_mara", EAST, 5, {"state": "archived"})) == 5


@pytest.mark.parametrize("few", [0, 200])  # Chroma's own search, and comparing them all
def test_among_some_the_others_are_not_seen(
    store: ChromaVectorStore, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.store.vectors.chroma._FEW", few)
    assert store.query_among("usr_mara", ["e"], EAST, 5) == []
    store.upsert("usr_mara", ["e", "n", "w"], [EAST, NORTH, WEST], [{}, {}, {}])
    found = store.query_among("usr_mara", {"n", "w"}, EAST, 5)
    assert [m.id for m in found] == ["n", "w"]
    assert found[0].similarity == pytest.approx(0.0, abs=1e-6)
    assert [m.id for m in store.query_among("usr_mara", ["w", "never was", "n"], EAST, 1)] == ["n"]
    assert store.query_among("usr_mara", ["never was"], EAST, 5) == []
    assert store.query_among("usr_mara", [], EAST, 5) == []


def test_deleting_passes_over_what_is_not_there(store: ChromaVectorStore) -> None:
    store.delete("usr_mara", ["a"])
    store.upsert("usr_mara", ["a", "b"], [EAST, NORTH_EAST], [{}, {}])
    store.delete("usr_mara", ["a", "never was"])
    assert [m.id for m in store.query("usr_mara", EAST, 5)] == ["b"]


def test_what_stays_is_found_after_the_deleted_is_overwritten(store: ChromaVectorStore) -> None:
    store.upsert("usr_mara", ["e", "n", "w"], [EAST, NORTH, WEST], [{"kept": 1}, {}, {}])
    store.upsert("usr_ben", ["e"], [EAST], [{}])
    store.delete("usr_mara", ["n", "w"])
    for owner in ("usr_mara", "usr_nobody"):
        store.overwrite_deleted(owner)
    assert [match.id for match in store.query("usr_mara", NORTH, 5, {"kept": 1})] == ["e"]
    assert store.count("usr_ben") == 1
    store.delete("usr_mara", ["e"])
    store.overwrite_deleted("usr_mara")
    assert (store.count("usr_mara"), store.query("usr_mara", EAST, 5)) == (0, [])


@pytest.mark.parametrize("others", [10, 1100])
def test_the_files_keep_nothing_of_what_was_deleted(tmp_path: Path, others: int) -> None:
    # With 1,100 Chroma has written a graph; with 10 its log has all.
    store = ChromaVectorStore.embedded("test-space", tmp_path)
    secret = np.array([0.5, 0.5, 0.5, 0.5] + [0.0] * 12, dtype=np.float32)  # of length one exactly
    rng = np.random.default_rng(0)
    ids = ["the-secret", *(f"other-{place}" for place in range(others))]
    vectors = [secret.tolist(), *rng.normal(size=(others, 16)).tolist()]

    def held() -> set[str]:
        traces = {"id": b"the-secret", "vector": secret.tobytes()}
        files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
        return {name for name, trace in traces.items() if any(trace in file for file in files)}

    for remove in (
        lambda: store.delete("usr_mara", ["the-secret"]),
        lambda: store.drop("usr_mara"),
    ):
        store.upsert("usr_mara", ids, vectors, [{"state": "activated"}] * len(ids))
        assert held() == {"id", "vector"}
        remove()
        assert held(), "Chroma by itself leaves it there; if not, overwriting can go"
        store.overwrite_deleted("usr_mara")
        assert held() == set()
    folders = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert folders == [], "nor the folders of collections that are no more"
    store.close()


def test_nothing_to_write_or_delete_is_no_call(store: ChromaVectorStore) -> None:
    store.upsert("usr_mara", [], [], [])
    store.delete("usr_mara", [])
    assert store.count("usr_mara") == 0


def test_two_processes_see_each_others_writes(tmp_path: Path) -> None:
    """The server and the worker share the files; Chroma alone would return deleted vectors."""
    store = ChromaVectorStore.embedded("test-space", tmp_path)
    other = (
        "import sys; from pathlib import Path\n"
        "from idiolect.store.vectors.chroma import ChromaVectorStore\n"
        f"store = ChromaVectorStore.embedded('test-space', Path({str(tmp_path)!r}))\n"
        "for line in sys.stdin:\n"
        "    print(eval(line), flush=True)\n"
    )
    command = [sys.executable, "-c", other]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin
        assert process.stdout

        def there(expression: str) -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write(expression + "\n")
            return process.stdout.readline().strip()

        assert there("store.count('usr_mara')") == "0"
        store.upsert("usr_mara", ["a"], [EAST], [{}])
        assert there("[m.id for m in store.query('usr_mara', [1.0, 0.0], 5)]") == "['a']"
        there("store.upsert('usr_mara', ['b'], [[1.0, 0.0]], [{}])")
        assert {m.id for m in store.query("usr_mara", EAST, 5)} == {"a", "b"}
        there("store.delete('usr_mara', ['b'])")
        assert {m.id for m in store.query("usr_mara", EAST, 5)} == {"a"}
        store.drop("usr_mara")
        assert there("store.query('usr_mara', [1.0, 0.0], 5)") == "[]"
        process.stdin.close()
    store.close()


def test_threads_lose_no_write(tmp_path: Path) -> None:
    store = ChromaVectorStore.embedded("test-space", tmp_path)

    def write(thread: int) -> None:
        for number in range(5):
            store.upsert("usr_mara", [f"{thread}-{number}"], [EAST], [{}])

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count("usr_mara") == 20
    store.close()


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(NotReadyError, match=r"no Chroma server answers at 127\.0\.0\.1:9"):
        ChromaVectorStore.server("test-space", "127.0.0.1", 9).check()
