"""How fast the platform writes with the bundled model."""

import statistics
import time
from pathlib import Path

from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import ChatMessage, Sampling

REPETITIONS = 5
MAX_TOKENS = 128
CANDIDATES = 4

CONVERSATION = (
    ChatMessage("system", "Answer at length, as bullet points."),
    ChatMessage("user", "What should I think of before a long trip by train?"),
)


def speed_figures(model_dir: Path) -> dict[str, float | dict[str, float]]:
    """Tokens a second, prompt included: one reply, and several candidates in one batch."""
    model = LocalModel(model_dir, device="cpu")
    return {
        "tokens per second, one reply": _rate(model, 1),
        f"tokens per second, {CANDIDATES} candidates": _rate(model, CANDIDATES),
    }


def _rate(model: LocalModel, replies: int) -> float:
    rates = []
    for seed in range(REPETITIONS):
        sampling = Sampling(n=replies, max_tokens=MAX_TOKENS, seed=seed)
        texts = [""] * replies
        started = time.perf_counter()
        for delta in model.stream(CONVERSATION, sampling):
            texts[delta.index] += delta.text
        seconds = time.perf_counter() - started
        written = sum(score.tokens for score in model.score(CONVERSATION, texts))
        rates.append(written / seconds)
    return round(statistics.median(rates))
