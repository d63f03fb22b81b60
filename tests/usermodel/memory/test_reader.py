"""What a reader is shown of a user's memories: the owner all, a key what is shared with it."""

from datetime import datetime

import pytest

from idiolect.errors import NotFoundError
from idiolect.store.models import Memory
from idiolect.store.models.memory import State
from idiolect.store.repositories.rating import RatingRepository
from idiolect.usermodel.memory.act import by_user, scopes_of
from idiolect.usermodel.memory.reader import MemoryReader
from tests.usermodel.memory.conftest import DAY, NOW, Cube

ASKED = by_user("asked")
KEY = "key_1"


@pytest.fixture
def assistant(cube: Cube) -> MemoryReader:
    return MemoryReader(cube.database, cube.user_id, scopes_of(KEY))


def share(cube: Cube, memory: Memory, scope: str) -> None:
    """As ``share`` does, for a key that need not be there."""
    with cube.database.transaction() as session:
        session.get_one(Memory, memory.id).scope = scope


def texts(reader: MemoryReader, moment: datetime) -> list[str | None]:
    page = reader.page("proposition").items
    then = reader.as_of(moment, "proposition", states=("activated",)).items
    assert [one.id for one in page] == [one.memory.id for one in then]
    return [memory.text for memory in page]


@pytest.mark.parametrize(
    ("scope", "is_shown"),
    [("private", False), ("assistants", True), (KEY, True), ("key_2", False)],
)
def test_the_scope_decides(cube: Cube, assistant: MemoryReader, scope: str, is_shown: bool) -> None:
    memory = cube.knows("Mara swims.")
    share(cube, memory, scope)
    assert texts(cube.reader, NOW) == ["Mara swims."]
    assert texts(assistant, NOW) == (["Mara swims."] if is_shown else [])
    for read in (assistant.get, assistant.history, assistant.provenance, assistant.events):
        if is_shown:
            assert read(memory.id)
        else:
            with pytest.raises(NotFoundError, match="no memory"):
                read(memory.id)


def test_the_scope_of_now_decides_about_what_was(cube: Cube, assistant: MemoryReader) -> None:
    memory = cube.knows("Mara swims.")
    cube.now = NOW + DAY
    cube.verbs.rulings.share(cube.user_id, memory.id, "assistants", ASKED)
    assert len(assistant.as_of(NOW, "proposition").items) == 1
    cube.verbs.rulings.unshare(cube.user_id, memory.id, ASKED)
    assert assistant.as_of(NOW + DAY, "proposition").items == []


def test_what_is_rated_private_is_shared_with_nobody(cube: Cube, assistant: MemoryReader) -> None:
    memory = cube.knows("Mara swims.")
    share(cube, memory, "assistants")
    with cube.database.transaction() as session:
        RatingRepository(session, cube.user_id).add(
            memory, "private", NOW, author="pattern", raw=0.5
        )
    assert texts(assistant, NOW) == []
    with pytest.raises(NotFoundError):
        assistant.get(memory.id)


def test_only_the_owner_is_told_of_what_was_erased(cube: Cube, assistant: MemoryReader) -> None:
    memory = cube.knows("Mara swims.")
    share(cube, memory, "assistants")
    cube.verbs.delete(cube.user_id, memory.id, ASKED)
    assert [version.text for version in cube.reader.history(memory.id)] == [None]
    assert cube.reader.events(memory.id).items[0].verb == "purge"
    for read in (assistant.history, assistant.events):
        with pytest.raises(NotFoundError):
            read(memory.id)


def test_a_state_of_then_is_filtered_and_paged(cube: Cube) -> None:
    kept = [cube.knows(f"Mara knows {number}.") for number in range(3)]
    cube.now = NOW + DAY
    cube.verbs.archive(cube.user_id, kept[1].id, ASKED)
    cube.now = NOW + 2 * DAY

    def told(moment: datetime, state: State) -> list[str]:
        found, cursor = [], None
        while True:
            page = cube.reader.as_of(moment, "proposition", states=(state,), limit=1, cursor=cursor)
            found += [believed.memory.id for believed in page.items]
            assert {believed.state for believed in page.items} <= {state}
            if (cursor := page.next_cursor) is None:
                return found

    assert told(NOW, "activated") == [one.id for one in reversed(kept)]
    assert told(NOW, "archived") == []
    assert told(cube.now, "activated") == [kept[2].id, kept[0].id]
    assert told(cube.now, "archived") == [kept[1].id]
