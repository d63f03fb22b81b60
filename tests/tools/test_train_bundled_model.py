"""Training text reaches the model as the platform's prompts do, and the schedule is as stated."""

import random
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from idiolect.lm.bundled import MODEL_DIR
from tools.bundled_model.bank import load_style_messages, load_topics
from tools.bundled_model.batches import (
    BATCH_TOKENS,
    CHUNK_TOKENS,
    IGNORED,
    WIDTH_STEP,
    Batch,
    chunk_batches,
    encode,
    with_slips,
)
from tools.bundled_model.mixture import Lesson, Mixture
from tools.bundled_model.tokenizer import CONTEXT_TOKENS
from tools.bundled_model.train import (
    WARMUP_STEPS,
    learning_rate_factor,
    new_model,
    reply_loss,
)

PUBLISHED = [
    [
        {"role": "user", "content": "Will it rain in Lisbon tomorrow?"},
        {"role": "assistant", "content": "There is a small chance of rain in the afternoon."},
    ]
]
MIXTURE = Mixture(load_topics(), load_style_messages(held_out=False), PUBLISHED)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(MODEL_DIR)


def test_encoding_gives_the_ids_of_the_chat_template(tokenizer: Any) -> None:
    rng = random.Random(0)
    for _ in range(50):
        lesson = MIXTURE.draw(rng, rng.random())
        ids, _ = encode(lesson, tokenizer)
        text = tokenizer.apply_chat_template(list(lesson.messages), tokenize=False)
        assert ids == tokenizer.encode(text)[:CONTEXT_TOKENS]


def test_only_replies_and_their_ends_are_to_be_predicted(tokenizer: Any) -> None:
    rng = random.Random(1)
    for _ in range(50):
        lesson = MIXTURE.kind("advice")(rng)
        ids, labels = encode(lesson, tokenizer)
        assert all(label in (IGNORED, token) for token, label in zip(ids, labels, strict=True))
        predicted = tokenizer.decode([label for label in labels if label != IGNORED])
        replies = [m["content"] for m in lesson.messages if m["role"] == "assistant"]
        assert predicted == "".join(f"{reply}<|end|>" for reply in replies)


def test_of_a_whole_dialogue_the_questions_are_predicted_too(tokenizer: Any) -> None:
    [dialogue] = PUBLISHED
    _, labels = encode(Lesson(tuple(dialogue), whole=True), tokenizer)
    predicted = tokenizer.decode([label for label in labels if label != IGNORED])
    assert predicted == "".join(f"{message['content']}<|end|>" for message in dialogue)


def test_a_chunk_follows_from_its_seed_and_number(tokenizer: Any) -> None:
    first, again, other = (
        chunk_batches(MIXTURE, tokenizer, seed=0, chunk=n, progress=0.5) for n in (3, 3, 4)
    )
    assert len(first) == len(again)
    assert all(a.input_ids.equal(b.input_ids) for a, b in zip(first, again, strict=True))
    assert not all(a.input_ids.equal(b.input_ids) for a, b in zip(first, other, strict=False))


def test_batches_come_in_few_shapes_and_lose_nothing(tokenizer: Any) -> None:
    batches = chunk_batches(MIXTURE, tokenizer, seed=0, chunk=1, progress=0.5)
    for batch in batches:
        rows, width = batch.input_ids.shape
        assert width % WIDTH_STEP == 0
        assert rows == BATCH_TOKENS // width
    # Padding is never predicted, and dialogues of similar length share a batch.
    pad = tokenizer.pad_token_id
    assert all(bool((b.labels[b.input_ids == pad] == IGNORED).all()) for b in batches)
    tokens = sum(int((b.input_ids != pad).sum()) for b in batches)
    assert CHUNK_TOKENS <= tokens < CHUNK_TOKENS + CONTEXT_TOKENS
    assert tokens > 0.7 * sum(b.input_ids.numel() for b in batches)


def test_the_loss_is_the_mean_over_what_is_to_be_predicted(tokenizer: Any) -> None:
    model = new_model(tokenizer, seed=0)
    ids = torch.tensor([[5, 6, 7, 8, 9, 10, 11, 12]])
    labels = torch.full_like(ids, IGNORED)
    labels[0, 3], labels[0, 6] = 8, 11
    with torch.inference_mode():
        loss = reply_loss(model, Batch(ids, labels))
        log_probs = model(ids).logits[0].log_softmax(-1)
    # The token at place 3 is predicted from place 2.
    assert loss.item() == pytest.approx(-float(log_probs[2, 8] + log_probs[5, 11]) / 2, rel=1e-5)


def test_rates_warm_up_stay_level_and_fall_to_zero() -> None:
    steps = 300
    assert learning_rate_factor(0, steps) == pytest.approx(1 / WARMUP_STEPS)
    assert learning_rate_factor(150, steps) == 1.0
    # The last third falls: half of 100 steps are left at step 250.
    assert learning_rate_factor(250, steps) == pytest.approx(0.5)
    assert learning_rate_factor(steps, steps) == 0.0


def test_slips_are_shown_and_never_to_be_said(tokenizer: Any) -> None:
    rng = random.Random(9)
    wrong, predicted, untouched, stutters = 0, 0, 0, 0
    for _ in range(300):
        ids, labels = encode(MIXTURE.kind("advice")(rng), tokenizer)
        before = list(labels)
        shown = with_slips(ids, labels, len(tokenizer), rng)
        assert labels == before
        places = [place for place, label in enumerate(labels) if label != IGNORED]
        changed = [place for place in range(len(ids)) if shown[place] != ids[place]]
        assert set(changed) <= set(places)
        wrong, predicted = wrong + len(changed), predicted + len(places)
        untouched += not changed
        stutters += any(shown[p - 2] == shown[p - 1] == shown[p] != ids[p] for p in changed)
    # Half of the replies go wrong at 4 % of their tokens, a third of times for three tokens.
    assert 0.024 < wrong / predicted < 0.041
    assert untouched > 130
    assert stutters > 30
