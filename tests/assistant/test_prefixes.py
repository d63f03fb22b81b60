"""Prefixes from end to end: a user's wishes computed ahead by a real model, used, and dropped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from idiolect.assistant.conversations import Assistant
from idiolect.assistant.events import Finished
from idiolect.assistant.prefixes import Prefixes
from idiolect.errors import ConflictError, InvalidInputError, NotReadyError
from idiolect.kit.clock import utc_now
from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import Delta, PrefixRef, Sampling
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.memory.promotion import Promotions
from idiolect.usermodel.pipeline import UserModel
from tests.assistant.conftest import Believe
from tests.tiny_model import save_tiny_model

ASKED = by_user("replies begin too late")
WISHES = (
    "Mara prefers short answers.",
    "Mara dislikes emoji in replies.",
    "Mara wants replies in prose.",
    "Mara prefers answers in plain words.",
    "Mara likes answers with examples.",
)
"""In the system message five sentences of 70 letters and more, each a token."""


class Watched(LocalModel):
    """A real model that keeps which prefixes it was given."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "cpu", threads=1)
        self.given: list[PrefixRef | None] = []
        self.forgotten: list[str] = []

    def stream(self, messages, sampling, **rest) -> Iterator[Delta]:
        self.given.append(rest.get("prefix"))
        return super().stream(messages, sampling, **rest)

    def forget_prefixes(self, owner: str) -> None:
        self.forgotten.append(owner)
        super().forget_prefixes(owner)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


class Home:
    def __init__(self, database: Database, user_model: UserModel, user_id: str, at: Path) -> None:
        self.database, self.user_id = database, user_id
        self.model = Watched(at)
        promotions = Promotions(database, BlobStore(at.parent / "blobs"), utc_now)
        self.prefixes = Prefixes(promotions, self.model)
        self.assistant = Assistant(
            database,
            user_model,
            self.model,
            lambda _: None,
            utc_now,
            sampling=Sampling(max_tokens=12, temperature=0),
            context_characters=150,
            prefixes=self.prefixes,
        )

    def promote(self) -> Memory:
        standing = self.assistant.standing(self.user_id)
        return self.prefixes.promote(self.user_id, standing, ASKED)

    def ask(self, text: str, **how: bool) -> str:
        with self.database.transaction() as session:
            talk = ConversationRepository(session, self.user_id).create("", utc_now()).id
        events = list(self.assistant.reply(self.user_id, talk, text, **how))
        [finished] = [event.message for event in events if isinstance(event, Finished)]
        return finished.text


@pytest.fixture
def home(
    database: Database, user_model: UserModel, user_id: str, believe: Believe, folder: Path
) -> Home:
    for wish in WISHES:
        believe(user_id, wish)
    return Home(database, user_model, user_id, folder)


def test_wishes_are_computed_ahead_and_the_replies_are_the_same(home: Home) -> None:
    questions = ("What is a tide?", "And a neap tide?")
    before = [home.ask(question) for question in questions]
    kept = home.promote()
    assert kept.payload["tokens"] >= 64
    assert [home.ask(question) for question in questions] == before
    assert home.model.given[:2] == [None, None]
    assert all(given is not None and given.file is not None for given in home.model.given[2:])
    home.model.forget_prefixes(home.user_id)  # the server was restarted: the file is there
    assert [home.ask(question) for question in questions] == before


def test_without_personalization_nothing_is_named(home: Home) -> None:
    home.promote()
    home.ask("What is a tide?", personalize=False)
    assert home.model.given[-1] is None


def test_new_words_of_a_wish_end_it(home: Home, user_model: UserModel, believe: Believe) -> None:
    kept = home.promote()
    wish = home.assistant.standing(home.user_id).sources[0]
    user_model.correct(home.user_id, wish, "Mara prefers long answers.")
    home.ask("What is a tide?")
    assert home.model.given[-1] is None
    with home.database.transaction() as session:
        assert MemoryRepository(session, home.user_id).get(kept.id).state == "expired"
    assert home.promote().id != kept.id


def test_what_cannot_be_computed_says_why(
    database: Database, user_model: UserModel, user_id: str, believe: Believe, folder: Path
) -> None:
    home = Home(database, user_model, user_id, folder)
    with pytest.raises(ConflictError, match="no rule and no wish"):
        home.promote()
    believe(user_id, "Mara prefers short answers.")
    with pytest.raises(InvalidInputError) as caught:
        home.promote()
    assert caught.value.reason_code == "PREFIX_TOO_SHORT"
    elsewhere = Prefixes(home.prefixes.promotions, None)
    with pytest.raises(NotReadyError, match="served elsewhere"):
        elsewhere.promote(user_id, home.assistant.standing(user_id), ASKED)
    assert elsewhere.find(user_id, None, "any") is None


def test_another_base_under_the_same_name_is_noticed_by_the_next_process(
    home: Home, folder: Path, tmp_path: Path
) -> None:
    kept = home.promote()
    other = save_tiny_model(tmp_path / "other")
    config = other / "config.json"
    config.write_text(config.read_text() + " ")
    Prefixes(home.prefixes.promotions, LocalModel(other, "cpu", threads=1)).settle(home.user_id)
    with home.database.transaction() as session:
        assert MemoryRepository(session, home.user_id).get(kept.id).state == "expired"
