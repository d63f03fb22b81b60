"""Trains an adapter from preferences."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from idiolect.adapters.base import Base, cpu_threads, load_base, load_tokenizer
from idiolect.adapters.export import write_adapter
from idiolect.adapters.lengths import Lengths
from idiolect.adapters.recipe import Recipe
from idiolect.engine.loading import choose_device
from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json
from idiolect.preference.averaging import average_run
from idiolect.preference.batches import Example, require_fit
from idiolect.preference.checkpoints import CheckpointFolder
from idiolect.preference.diagnostics import RunReport, report_on_run
from idiolect.preference.early_stopping import EarlyStopping
from idiolect.preference.language import compose
from idiolect.preference.loops.offline import OfflineLoop
from idiolect.preference.merging import Best, Power, Softmax, Uniform, WeightRule
from idiolect.preference.metrics import StepMetrics
from idiolect.preference.objective import Objective
from idiolect.preference.optimization import Optimization
from idiolect.preference.pairs import Pair
from idiolect.preference.policies.causal_lm import CausalLmPolicy, LoraShape, with_lora
from idiolect.preference.trainer import Evaluation, History, Trainer

CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training is about to do, with everything checked and no weights loaded yet.

    Attributes:
        objective: the loss.
        examples: what is learned from, all short enough for the model.
        held_out: what is looked at meanwhile.
        fitting_held_out: all held-out examples that are short enough, looked at or not.
        loop: which examples each step sees.
        limit_tokens: the longest conversation that is taken.
    """

    objective: Objective
    examples: Sequence[Example]
    held_out: Sequence[Example]
    fitting_held_out: Sequence[Example]
    loop: OfflineLoop
    limit_tokens: int


@dataclass(frozen=True, slots=True)
class TrainedAdapter:
    """An adapter on the disk and how it came about.

    Attributes:
        path: the folder with its safetensors and PEFT configuration.
        base_name: the base it belongs to.
        base_hash: that base's content.
        example_ids: the examples it was trained on.
        by_source: how many of those came from each source.
        left_out: ids of examples that the model could not take because they are too long.
        history: the metrics of every step, and the looks at held-out examples.
        report: what became of the pairs; None for other examples.
        seconds: how long this call took, by the wall clock.
    """

    path: Path
    base_name: str
    base_hash: str
    example_ids: tuple[str, ...]
    by_source: dict[str, int]
    left_out: tuple[str, ...]
    history: History
    report: RunReport | None
    seconds: float


