"""Jobs: long work that a worker does."""

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from idiolect.adapters.recipe import Recipe
from idiolect.api.schemas.base import Input, Output


class PayloadIn(Input):
    """What a job is told; a training may be given a recipe, whose other fields stay as they are."""

    recipe: Recipe | None = None

    @model_validator(mode="after")
    def _can_be_stored(self) -> "PayloadIn":
        if "\\u0000" in json.dumps(self.as_json(), allow_nan=False):
            raise ValueError("a text cannot hold the character U+0000")
        return self

    def as_json(self) -> dict[str, Any]:
        """What was sent, without the defaults of what was not."""
        return self.model_dump(exclude_unset=True)


class JobIn(Input):
    """What to do."""

    kind: Literal["train", "reindex", "suggest", "upkeep"]
    payload: PayloadIn = Field(default_factory=PayloadIn)


class JobOut(Output):
    """A job as it stands."""

    id: str
    kind: str
    queue: str
    state: str
    progress: float
    attempt: int
    max_attempts: int
    payload: dict[str, Any]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
