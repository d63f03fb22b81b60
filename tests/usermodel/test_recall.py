"""Finding what was believed at a moment by what was said then."""

from datetime import datetime

import pytest

from idiolect.usermodel.memory.act import Act, by_user, scopes_of
from idiolect.usermodel.ratings import Ratings
from idiolect.usermodel.recall import Recall
from idiolect.usermodel.search import Asker, Question
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.memory.conftest import DAY, NOW, Cube, cube, vectors

__all__ = ["cube", "vectors"]

ASKED = by_user("asked")


def found(cube: Cube, query: str, moment: datetime, **who: object) -> list[str | None]:
    asker = Asker(cube.user_id, cube.now, **{"with_private": True, **who})  # type: ignore[arg-type]
    recall = Recall(cube.database, cube.vectors, HashingEmbedder())
    return [one.memory.text for one in recall.find(asker, Question(query, 5), moment)]


def test_what_was_said_then_is_found_and_what_is_said_now_is_not(cube: Cube) -> None:
    home = cube.knows("Mara lives in Porto.")
    gone = cube.knows("Mara keeps bees.")
    cube.knows("Mara swims.")
    cube.now = NOW + DAY
    seen = Act("user", "moved", 1)
    cube.verbs.update(cube.user_id, home.id, seen, text="Mara lives in Leeds.")
    cube.verbs.archive(cube.user_id, gone.id, ASKED)

    assert found(cube, "where in Porto?", NOW)[0] == "Mara lives in Porto."
    assert found(cube, "where in Leeds?", cube.now)[0] == "Mara lives in Leeds."
    assert "Mara lives in Leeds." not in found(cube, "where in Leeds?", NOW)
    assert found(cube, "bees", NOW)[0] == "Mara keeps bees."
    assert "Mara keeps bees." not in found(cube, "bees", cube.now)
    assert found(cube, "bees", NOW - DAY) == []


def test_what_left_the_index_is_found_by_its_meaning_too(cube: Cube) -> None:
    gone = cube.knows("Mara keeps bees.")
    cube.now = NOW + DAY
    cube.verbs.archive(cube.user_id, gone.id, ASKED)
    assert cube.indexed(gone) == [False]
    assert found(cube, "of it", NOW) == ["Mara keeps bees."]  # no word that means something


def test_a_blank_question_gives_what_was_surest_then(cube: Cube) -> None:
    cube.knows("Mara sails.", confidence=0.3)
    memory = cube.knows("Mara swims.", confidence=0.9)
    cube.now = NOW + DAY
    cube.verbs.update(cube.user_id, memory.id, Act("user", "less", 1), confidence=0.1)
    assert found(cube, " ", NOW) == ["Mara swims.", "Mara sails."]
    assert found(cube, " ", cube.now) == ["Mara sails.", "Mara swims."]


@pytest.mark.parametrize(("is_private", "texts"), [(False, ["Mara swims."]), (True, [])])
def test_an_assistant_finds_what_is_shared_with_it(
    cube: Cube, is_private: bool, texts: list[str]
) -> None:
    cube.knows("Mara sails.")
    memory = cube.knows("Mara swims.", scope="assistants")
    if is_private:
        Ratings(cube.database, cube.index, lambda: NOW).rate(cube.user_id, memory.id, "private")
    shown = {"with_private": False, "scopes": scopes_of("key_1")}
    assert found(cube, "Mara", NOW, **shown) == texts
    hidden = found(cube, "Mara", NOW, with_private=False)
    assert ("Mara swims." in hidden) is not is_private
