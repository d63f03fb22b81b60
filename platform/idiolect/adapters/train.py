"""Trains one user's adapter from their preferences."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from idiolect.adapters.base import Base, cpu_threads, load_base
from idiolect.adapters.export import write_adapter
from idiolect.adapters.recipe import Recipe
from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.checkpoints import CheckpointFolder
from idiolect.preference.loops.offline import OfflineLoop
from idiolect.preference.metrics import StepMetrics
from idiolect.preference.optimization import Optimization
from idiolect.preference.pairs import Pair
from idiolect.preference.policies.causal_lm import CausalLmPolicy, LoraShape, with_lora
from idiolect.preference.presets import objective
from idiolect.preference.trainer import Trainer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TrainedAdapter:
    """An adapter on the disk and how it came about.

    Attributes:
        path: the folder with its safetensors and PEFT configuration.
        base_name: the base it belongs to.
        base_hash: that base's content.
        pair_ids: the pairs it was trained on.
        by_source: how many of those came from each source.
        left_out: ids of pairs that the model could not take because they are too long.
        metrics: of every step, in order.
        seconds: how long this call took, by the wall clock.
    """

    path: Path
    base_name: str
    base_hash: str
    pair_ids: tuple[str, ...]
    by_source: dict[str, int]
    left_out: tuple[str, ...]
    metrics: tuple[StepMetrics, ...]
    seconds: float


def train_adapter(
    pairs: Sequence[Pair],
    *,
    base: Path | str,
    recipe: Recipe,
    work_dir: Path,
    on_metrics: Callable[[StepMetrics], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    device: str = "cpu",
) -> TrainedAdapter:
    """Trains a LoRA adapter on preferences and writes it to ``work_dir / "adapter"``.

    ``work_dir`` also holds the checkpoints. Called again with the same arguments after the
    process was killed, it goes on from the newest one, and on a CPU the adapter then has the
    same bytes as that of an unbroken run.

    Args:
        pairs: what is learned from, in the order of their making.
        base: a model's folder, or the Hugging Face name of one that is on this machine.
        recipe: everything else that decides the result.
        work_dir: a folder of this run alone.
        on_metrics: called after every step.
        should_stop: asked before every step.
        device: ``cpu``, ``cuda``, ``cuda:N``, or ``auto`` for a GPU if there is one.

    Raises:
        InvalidInputError: there is no pair that the model can take, or the recipe names an
            unknown objective.
        NotReadyError: the base cannot be loaded.
        JobCancelledError: ``should_stop`` said so; the checkpoint is kept.
        TrainingDivergedError: the loss was no longer finite; the last good checkpoint is kept.
    """
    started = time.perf_counter()
    with cpu_threads(recipe.threads):
        loaded = load_base(base, device)
        shape = LoraShape(rank=recipe.rank, alpha=recipe.alpha, dropout=recipe.dropout)
        policy = CausalLmPolicy(
            with_lora(loaded.model, shape, seed=recipe.seed),
            loaded.tokenizer,
            max_length_tokens=min(recipe.max_length_tokens, loaded.context_tokens),
        )
        fitting = fitting_pairs(policy, pairs)
        trainer = Trainer(
            policy,
            objective(recipe.objective, beta=recipe.beta),
            fitting,
            OfflineLoop(
                pairs=len(fitting),
                batch_size=recipe.batch_size,
                epochs=recipe.epochs,
                seed=recipe.seed,
            ),
            _optimization(recipe),
            CheckpointFolder(work_dir / "checkpoints"),
            fingerprint=_fingerprint(fitting, loaded, recipe),
        )
        history = trainer.run(on_metrics=on_metrics, should_stop=should_stop)
        path = work_dir / "adapter"
        write_adapter(policy.model, path, base_name=loaded.name)
    taken = tuple(pair.id for pair in fitting)
    return TrainedAdapter(
        path=path,
        base_name=loaded.name,
        base_hash=loaded.hash,
        pair_ids=taken,
        by_source=dict(Counter(pair.source for pair in fitting)),
        left_out=tuple(pair.id for pair in pairs if pair.id not in set(taken)),
        metrics=tuple(history.steps),
        seconds=time.perf_counter() - started,
    )


def fitting_pairs(policy: CausalLmPolicy, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that are short enough for the model; each of the others is logged by its id."""
    fitting = []
    for pair in pairs:
        try:
            policy.encode(pair.context_w, pair.sample_w)
            policy.encode(pair.context_l, pair.sample_l)
        except InvalidInputError as error:
            if error.reason_code != "TOO_LONG":
                raise
            log.warning("pair_left_out", pair=pair.id, reason=error.message)
        else:
            fitting.append(pair)
    return fitting


def _optimization(recipe: Recipe) -> Optimization:
    return Optimization(
        learning_rate=recipe.learning_rate,
        warmup_share=recipe.warmup_share,
        weight_decay=recipe.weight_decay,
        max_gradient_norm=recipe.max_gradient_norm,
        pairs_at_once=recipe.pairs_at_once,
        checkpoint_every_steps=recipe.checkpoint_every_steps,
        seed=recipe.seed,
    )


def _fingerprint(pairs: Sequence[Pair], base: Base, recipe: Recipe) -> str:
    return sha256_json([[pair.content_hash for pair in pairs], base.hash, recipe.hash])
