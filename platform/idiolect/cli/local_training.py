"""A training on a file's examples, on this machine, without server and database."""

from __future__ import annotations

import json
import shutil
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from idiolect.cli.output import fields, show
from idiolect.cli.recipes import composed
from idiolect.cli.training_result import lines_of, result_of, warnings_of
from idiolect.cli.training_view import view_for
from idiolect.errors import (
    ConflictError,
    InvalidInputError,
    JobCancelledError,
    TrainingDivergedError,
)
from idiolect.kit.files import new_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from idiolect.adapters.card import AdapterCard
    from idiolect.adapters.examples import Divided
    from idiolect.adapters.gate import GateVerdict
    from idiolect.adapters.recipe import Recipe
    from idiolect.adapters.train import Plan, TrainedAdapter
    from idiolect.cli.training_view import View

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Request:
    """What the command was given; empty texts stand for the defaults.

    ``work`` is a folder in which this run makes one of its own.
    """

    data: Path
    recipe: str
    model: str
    out: Path
    work: Path
    device: str

    @property
    def work_dir(self) -> Path:
        """Where this run's checkpoints lie until the adapter is delivered."""
        return self.work / f"{self.out.name}.work"


def train_locally(request: Request, as_json: bool) -> None:
    """Trains, measures on what was held out, and tells how it went.

    Raises:
        IdiolectError: what cannot be used, said before any weights are loaded; or the training
            diverged.
        typer.Exit: it was interrupted; a checkpoint is kept.
    """
    from idiolect.kit.logs import configure_logs

    configure_logs("WARNING")
    _require_free(request.out)
    with view_for() as view:
        view.stage("reading the examples")
        recipe, divided = _read(request)
        with _stop_signals() as should_stop:
            trained = _trained(request, recipe, divided, view, should_stop)
        if divided.held_out:
            view.stage("comparing with the base on held-out choices")
        card = _card(request, recipe, divided, trained)
        for warning in warnings_of(card):
            view.say(f"mind: {warning}")
    _deliver(trained, card, request)
    result = result_of(request.out, card, trained)
    show(result, as_json, lambda: fields(lines_of(result)))


def _require_free(out: Path) -> None:
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise ConflictError(
            f"{out} is there already", hint="Name another folder with --out, or remove this one."
        )


def _read(request: Request) -> tuple[Recipe, Divided]:
    from idiolect.adapters import recipes
    from idiolect.adapters.examples import Divided
    from idiolect.preference.batches import require_fit
    from idiolect.preference.reading import read_examples

    name = request.recipe or recipes.DEFAULT
    recipe = recipes.load(name)
    objective = composed(recipe, name)
    examples = read_examples(request.data)
    require_fit(objective, examples)
    return recipe, Divided.of(examples, recipe)


def _trained(
    request: Request,
    recipe: Recipe,
    divided: Divided,
    view: View,
    should_stop: Callable[[], bool],
) -> TrainedAdapter:
    from idiolect.adapters import examples
    from idiolect.adapters.train import train_adapter
    from idiolect.preference.batches import kind_of

    def begin(plan: Plan) -> None:
        view.compares = kind_of(plan.examples) != "verdicts"
        view.say(_summary(request, recipe, divided, plan))
        for warning in examples.warnings_of(plan.examples):
            view.say(f"mind: {warning}")
        view.stage("loading the model")

    try:
        return train_adapter(
            divided.train,
            base=_base(request),
            recipe=recipe,
            work_dir=request.work_dir,
            held_out=divided.held_out,
            on_plan=begin,
            on_metrics=view.step,
            on_evaluation=view.look,
            should_stop=should_stop,
            device=_device(request),
        )
    except JobCancelledError as stopped:
        view.say(
            f"{stopped.message}; the same command goes on from its checkpoint, in"
            f" {request.work_dir}"
        )
        raise typer.Exit(INTERRUPTED) from stopped
    except TrainingDivergedError:
        if request.work_dir.exists():  # it may have come before the first checkpoint
            view.say(f"the last good checkpoint is in {request.work_dir}")
        raise


def _base(request: Request) -> Path | str:
    from idiolect.lm.bundled import MODEL_DIR

    return request.model or MODEL_DIR


def _device(request: Request) -> str:
    from idiolect.engine.loading import choose_device

    try:
        return str(choose_device(request.device or "auto"))
    except RuntimeError as error:  # torch knows no device of this name
        raise InvalidInputError(
            f"there is no device {request.device!r}", hint="Use cpu, cuda, cuda:N or auto."
        ) from error


def _summary(request: Request, recipe: Recipe, divided: Divided, plan: Plan) -> str:
    from idiolect.preference.batches import kind_of

    taken = len(plan.examples)
    parts = [f"{recipe.preset} on {taken} {kind_of(plan.examples)} of {request.data}"]
    counts = {
        "held out": len(divided.held_out),
        "too long": len(divided.train) - taken,
        "ties left out": divided.ties,
    }
    parts += [f"{count} {what}" for what, count in counts.items() if count]
    return f"{', '.join(parts)}: {plan.loop.steps} steps"


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Makes the first Ctrl-C or SIGTERM a wish to stop at the next step; a second one ends it."""
    asked: list[int] = []
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _: object) -> None:
        asked.append(number)
        signal.signal(number, before[signal.Signals(number)])

    for one in before:
        signal.signal(one, ask)
    try:
        yield lambda: bool(asked)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _card(
    request: Request, recipe: Recipe, divided: Divided, trained: TrainedAdapter
) -> AdapterCard:
    from idiolect.adapters.card import write_card
    from idiolect.adapters.dataset import Dataset
    from idiolect.adapters.examples import comparable

    pairs = comparable(divided.held_out)
    dataset = Dataset(
        train=tuple(divided.train),
        held_out=tuple(pairs),
        ties=divided.ties,
        first_at=None,
        last_at=None,
    )
    verdict = _verdict(request, recipe, dataset, trained)
    return write_card(recipe, dataset, trained, verdict, device=_device(request))


def _verdict(
    request: Request, recipe: Recipe, dataset: Any, trained: TrainedAdapter
) -> GateVerdict:
    from idiolect.adapters import gate

    if not dataset.held_out:
        return gate.judge([], [], seed=recipe.seed)
    return gate.evaluate(
        _base(request),
        trained.path,
        dataset.held_out,
        max_length_tokens=recipe.max_length_tokens,
        seed=recipe.seed,
        device=_device(request),
        threads=recipe.threads,
    )


def _deliver(trained: TrainedAdapter, card: AdapterCard, request: Request) -> None:
    """Puts the adapter and its card where they were wanted; a work folder of ours goes away."""
    if request.out.exists():
        request.out.rmdir()
    with new_folder(request.out) as folder:
        shutil.copytree(trained.path, folder, dirs_exist_ok=True)
        (folder / "card.json").write_text(json.dumps(card.as_dict(), indent=2) + "\n")
    shutil.rmtree(request.work_dir)
