"""Training text reaches the model as the platform's prompts do, and the schedule is as stated."""

import random
from typing import Any

import pytest
from transformers import AutoTokenizer

from idiolect.lm.bundled import MODEL_DIR
from tools.bundled_model.bank import load_style_messages, load_topics
from tools.bundled_model.compose import Composer
from tools.bundled_model.train import (
    BATCHES_PER_CHUNK,
    IGNORED,
    WARMUP_STEPS,
    chunk_batches,
    encode,
    learning_rate_factor,
)

COMPOSER = Composer(load_topics(), load_style_messages(held_out=False))


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(MODEL_DIR)


def test_encoding_gives_the_ids_of_the_chat_template(tokenizer: Any) -> None:
    rng = random.Random(0)
    for _ in range(50):
        dialogue = COMPOSER.draw(rng)
        ids, _ = encode(dialogue, tokenizer)
        text = tokenizer.apply_chat_template(list(dialogue.messages), tokenize=False)
        assert ids == tokenizer.encode(text)


def test_only_replies_and_their_ends_are_to_be_predicted(tokenizer: Any) -> None:
    rng = random.Random(1)
    for _ in range(50):
        dialogue = COMPOSER.draw(rng)
        ids, labels = encode(dialogue, tokenizer)
        assert all(label in (IGNORED, token) for token, label in zip(ids, labels, strict=True))
        predicted = tokenizer.decode([label for label in labels if label != IGNORED])
        replies = [m["content"] for m in dialogue.messages if m["role"] == "assistant"]
        assert predicted == "".join(f"{reply}<|end|>" for reply in replies)


def test_a_chunk_follows_from_its_seed_and_number(tokenizer: Any) -> None:
    first, again, other = (chunk_batches(COMPOSER, tokenizer, 0, n) for n in (3, 3, 4))
    assert len(first) == BATCHES_PER_CHUNK
    assert all(a.input_ids.equal(b.input_ids) for a, b in zip(first, again, strict=True))
    assert not first[0].input_ids.equal(other[0].input_ids)
    # Padding is never predicted, and dialogues of similar length share a batch.
    pad = tokenizer.pad_token_id
    assert all(bool((b.labels[b.input_ids == pad] == IGNORED).all()) for b in first)
    padding = sum(int((b.input_ids == pad).sum()) for b in first)
    assert padding < 0.2 * sum(b.input_ids.numel() for b in first)


def test_rates_warm_up_stay_level_and_fall_to_zero() -> None:
    steps = 300
    assert learning_rate_factor(0, steps) == pytest.approx(1 / WARMUP_STEPS)
    assert learning_rate_factor(150, steps) == 1.0
    # The last third falls: half of 100 steps are left at step 250.
    assert learning_rate_factor(250, steps) == pytest.approx(0.5)
    assert learning_rate_factor(steps, steps) == 0.0