def train_adapter(
    examples: Sequence[Example],
    *,
    base: Path | str,
    recipe: Recipe,
    work_dir: Path,
    held_out: Sequence[Example] = (),
    on_plan: Callable[[Plan], None] = lambda _: None,
    on_metrics: Callable[[StepMetrics], None] = lambda _: None,
    on_evaluation: Callable[[Evaluation], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    device: str = "cpu",
) -> TrainedAdapter:
    """Trains a LoRA adapter on preferences and writes it to ``work_dir / "adapter"``.

    ``work_dir`` also holds the checkpoints. Called again with the same arguments after the
    process was killed, it goes on from the newest one, and on a CPU the adapter then has the
    same bytes as that of an unbroken run.

    Args:
        examples: what is learned from, in the order of their making.
        base: a model's folder, or the Hugging Face name of one that is on this machine.
        recipe: everything else that decides the result.
        work_dir: a folder of this run alone.
        held_out: examples to look at every ``recipe.evaluate_every_steps``; the weights that did
            best on them are kept. They should not be those that the adapter is judged by.
        on_plan: called when everything is checked and before the weights are loaded.
        on_metrics: called after every step.
        on_evaluation: called after every look at ``held_out``.
        should_stop: asked before every step.
        device: ``cpu``, ``cuda``, ``cuda:N``, or ``auto`` for a GPU if there is one.

    Raises:
        InvalidInputError: the recipe's objective makes no sense, or the examples are not what it
            learns from or longer than the model can take.
        NotReadyError: the base or the device cannot be used.
        JobCancelledError: ``should_stop`` said so; the checkpoint is kept.
        TrainingDivergedError: the loss was no longer finite; the last good checkpoint is kept.
    """
    started = time.perf_counter()
    choose_device(device)
    plan = _plan(examples, held_out, base, recipe)
    on_plan(plan)
    with cpu_threads(recipe.threads):
        loaded = load_base(base, device, recipe.precision)
        lm = with_lora(
            loaded.model,
            LoraShape(rank=recipe.rank, alpha=recipe.alpha, dropout=recipe.dropout),
            seed=recipe.seed,
        )
        policy = CausalLmPolicy(
            lm,
            loaded.tokenizer,
            max_length_tokens=plan.limit_tokens,
            pass_bytes=int(recipe.pass_memory_gb * 1e9),
        )
        checkpoints = CheckpointFolder(work_dir / CHECKPOINTS, snapshots=recipe.averaging != "none")
        trainer = Trainer(
            policy,
            plan.objective,
            plan.examples,
            plan.loop,
            _optimization(recipe),
            checkpoints,
            fingerprint=_fingerprint(plan, loaded, recipe),
            held_out=plan.held_out,
            early_stopping=_early_stopping(recipe, plan.loop.steps),
        )
        history = trainer.run(
            on_metrics=on_metrics, on_evaluation=on_evaluation, should_stop=should_stop
        )
        if recipe.averaging != "none":
            rule = _AVERAGING[recipe.averaging](recipe.averaging_penalty)
            merged = average_run(checkpoints, history, rule, scale=recipe.alpha / recipe.rank)
            policy.load_state_dict(merged.adapter.tensors())
        path = work_dir / "adapter"
        write_adapter(lm.model, path, base_name=loaded.name)
        report = report_on_run(policy, _pairs(plan.examples), _pairs(plan.fitting_held_out))
    taken = tuple(one.id for one in plan.examples)
    return TrainedAdapter(
        path=path,
        base_name=loaded.name,
        base_hash=loaded.hash,
        example_ids=taken,
        by_source=dict(Counter(one.source for one in plan.examples)),
        left_out=tuple(one.id for one in examples if one.id not in set(taken)),
        history=history,
        report=report,
        seconds=time.perf_counter() - started,
    )


def _plan(
    examples: Sequence[Example], held_out: Sequence[Example], base: Path | str, recipe: Recipe
) -> Plan:
    objective = compose(recipe.objective)
    require_fit(objective, examples)
    tokenizer, context_tokens = load_tokenizer(base)
    lengths = Lengths(tokenizer, min(recipe.max_length_tokens, context_tokens))
    fitting = lengths.fitting(examples, recipe.too_long)
    if not fitting:
        raise InvalidInputError(
            f"all examples are longer than {lengths.limit_tokens} tokens, so none is left",
            hint="Raise max_length_tokens in the recipe, or choose a model that takes more.",
            code="TOO_LONG",
        )
    watched = lengths.fitting(held_out, recipe.too_long)
    return Plan(
        objective=objective,
        examples=fitting,
        held_out=watched if recipe.evaluate_every_steps else (),
        fitting_held_out=watched,
        loop=OfflineLoop(
            pairs=len(fitting),
            batch_size=recipe.batch_size,
            epochs=recipe.epochs,
            seed=recipe.seed,
        ),
        limit_tokens=lengths.limit_tokens,
    )


def _pairs(examples: Sequence[Example]) -> list[Pair]:
    return [one for one in examples if isinstance(one, Pair)]


def _optimization(recipe: Recipe) -> Optimization:
    return Optimization(
        learning_rate=recipe.learning_rate,
        optimizer=recipe.optimizer,
        schedule=recipe.schedule,
        warmup_share=recipe.warmup_share,
        weight_decay=recipe.weight_decay,
        max_gradient_norm=recipe.max_gradient_norm,
        checkpoint_every_steps=recipe.checkpoint_every_steps,
        seed=recipe.seed,
    )


_AVERAGING: Mapping[str, Callable[[float], WeightRule]] = {
    "uniform": lambda _: Uniform(),
    "best": lambda _: Best(),
    "power": Power,
    "softmax": Softmax,
}


def _early_stopping(recipe: Recipe, steps: int) -> EarlyStopping:
    return EarlyStopping(
        every_steps=recipe.evaluate_every_steps or steps,
        patience=recipe.patience or steps + 1,  # more looks than there can be
    )


def _fingerprint(plan: Plan, base: Base, recipe: Recipe) -> str:
    return sha256_json(
        [
            [one.content_hash for one in plan.examples],
            [one.content_hash for one in plan.held_out],
            base.hash,
            recipe.hash,
        ]
    )
