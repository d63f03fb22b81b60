"""Trains a user's adapter, has the gate judge it, and puts it into service if it won."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from idiolect.errors import InvalidInputError
from idiolect.store.repositories.preference import PreferenceRepository
from idiolect.workers.execute import ClaimedJob, Publish
from idiolect.workers.services import WorkerServices

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idiolect.adapters.dataset import Dataset
    from idiolect.adapters.recipe import Recipe
    from idiolect.preference.metrics import StepMetrics

_TRAINING_SHARE = 0.9  # of the whole job; the rest is the gate


def train(services: WorkerServices, job: ClaimedJob) -> Publish:
    """Trains on what the user preferred before the job was asked for.

    So every attempt sees the same pairs, goes on from the checkpoint of the one before, and
    ends with the same adapter.

    Raises:
        InvalidInputError: too few preferences, or a recipe that cannot be used.
        ConflictError: the model is served elsewhere.
        JobCancelledError: the job was asked to stop.
    """
    # torch is loaded here: in the worker's child, and only by a worker that trains.
    from idiolect.adapters import gate, lifecycle
    from idiolect.adapters.card import write_card
    from idiolect.adapters.train import train_adapter

    started = time.perf_counter()
    base, device = services.trainable_base(), _device(services.device)
    recipe = _recipe(job)
    dataset = _dataset(services, job, recipe)

    def tell(step: StepMetrics) -> None:
        job.progress.metrics(asdict(step), _TRAINING_SHARE * step.step / step.steps)

    trained = train_adapter(
        dataset.train,
        base=base,
        recipe=recipe,
        work_dir=job.directory,
        on_metrics=tell,
        should_stop=job.should_stop,
        device=device,
    )
    job.progress.share(_TRAINING_SHARE, "comparing with the base on held-out choices")
    verdict = gate.evaluate(
        base,
        trained.path,
        dataset.held_out,
        max_length_tokens=recipe.max_length_tokens,
        seed=recipe.seed,
        device=device,
        threads=recipe.threads,
    )
    card = write_card(recipe, dataset, trained, verdict, device=device)
    blob_key = services.blobs.put_dir(trained.path)

    def publish(session: Session) -> dict[str, Any]:
        now = services.clock()
        adapter = lifecycle.register(
            session,
            job.user_id,
            card=card,
            blob_key=blob_key,
            trained_on=trained.example_ids,
            now=now,
        )
        if verdict.promoted:
            lifecycle.promote(session, job.user_id, adapter.id, now=now)
        return {
            "adapter_id": adapter.id,
            "preferences": {"train": len(trained.example_ids), "held_out": verdict.pairs},
            "gate": verdict.as_dict(),
            "seconds": time.perf_counter() - started,
        }

    return publish


def _dataset(services: WorkerServices, job: ClaimedJob, recipe: Recipe) -> Dataset:
    from idiolect.adapters.dataset import Dataset

    with services.database.transaction() as session:
        rows = PreferenceRepository(session, job.user_id).before(job.created_at)
    dataset = Dataset.of(rows, ties=recipe.ties)
    pairs = len(dataset.train) + len(dataset.held_out)
    if pairs < services.minimum_preferences:
        raise InvalidInputError(
            f"{pairs} preferences are too few to train on",
            code="TOO_FEW_PREFERENCES",
            hint=f"Choose between replies until there are {services.minimum_preferences}.",
        )
    return dataset


def _recipe(job: ClaimedJob) -> Recipe:
    from idiolect.adapters.recipe import Recipe

    try:
        # One long conversation must not keep a user from having an adapter.
        return Recipe(**{"too_long": "leave_out", **job.payload.get("recipe", {})})
    except (ValidationError, TypeError) as error:
        raise InvalidInputError(f"the recipe cannot be used: {error}") from error


def _device(wanted: str) -> str:
    import torch

    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"
