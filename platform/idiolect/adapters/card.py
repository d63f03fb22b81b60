"""An adapter's card: what it was made from, how, what became of it, and what the gate saw."""

from datetime import datetime
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, ConfigDict

from idiolect.adapters.dataset import Dataset
from idiolect.adapters.gate import GateVerdict
from idiolect.adapters.recipe import ObjectiveSpec, Recipe
from idiolect.adapters.train import TrainedAdapter
from idiolect.preference.diagnostics import RunReport
from idiolect.preference.presets import preset

_LIBRARIES = ("torch", "transformers", "peft")
_CURVES = ("loss", "accuracy", "margin", "chosen_reward", "rejected_reward", "grad_norm")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BaseCard(_Part):
    """The base that the adapter belongs to."""

    name: str
    hash: str


class PreferencesCard(_Part):
    """How many preferences went where, and the time they span."""

    train: int
    held_out: int
    ties: int
    left_out: int
    by_source: dict[str, int]
    first_at: datetime | None
    last_at: datetime | None


class ObjectiveCard(_Part):
    """What was minimized: the recipe's words, the preset they start from and its paper.

    ``unverified`` says what of the preset could not be checked against the paper, if anything.
    """

    spec: ObjectiveSpec
    preset: str
    citation: str
    unverified: str

    @classmethod
    def of(cls, recipe: Recipe) -> "ObjectiveCard":
        """What a recipe has minimized."""
        found = preset(recipe.preset)
        return cls(
            spec=recipe.objective,
            preset=recipe.preset,
            citation=found.citation,
            unverified=found.unverified,
        )


class GateCard(_Part):
    """The gate's verdict; the fields are those of ``GateVerdict.as_dict``."""

    pairs: int
    base: float
    base_interval: tuple[float, float]
    adapter: float
    adapter_interval: tuple[float, float]
    difference: float
    interval: tuple[float, float]
    promoted: bool
    reason: str
    seed: int


class AdapterCard(_Part):
    """Everything worth knowing of an adapter besides its weights.

    ``report`` is None if it was not trained on pairs.
    """

    base: BaseCard
    preferences: PreferencesCard
    objective: ObjectiveCard
    recipe: Recipe
    recipe_hash: str
    curves: dict[str, list[float]]
    report: RunReport | None
    gate: GateCard
    device: str
    versions: dict[str, str]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self.model_dump(mode="json")


def write_card(
    recipe: Recipe,
    dataset: Dataset,
    trained: TrainedAdapter,
    verdict: GateVerdict,
    *,
    device: str = "cpu",
) -> AdapterCard:
    """The card of a training that has passed through the gate, whatever it said.

    ``curves`` has one value a step and name; the recipe holds the seed and the threads.
    """
    return AdapterCard(
        base=BaseCard(name=trained.base_name, hash=trained.base_hash),
        preferences=PreferencesCard(
            train=len(trained.example_ids),
            held_out=verdict.pairs,
            ties=dataset.ties,
            left_out=len(dataset.train)
            + len(dataset.held_out)
            - len(trained.example_ids)
            - verdict.pairs,
            by_source=trained.by_source,
            first_at=dataset.first_at,
            last_at=dataset.last_at,
        ),
        objective=ObjectiveCard.of(recipe),
        recipe=recipe,
        recipe_hash=recipe.hash,
        curves={name: [getattr(step, name) for step in trained.history.steps] for name in _CURVES},
        report=trained.report,
        gate=GateCard(**verdict.as_dict()),
        device=device,
        versions={library: version(library) for library in _LIBRARIES},
        seconds=trained.seconds,
    )
