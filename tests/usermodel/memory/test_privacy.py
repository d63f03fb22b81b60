"""What merging, sharing and rolling back leave of what the user keeps to themself or disputes."""

import pytest

from idiolect.errors import ConflictError, NotFoundError
from idiolect.store.models import Memory
from idiolect.store.repositories.rating import RatingRepository
from idiolect.usermodel.calibration.reading import read_beliefs
from idiolect.usermodel.memory.act import Act, by_user, narrowest, scopes_of
from idiolect.usermodel.memory.reader import MemoryReader
from idiolect.usermodel.ratings import Ratings
from tests.usermodel.memory.conftest import NOW, Cube

ASKED = by_user("asked")


@pytest.fixture
def ratings(cube: Cube) -> Ratings:
    return Ratings(cube.database, cube.index, lambda: cube.now)


@pytest.fixture
def assistant(cube: Cube) -> MemoryReader:
    return MemoryReader(cube.database, cube.user_id, scopes_of("key_1"))


def shared(cube: Cube, text: str, scope: str = "assistants") -> Memory:
    return cube.knows(text, scope=scope)


def is_private(cube: Cube, memory: Memory) -> bool:
    with cube.database.transaction() as session:
        return read_beliefs(session, cube.user_id, [memory])[memory.id].private


def listed(reader: MemoryReader) -> list[str | None]:
    return [memory.text for memory in reader.page("proposition").items]


def test_what_was_made_of_something_private_is_private(
    cube: Cube, ratings: Ratings, assistant: MemoryReader
) -> None:
    kept, open_one = shared(cube, "Mara sees a doctor."), shared(cube, "Mara is often ill.")
    ratings.rate(cube.user_id, kept.id, "private")
    merged = cube.verbs.merge(cube.user_id, [kept.id, open_one.id], ASKED)
    assert is_private(cube, merged)
    assert merged.scope == "private"
    assert listed(assistant) == []
    with pytest.raises(ConflictError, match="private") as caught:
        cube.verbs.rulings.share(cube.user_id, merged.id, "assistants", ASKED)
    assert "unrate" in caught.value.hint
    with cube.database.transaction() as session:  # and no author is judged by it
        marks = [one.mark for one in RatingRepository(session, cube.user_id).oldest_first()]
    assert marks == ["private", "private"]


def test_what_is_rated_private_is_shared_only_after_the_rating_is_taken_back(
    cube: Cube, ratings: Ratings, assistant: MemoryReader
) -> None:
    memory = shared(cube, "Mara sees a doctor.")
    ratings.rate(cube.user_id, memory.id, "private")
    with pytest.raises(ConflictError, match="private"):
        cube.verbs.rulings.share(cube.user_id, memory.id, "assistants", ASKED)
    ratings.withdraw(cube.user_id, memory.id)
    assert listed(assistant) == []  # taking it back shares nothing by itself
    cube.verbs.rulings.share(cube.user_id, memory.id, "assistants", ASKED)
    assert listed(assistant) == ["Mara sees a doctor."]


@pytest.mark.parametrize(
    ("scopes", "left"),
    [
        (["assistants", "assistants"], "assistants"),
        (["assistants", "key_1"], "key_1"),
        (["key_1", "key_1"], "key_1"),
        (["key_1", "key_2"], "private"),
        (["assistants", "private"], "private"),
        (["key_1", "private"], "private"),
    ],
)
def test_one_made_of_several_is_shown_to_whom_all_of_them_were(
    cube: Cube, scopes: list[str], left: str
) -> None:
    assert narrowest(scopes) == left
    sources = [shared(cube, f"Mara swims {scope} {n}.", scope) for n, scope in enumerate(scopes)]
    merged = cube.verbs.merge(cube.user_id, [one.id for one in sources], ASKED)
    assert merged.scope == left


def test_what_was_merged_is_no_longer_shown_by_itself(cube: Cube, assistant: MemoryReader) -> None:
    sources = [shared(cube, "Mara swims."), shared(cube, "Mara bathes.")]
    merged = cube.verbs.merge(cube.user_id, [one.id for one in sources], ASKED)
    assert assistant.get(merged.id)
    for source in sources:
        with pytest.raises(NotFoundError, match="no memory"):
            assistant.get(source.id)
        with pytest.raises(ConflictError, match="no longer changes"):
            cube.verbs.rulings.share(cube.user_id, source.id, "assistants", ASKED)


def test_what_is_contested_is_neither_merged_nor_rolled_back(cube: Cube) -> None:
    first = cube.knows("Mara swims.", confidence=0.6)
    other = cube.knows("Mara bathes.", confidence=0.9)
    seen = Act("user", "wrong", 1)
    cube.verbs.update(cube.user_id, first.id, seen, payload={"contested": True})
    with pytest.raises(ConflictError, match="contested"):
        cube.verbs.merge(cube.user_id, [first.id, other.id], ASKED)
    with pytest.raises(ConflictError, match="contested"):
        cube.verbs.roll_back(cube.user_id, first.id, 1, ASKED)


def test_rolling_back_neither_rejects_nor_contests_again(cube: Cube, ratings: Ratings) -> None:
    memory = cube.knows("Mara smokes.")
    ratings.rate(cube.user_id, memory.id, "false")  # version 2
    ratings.rate(cube.user_id, memory.id, "true")  # version 3
    with pytest.raises(ConflictError, match="rejected"):
        cube.verbs.roll_back(cube.user_id, memory.id, 2, ASKED)
    contested = {"contested": True, "note": 1}
    fourth = cube.verbs.update(cube.user_id, memory.id, Act("user", "x", 3), payload=contested)
    settled = {"note": 2}
    cube.verbs.update(cube.user_id, memory.id, Act("user", "x", fourth.version), payload=settled)
    back = cube.verbs.roll_back(cube.user_id, memory.id, 4, ASKED)
    assert back.payload == {"note": 1}
    assert back.recorded_at == NOW
