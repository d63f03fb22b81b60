"""All configuration, in one tree.

Precedence: arguments, then environment (``IDIOLECT_MODEL__KIND=endpoint``), then the file
``idiolect.toml`` in the data directory (or ``IDIOLECT_CONFIG``), then the defaults below.
Only the edges (command line, API, workers) read this; they pass plain values on.
"""

import json
import os
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import platformdirs
from dateutil.tz import tzlocal  # type: ignore[import-untyped] # the package has no types
from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class ModelSettings(BaseModel):
    """Which language model speaks."""

    kind: Literal["bundled", "local", "endpoint", "scripted"] = "bundled"
    name: str = Field("", description="Hugging Face name or path (local), or model id (endpoint)")
    base_url: str = Field(
        "", description="OpenAI-compatible URL, such as http://127.0.0.1:11434/v1"
    )
    api_key: SecretStr = SecretStr("")
    timeout_s: float = 120.0


class ModelServerSettings(BaseModel):
    """The process that holds a bundled or local model in memory."""

    host: str = "127.0.0.1"
    port: int = 8766
    url: str = Field("", description="Where it is reached; empty: http://host:port")
    threads: int = Field(0, ge=0, description="Processor threads; 0 leaves it to torch")

    @property
    def base_url(self) -> str:
        """The URL under which the API and the worker reach the model server."""
        return self.url or f"http://{self.host}:{self.port}"


class EmbeddingSettings(BaseModel):
    """Which model turns text into vectors."""

    kind: Literal["bundled", "endpoint"] = "bundled"
    name: str = "all-MiniLM-L6-v2"
    base_url: str = ""
    api_key: SecretStr = SecretStr("")


class VectorSettings(BaseModel):
    """Where Chroma keeps the vectors."""

    kind: Literal["embedded", "server"] = "embedded"
    host: str = "127.0.0.1"
    port: int = 8767


class QueueSettings(BaseModel):
    """What carries jobs to the workers."""

    broker_url: str = Field("", description="Such as redis://127.0.0.1:6379/0; empty: files")
    lease_s: float = Field(
        30.0, gt=0, description="A job whose worker is silent for this long is sent again"
    )
    retry_s: float = Field(2.0, gt=0, description="Wait after a failed attempt; doubles each time")
    poll_s: float = Field(0.2, gt=0, description="How often the relay looks for jobs to send")


class ApiSettings(BaseModel):
    """The HTTP API and the page."""

    host: str = "127.0.0.1"
    port: int = 8765
    hosts: tuple[str, ...] = Field(
        (), description="Names under which requests may address it, beside the loopback ones"
    )
    max_request_mb: int = 40


class UserModelSettings(BaseModel):
    """How observations become propositions."""

    proposer: Literal["pattern", "model", "both"] = "pattern"
    time_zone: str = Field(
        "",
        description="In which mornings and weekdays are told, such as Europe/Lisbon; "
        "empty: this machine's",
    )
    batch_size: int = Field(50, ge=1, description="Observations that close a batch")
    batch_tokens: int = Field(
        3000, ge=1, description="Length that closes a batch; 4 characters count as a token"
    )
    idle_s: float = Field(120.0, description="Silence after which an unfinished batch is closed")
    rerank: bool = Field(
        False,
        description="Whether a language model orders what is known for a chat message, and for "
        "those who ask; it must follow instructions, and each search waits for it",
    )

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name and name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone; give one such as Europe/Lisbon")
        return name

    @property
    def zone(self) -> tzinfo:
        """The time zone in force, with its summer time."""
        return ZoneInfo(self.time_zone) if self.time_zone else tzlocal()


class TrainingSettings(BaseModel):
    """When and how a user's adapter is trained."""

    minimum_preferences: int = Field(40, ge=4)
    held_out_share: float = Field(0.25, gt=0, lt=1)
    device: Literal["auto", "cpu", "cuda"] = "auto"


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="IDIOLECT_", env_nested_delimiter="__", extra="forbid"
    )

    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("idiolect")))
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data directory")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    handbook: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether the model is given notes to answer from; auto: the bundled model is",
    )
    api: ApiSettings = ApiSettings()
    model: ModelSettings = ModelSettings()
    model_server: ModelServerSettings = ModelServerSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    vectors: VectorSettings = VectorSettings()
    queue: QueueSettings = QueueSettings()
    user_model: UserModelSettings = UserModelSettings()
    training: TrainingSettings = TrainingSettings()

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'idiolect.db'}"

    def as_environment(self) -> dict[str, str]:
        """The environment in which a child process reads these very settings."""
        # Handing on one's environment is not reading configuration from it.
        environment = dict(os.environ)  # noqa: TID251 - see above
        for path, value in leaves(self):
            name = "__".join(path).upper()
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            environment[f"IDIOLECT_{name}"] = (
                json.dumps(plain) if isinstance(plain, tuple) else str(plain)
            )
        return environment

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings
        toml = TomlConfigSettingsSource(settings_cls, toml_file=config_file())
        return init_settings, env_settings, file_secret_settings, toml


def leaves(
    tree: BaseModel, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every single setting of a tree, as the path of its names and its value."""
    for name in type(tree).model_fields:
        value = getattr(tree, name)
        if isinstance(value, BaseModel):
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


def config_file() -> Path:
    """The configuration file that is read, whether or not it exists."""
    # The settings' own module is the one place that may look at the environment directly.
    named = os.environ.get("IDIOLECT_CONFIG")  # noqa: TID251 - see above
    if named:
        return Path(named)
    data_dir = os.environ.get("IDIOLECT_DATA_DIR")  # noqa: TID251 - see above
    return Path(data_dir or platformdirs.user_data_dir("idiolect")) / "idiolect.toml"
