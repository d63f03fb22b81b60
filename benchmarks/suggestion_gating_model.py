"""p for the gate without a language model: features of what was seen, and logistic regression."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from idiolect.usermodel.grounding import content_words

Matrix: TypeAlias = NDArray[np.float64]
Row: TypeAlias = dict[str, Any]
"""One row of the data: ``obs`` (events with time and text), ``pred_task`` (None for silence),
``valid`` (most annotators accept that), ``help_needed``, ``category``."""

EVENT_WORDS = (
    "search", "error", "open", "type", "scroll", "click", "switch", "copi", "paste", "read",
    "create", "debug", "view", "stay", "continu",
)  # fmt: skip
TASK_WORDS = (
    "search", "suggest", "provide", "offer", "help", "open", "recommend", "find", "create",
    "assist", "summar",
)  # fmt: skip
RECENT = 4
LEAST_ROWS = 3
"""A word is a feature when so many rows have it."""

STEPS = 12


@dataclass(frozen=True, slots=True)
class Features:
    """How rows become numbers: ``need`` reads the events alone, ``wanted`` the offered task too."""

    name: str
    need: Callable[[Sequence[Row]], Matrix]
    wanted: Callable[[Sequence[Row]], Matrix]


def meaning(vectors: dict[str, Matrix]) -> Features:
    """Embeddings of the last event and the task, how near the task is to the events, and counts.

    Args:
        vectors: unit vectors by text.
    """

    def last(rows: Sequence[Row]) -> Matrix:
        return np.array([vectors[_events(row)[-1]] for row in rows])

    def task(rows: Sequence[Row]) -> Matrix:
        return np.array([vectors[row["pred_task"]] for row in rows])

    def nearness(rows: Sequence[Row]) -> Matrix:
        return np.array([_nearness(row, vectors) for row in rows])

    return Features(
        "MiniLM and counts",
        need=lambda rows: np.hstack([2 * last(rows), 0.3 * _counts(rows)]),
        wanted=lambda rows: np.hstack([last(rows), task(rows), 0.3 * nearness(rows)]),
    )


def words(rows: Sequence[Row]) -> Features:
    """TF-IDF of the words alone: of the last event, and of the task.

    Args:
        rows: whose words are counted; labels are not read.
    """
    ids, weights = _vocabulary([*map(_last, rows), *(row["pred_task"] or "" for row in rows)])

    def of(texts: Sequence[str]) -> Matrix:
        table = np.zeros((len(texts), len(ids)))
        for place, text in enumerate(texts):
            for word in content_words(text) & ids.keys():
                table[place, ids[word]] = weights[ids[word]]
        unit: Matrix = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
        return unit

    return Features(
        "words (TF-IDF)",
        need=lambda rows: of([_last(row) for row in rows]),
        wanted=lambda rows: np.hstack(
            [of([_last(row) for row in rows]), of([row["pred_task"] for row in rows])]
        ),
    )


def fitted(features: Matrix, labels: Matrix, weights: Matrix, ridge: float) -> Matrix:
    """Logistic regression by Newton's method; the constant, which comes last, is hardly held back.

    Args:
        features: [rows, dimensions].
        labels: 0 or 1.
        weights: how much each row counts.
        ridge: half the penalty on a coefficient's square.
    """
    table = np.hstack([features, np.ones((len(features), 1))])
    penalty = np.full(table.shape[1], ridge)
    penalty[-1] = 1e-3
    coefficients = np.zeros(table.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-table @ coefficients))
        slope = table.T @ (weights * (labels - p)) - penalty * coefficients
        bend = (table * (weights * p * (1 - p))[:, None]).T @ table + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        coefficients += step
        if np.abs(step).max() < 1e-6:
            break
    return coefficients


def probabilities(coefficients: Matrix, features: Matrix) -> Matrix:
    """p of each row."""
    found: Matrix = 1 / (1 + np.exp(-(features @ coefficients[:-1] + coefficients[-1])))
    return found


def _events(row: Row) -> list[str]:
    return [each["event"] for each in row["obs"]]


def _last(row: Row) -> str:
    return _events(row)[-1]


def _counts(rows: Sequence[Row]) -> Matrix:
    """How much was seen, how varied it is, and which acts the last events name."""
    table = []
    for row in rows:
        events = [event.casefold() for event in _events(row)]
        last, recent = events[-1], events[-RECENT:]
        table.append(
            [np.log(len(events)), len(events) == 1, np.log(len(last))]
            + [word in last for word in EVENT_WORDS]
            + [sum(word in event for event in recent) / len(recent) for word in EVENT_WORDS]
            + [len(set(events)) / len(events)]
        )
    return np.array(table, dtype=np.float64)


def _nearness(row: Row, vectors: dict[str, Matrix]) -> list[float]:
    """The task's cosines to the events, its length and its verb."""
    task = row["pred_task"]
    cosines = [float(vectors[task] @ vectors[event]) for event in _events(row)]
    before = cosines[-2] if len(cosines) > 1 else cosines[-1]
    return [
        *(4 * figure for figure in (cosines[-1], max(cosines), float(np.mean(cosines)), before)),
        float(np.log(len(task))),
        float(np.log(len(cosines))),
        *(float(task.casefold().startswith(word)) for word in TASK_WORDS),
    ]


def _vocabulary(texts: Sequence[str]) -> tuple[dict[str, int], Matrix]:
    held = Counter(word for text in texts for word in content_words(text))
    kept = sorted(word for word, rows in held.items() if rows >= LEAST_ROWS)
    return {word: place for place, word in enumerate(kept)}, np.array(
        [np.log(len(texts) / held[word]) for word in kept]
    )
