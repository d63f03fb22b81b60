"""The tiny model on the disk, and a recipe that trains it in a moment."""

from pathlib import Path

import pytest

from idiolect.adapters.recipe import Recipe
from tests.tiny_model import save_tiny_model


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that ``from_pretrained`` reads."""
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def quick_recipe() -> Recipe:
    """Eight steps on eight pairs, a checkpoint at every third."""
    return Recipe(
        learning_rate=1e-2,
        rank=4,
        alpha=8,
        dropout=0.1,
        epochs=2,
        batch_size=2,
        max_length_tokens=64,
        checkpoint_every_steps=3,
        threads=1,
    )
