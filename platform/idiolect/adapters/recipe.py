"""How an adapter is trained, as data: the same recipe, data and base give the same adapter."""

from pydantic import BaseModel, ConfigDict, Field

from idiolect.kit.hashing import sha256_json


class Recipe(BaseModel):
    """Everything that decides an adapter's weights besides its pairs and its base.

    The defaults were chosen for the bundled model and some dozens of pairs, on generated
    preferences that no demonstration or proof uses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    objective: str = Field("dpo", description="a preset of idiolect.preference.presets")
    beta: float = Field(0.1, gt=0, description="pull towards the reference, per nat")
    rank: int = Field(8, ge=1, le=256, description="of the LoRA matrices")
    alpha: int = Field(16, ge=1, le=1024, description="the LoRA update is scaled by alpha / rank")
    dropout: float = Field(0.0, ge=0, lt=1, description="on the LoRA inputs")
    learning_rate: float = Field(1e-3, gt=0, le=1)
    warmup_share: float = Field(0.1, ge=0, lt=1, description="of all steps")
    weight_decay: float = Field(0.0, ge=0)
    max_gradient_norm: float = Field(1.0, gt=0)
    epochs: int = Field(3, ge=1, le=100)
    batch_size: int = Field(8, ge=1, le=1024, description="pairs per step")
    pairs_at_once: int = Field(
        4, ge=1, le=1024, description="pairs per pass: less memory, same step"
    )
    max_length_tokens: int = Field(
        1024, ge=2, le=131_072, description="longer pairs are left out and counted"
    )
    checkpoint_every_steps: int = Field(5, ge=1)
    threads: int = Field(
        2, ge=1, le=256, description="on a CPU the last bits depend on their number"
    )
    seed: int = Field(0, ge=0)

    @property
    def hash(self) -> str:
        """Hex SHA-256 of all fields."""
        return sha256_json(self.model_dump(mode="json"))
