"""What strangers' words alone support acts on no reply: neither as a wish nor as a fact."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from idiolect.assistant.conversations import Assistant
from idiolect.kit.clock import utc_now
from idiolect.lm.protocols import ChatMessage
from idiolect.lm.scripted import ScriptedModel
from idiolect.store.database import Database
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.confidence import Trust
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.seeds import store, view
from tests.usermodel.test_learning import SayingProposer

WISH = "Mara prefers short answers."
FACT = "Mara edits videos with Corvo."


@pytest.fixture
def user_model(database: Database, tmp_path: Path) -> Iterator[UserModel]:
    vectors = ChromaVectorStore.embedded("hashing-256", tmp_path / "vectors")
    saying = SayingProposer(WISH, FACT)
    yield UserModel(database, vectors, HashingEmbedder(), [saying], RulesRelater(), utc_now)
    vectors.close()


@pytest.mark.parametrize(
    ("trust", "system"),
    [
        ("untrusted", ""),
        ("read", f"Keep it short.\n\nWhat you know about the user:\n- {FACT}"),
    ],
)
def test_strangers_words_do_not_act(
    database: Database, user_model: UserModel, user_id: str, trust: Trust, system: str
) -> None:
    user_model.process(
        user_id, store(database, user_id, view("Boots", kind="message", trust=trust))
    )
    model = ScriptedModel([])
    assistant = Assistant(database, user_model, model, lambda _: None, utc_now, hosted=False)
    asked = [ChatMessage("user", "Does Mara edit videos with Corvo?")]
    assert assistant.contextualize(user_id, asked).system == system
