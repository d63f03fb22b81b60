"""How an adapter is trained, as data: the same recipe, data and base give the same adapter."""

import math
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_json

OptimizerName = Literal["adamw", "rmsprop", "sgd"]
ScheduleName = Literal["linear", "cosine", "constant"]


def _spec(value: Any) -> Any:
    if not isinstance(value, str | dict) or not value:
        raise ValueError("is a preset's name, or a table with a preset and its parameters")
    _require_plain(value)
    return value


def _require_plain(value: Any, depth: int = 0) -> None:
    """Refuses what a hash or a card could not hold; what it means is for ``compose`` to judge."""
    if depth > _DEEPEST:
        raise ValueError("is nested too deeply")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("holds a number that is not finite")
    if not isinstance(value, dict | list | str | bool | int | float):
        raise ValueError(f"holds {value!r}, which is no text, number, list or table")
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _require_plain(part, depth + 1)


_DEEPEST = 6

ObjectiveSpec = Annotated[str | dict[str, Any], BeforeValidator(_spec)]
"""What ``idiolect.preference.language`` reads: a preset's name, or a mapping of its parameters and
pieces. Only its form is checked here, because composing it needs torch."""


class Recipe(BaseModel):
    """Everything that decides an adapter's weights besides its examples and its base.

    The defaults were chosen for the bundled model and some dozens of pairs, on generated
    preferences that no demonstration or proof uses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = Field("", max_length=500, description="what it is for; decides nothing")
    objective: ObjectiveSpec = Field(
        default_factory=lambda: {"preset": "dpo", "beta": 0.1},
        description="a preset's name, or a mapping: preset, its parameters, pieces in place of its",
    )
    rank: int = Field(8, ge=1, le=256, description="of the LoRA matrices")
    alpha: int = Field(16, ge=1, le=1024, description="the LoRA update is scaled by alpha / rank")
    dropout: float = Field(0.0, ge=0, lt=1, description="on the LoRA inputs")
    optimizer: OptimizerName = "adamw"
    learning_rate: float = Field(1e-3, gt=0, le=1)
    schedule: ScheduleName = Field("linear", description="how the rate falls after the warm-up")
    warmup_share: float = Field(0.1, ge=0, lt=1, description="of all steps")
    weight_decay: float = Field(0.0, ge=0)
    max_gradient_norm: float = Field(1.0, gt=0)
    epochs: int = Field(3, ge=1, le=100)
    batch_size: int = Field(8, ge=1, le=1024, description="examples per step")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="of the products; auto is float32 on a CPU, bfloat16 on a GPU"
    )
    pass_memory_gb: float = Field(
        2.0,
        gt=0,
        le=1024,
        description="for what a step keeps at a time: less is slower, and rounds otherwise",
    )
    max_length_tokens: int = Field(
        1024, ge=2, le=131_072, description="of a conversation with its reply"
    )
    too_long: Literal["refuse", "leave_out"] = Field(
        "refuse", description="what becomes of longer examples; nothing is ever cut"
    )
    ties: Literal["use", "leave_out"] = Field(
        "leave_out", description="whether choices without a winner are learned from"
    )
    held_out_share: float = Field(
        0.1, ge=0, le=0.5, description="of a file's contexts; the platform holds out by itself"
    )
    evaluate_every_steps: int = Field(
        0, ge=0, description="steps between looks at a file's held-out examples; 0: none"
    )
    patience: int = Field(
        0, ge=0, description="looks in a row without a lower loss after which it stops; 0: never"
    )
    checkpoint_every_steps: int = Field(5, ge=1)
    averaging: Literal["none", "uniform", "best", "power", "softmax"] = Field(
        "none", description="of the checkpoints of the run's second half, if any"
    )
    averaging_penalty: float = Field(
        1.0, ge=0, description="how much a lower loss counts in power and softmax; 0 is uniform"
    )
    threads: int = Field(
        2, ge=1, le=256, description="on a CPU the last bits depend on their number"
    )
    seed: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _looks_before_it_stops(self) -> "Recipe":
        if self.patience and not self.evaluate_every_steps:
            raise ValueError("patience counts looks: set evaluate_every_steps as well")
        if self.evaluate_every_steps and not self.held_out_share:
            raise ValueError("evaluate_every_steps looks at nothing: set held_out_share as well")
        if self.patience and self.averaging != "none":
            raise ValueError("patience keeps the best weights, so there is nothing to average")
        return self

    @property
    def preset(self) -> str:
        """The preset that the objective starts from."""
        spec = self.objective
        return spec if isinstance(spec, str) else str(spec.get("preset", "dpo"))

    @property
    def hash(self) -> str:
        """Hex SHA-256 of all fields that decide something."""
        return sha256_json(self.model_dump(mode="json", exclude={"description"}))


def recipe_from(text: str, where: str) -> Recipe:
    """The recipe that a TOML text holds.

    Args:
        text: the file's content.
        where: what it is called in errors.

    Raises:
        InvalidInputError: code INVALID_RECIPE; it is not TOML, or fields that cannot be used, each
            with its path.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(f"{where} is not TOML: {error}", "Correct the named line.") from error
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        faults = list(_faults(error))
        count = f"{len(faults)} field{'s' if len(faults) > 1 else ''}"
        raise _invalid(
            "\n".join([f"{where}: {count} cannot be used", *faults]),
            "Correct them; `idiolect recipes show personal` is a whole recipe to compare with.",
        ) from error


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        path = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            yield f"  {path}: is no field of a recipe{_nearest(path, Recipe.model_fields)}"
        else:
            said = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
            yield f"  {path}: {said}" if path else f"  {said}"


def _nearest(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _invalid(message: str, hint: str) -> InvalidInputError:
    return InvalidInputError(message, hint=hint, code="INVALID_RECIPE")
