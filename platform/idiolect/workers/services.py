"""What tasks work with."""

from dataclasses import dataclass
from pathlib import Path

from idiolect.assistant.suggestions.suggester import Suggester
from idiolect.errors import ConflictError
from idiolect.kit.clock import Clock, utc_now
from idiolect.lm.bundled import MODEL_DIR
from idiolect.settings import Settings
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.upkeep import Upkeep


@dataclass(frozen=True, slots=True)
class WorkerServices:
    """The store, the user model, and the plain values that training needs.

    ``base`` is the model that adapters are trained for; None when it is served elsewhere, where
    its weights cannot be reached. ``device`` is auto, cpu or cuda.
    """

    database: Database
    user_model: UserModel
    upkeep: Upkeep
    suggester: Suggester
    blobs: BlobStore
    base: Path | str | None
    device: str
    minimum_preferences: int
    clock: Clock

    def trainable_base(self) -> Path | str:
        """The model that adapters are trained for.

        Raises:
            ConflictError: the model is served elsewhere (``BASE_NOT_TRAINABLE``).
        """
        if self.base is None:
            raise ConflictError(
                "the model is served elsewhere, so no adapter can be trained for it here",
                code="BASE_NOT_TRAINABLE",
                hint="Set IDIOLECT_MODEL__KIND to bundled, or to local with a model's name.",
            )
        return self.base


def build(settings: Settings) -> WorkerServices:
    """The services of a worker under these settings."""
    from idiolect import wiring  # it is slow to import, and only the child needs it

    services = wiring.build(settings)
    return WorkerServices(
        database=services.database,
        user_model=services.user_model,
        upkeep=services.upkeep,
        suggester=services.suggester,
        blobs=services.blobs,
        base=_base(settings),
        device=settings.training.device,
        minimum_preferences=settings.training.minimum_preferences,
        clock=utc_now,
    )


def _base(settings: Settings) -> Path | str | None:
    bases: dict[str, Path | str] = {"bundled": MODEL_DIR, "local": settings.model.name}
    return bases.get(settings.model.kind)
