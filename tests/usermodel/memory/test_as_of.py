"""What was believed at a moment, and why, whatever happened to it since; on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.memory.act import Act, by_user
from idiolect.usermodel.memory.reader import Believed
from idiolect.usermodel.propose.protocols import ObservationView
from idiolect.usermodel.revise import Related, RelatedDraft, Revision
from tests.conftest import add_user
from tests.usermodel.memory.conftest import DAY, Cube
from tests.usermodel.seeds import draft, store, view

ASKED = by_user("asked")
JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE, JULY = (
    datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 8)
)
PORTO, LEEDS, HOME = "Mara lives in Porto.", "Mara lives in Leeds.", "Mara's home is in Leeds."


@pytest.fixture
def lived(either_url: str, vectors: ChromaVectorStore, tmp_path: Path) -> Iterator[Cube]:
    """Half a year: observed, contradicted, corrected, rolled back, merged, each on a first day."""
    database = Database(either_url)
    database.migrate()
    cube = Cube(database, vectors, BlobStore(tmp_path / "blobs"), add_user(database, "Mara"))
    seen = {
        "obs_1": view("I live in Porto.", id="obs_1", at=JANUARY),
        "obs_2": view("I moved to Leeds.", id="obs_2", at=MARCH),
    }
    store(database, cube.user_id, *seen.values())
    [porto] = learn(cube, seen, JANUARY, PORTO, "obs_1")
    [leeds] = learn(cube, seen, MARCH, LEEDS, "obs_2", against=porto)
    cube.now = APRIL
    cube.verbs.update(cube.user_id, leeds, Act("user", "too vague", 1), text="Mara rents in Leeds.")
    cube.now = MAY
    cube.verbs.roll_back(cube.user_id, leeds, 1, by_user("it was right"))
    cube.now = JUNE
    home = cube.knows(HOME, "obs_3", confidence=0.5, valid_from=JUNE)
    cube.now = JUNE + DAY
    cube.verbs.merge(cube.user_id, [leeds, home.id], by_user("the same"))
    yield cube
    database.close()


def learn(
    cube: Cube,
    seen: dict[str, ObservationView],
    now: datetime,
    text: str,
    source: str,
    against: str | None = None,
) -> list[str]:
    """What the loop does with one draft; gives the lineage."""
    with cube.database.transaction() as session:
        revision = Revision(MemoryRepository(session, cube.user_id), seen, now)
        related = [Related(against, "contradicts", 0.8)] if against else []
        made = draft(text, source, confidence=0.9, valid_from=now)
        revision.apply([RelatedDraft("draft", "pattern", made, related)])
    return list(revision.lineages.values())


def told(cube: Cube, moment: datetime, held: datetime | None = None) -> set[tuple[str, str]]:
    found = cube.reader.as_of(moment, "proposition", held=held).items
    return {(believed.memory.text or "", believed.state) for believed in found}


def acting(cube: Cube, moment: datetime) -> Believed:
    [found] = cube.reader.as_of(moment, "proposition", states=("activated",)).items
    return found


def why(cube: Cube, moment: datetime) -> tuple[str | None, set[tuple[str, str]]]:
    """The verb that made it believed, and its reasons that are no memories."""
    found = acting(cube, moment)
    assert found.act is not None
    return found.act.verb, {
        (reason.relation, reason.source_id)
        for reason in found.reasons
        if reason.source_type == "observation"
    }


def test_what_was_believed_then(lived: Cube) -> None:
    assert told(lived, JANUARY - DAY) == set()
    assert told(lived, FEBRUARY) == {(PORTO, "activated")}
    assert told(lived, MARCH + DAY) == {(PORTO, "archived"), (LEEDS, "activated")}
    assert told(lived, APRIL + DAY) == {(PORTO, "archived"), ("Mara rents in Leeds.", "activated")}
    assert told(lived, MAY + DAY) == told(lived, MARCH + DAY)
    assert told(lived, JUNE) == {*told(lived, MAY + DAY), (HOME, "activated")}
    assert told(lived, JULY) == {
        (PORTO, "archived"), (LEEDS, "merged"), (HOME, "merged"), (LEEDS, "activated"),
    }  # fmt: skip


def test_and_why(lived: Cube) -> None:
    assert why(lived, FEBRUARY) == ("add", {("supports", "obs_1")})
    assert why(lived, MARCH + DAY) == ("add", {("supports", "obs_2")})
    assert why(lived, APRIL + DAY) == ("update", {("supports", "obs_2")})
    assert why(lived, MAY + DAY) == ("roll_back", {("supports", "obs_2")})
    assert why(lived, JULY) == ("add", {("supports", "obs_2"), ("supports", "obs_3")})
    [closed] = lived.reader.as_of(JULY, "proposition", states=("archived",)).items
    assert [(one.relation, one.source_id, one.known_at) for one in closed.reasons] == [
        ("supports", "obs_1", JANUARY),
        ("contradicts", "obs_2", MARCH),
    ]
    assert closed.act is not None
    assert (closed.act.reason, closed.act.actor) == ("no longer so", "system")
    [first] = acting(lived, FEBRUARY).reasons
    assert (first.quote, first.occurred_at) == ("quote", JANUARY)


def test_what_was_so_in_the_world_is_another_question(lived: Cube) -> None:
    # In July it is known that Porto ended in March; in February nobody knew of an end.
    assert (PORTO, "archived") in told(lived, JULY, held=FEBRUARY)
    assert PORTO not in {text for text, _ in told(lived, JULY, held=APRIL)}
    assert told(lived, FEBRUARY, held=JULY) == {(PORTO, "activated")}
    assert LEEDS not in {text for text, _ in told(lived, JULY, held=FEBRUARY)}


def test_what_was_erased_since_is_not_told(lived: Cube) -> None:
    current = acting(lived, JULY).memory
    lived.now = JULY
    lived.verbs.delete(lived.user_id, current.id, ASKED)
    assert told(lived, MARCH + DAY) == {(PORTO, "archived")}
    assert told(lived, FEBRUARY) == {(PORTO, "activated")}
