"""The bundled embedder: the real model through onnxruntime."""

from pathlib import Path

import numpy as np
import pytest

from idiolect.errors import NotReadyError
from idiolect.lm.embedding.bundled import BundledEmbedder, mean_pool
from idiolect.lm.embedding.export import is_exported

TEXTS = ["He edits videos.", "Editing videos is his hobby.", "The soup needs salt."]


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    if not is_exported():
        pytest.skip("the embedding model is not exported: run `make setup`")
    return BundledEmbedder()


def test_like_meanings_are_near_and_vectors_have_length_one(embedder: BundledEmbedder) -> None:
    video, film, soup = np.array(embedder.embed(TEXTS))
    assert video.shape == (384,)
    assert np.linalg.norm(video) == pytest.approx(1, abs=1e-6)
    assert video @ film > 0.5 > 0.2 > video @ soup


def test_a_vector_does_not_depend_on_its_batch(embedder: BundledEmbedder) -> None:
    texts = [*TEXTS, "", "long " * 100]
    together = np.array(embedder.embed(texts))
    alone = np.array([embedder.embed([text])[0] for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_texts_are_cut_at_256_tokens(embedder: BundledEmbedder) -> None:
    fits, longer = embedder.embed(["word " * 254, "word " * 254 + "salt " * 500])
    assert longer == pytest.approx(fits, abs=1e-6)


def test_no_text_gives_no_vector(embedder: BundledEmbedder) -> None:
    assert embedder.embed([]) == []


def test_padding_has_no_part_in_the_mean() -> None:
    hidden = np.array([[[3.0, 0.0], [3.0, 8.0], [99.0, 99.0]]], dtype=np.float32)
    # The mean of (3, 0) and (3, 8) is (3, 4), of length 5.
    pooled = mean_pool(hidden, np.array([[1, 1, 0]]))
    assert pooled.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)]]


def test_a_missing_model_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError) as caught:
        BundledEmbedder(tmp_path).embed(["a"])
    assert "make setup" in caught.value.hint
