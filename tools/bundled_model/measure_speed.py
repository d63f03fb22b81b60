"""How fast the platform writes with the bundled model."""

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import ChatMessage, Sampling
from tools.bundled_model.measure_cases import Case

REPETITIONS = 5
MAX_TOKENS = 128
CANDIDATES = 4


def speed_figures(model_dir: Path, case: Case) -> dict[str, float]:
    """Tokens a second, the prompt with its notes included: one reply, and several in one batch."""
    model = LocalModel(model_dir, device="cpu")
    prompt = [ChatMessage(**message) for message in case.prompt()]
    return {
        "tokens per second, one reply": _rate(model, prompt, 1),
        f"tokens per second, {CANDIDATES} candidates": _rate(model, prompt, CANDIDATES),
    }


def _rate(model: LocalModel, prompt: Sequence[ChatMessage], replies: int) -> float:
    rates = []
    for seed in range(REPETITIONS):
        sampling = Sampling(n=replies, max_tokens=MAX_TOKENS, seed=seed)
        texts = [""] * replies
        started = time.perf_counter()
        for delta in model.stream(prompt, sampling):
            texts[delta.index] += delta.text
        seconds = time.perf_counter() - started
        written = sum(score.tokens for score in model.score(prompt, texts))
        rates.append(written / seconds)
    return round(statistics.median(rates))
