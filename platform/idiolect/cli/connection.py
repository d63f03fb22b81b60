"""How commands reach the configuration, the store and the running API."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from idiolect.errors import InvalidInputError, NotFoundError, NotReadyError, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from idiolect.client import IdiolectClient
    from idiolect.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """Which API to talk to, as the options before the command say; empty: this machine's own."""

    url: str
    key: str


def load_settings() -> Settings:
    """The settings in force.

    Raises:
        InvalidInputError: a value does not fit its setting, which is named.
    """
    from pydantic import ValidationError

    from idiolect.settings import Settings, config_file

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidInputError(
            f"the setting {name} is not usable: {first['msg']}",
            code="INVALID_SETTING",
            hint=f"Correct it in the environment or in {config_file()}.",
        ) from error


def first_key_file(settings: Settings) -> Path:
    """Where the first user's key is kept for the command line."""
    return settings.data_dir / "secrets" / "first-key"


def connect(ctx: typer.Context) -> IdiolectClient:
    """A client of the API under the given key or the first user's.

    Raises:
        UnauthorizedError: there is no key.
    """
    from idiolect.client import IdiolectClient
    from idiolect.kit.secret_files import read_secret

    target: Target = ctx.obj
    settings = load_settings()
    key = target.key or read_secret(first_key_file(settings))
    if not key:
        raise UnauthorizedError(
            "there is no key to act with",
            hint="Run `idiolect up` once, or set IDIOLECT_KEY to a key of yours.",
        )
    return IdiolectClient(target.url or f"http://{host(settings)}:{settings.api.port}", key)


def host(settings: Settings) -> str:
    """The name under which this machine reaches its own API."""
    return "127.0.0.1" if settings.api.host == "0.0.0.0" else settings.api.host  # noqa: S104 - read


@contextmanager
def open_store() -> Iterator[Session]:
    """A transaction on the store, for commands that work without the API.

    Raises:
        NotReadyError: the store has not been made yet.
    """
    from idiolect.store.database import Database

    database = Database(load_settings().database)
    try:
        if database.revision() is None:
            raise NotReadyError(
                "there is no store yet", hint="Run `idiolect up`, or `idiolect migrate` alone."
            )
        with database.transaction() as session:
            yield session
    finally:
        database.close()


def first_user(session: Session) -> str:
    """The id of the person who came first.

    Raises:
        NotFoundError: there is nobody yet.
    """
    from idiolect.store.repositories.user import list_users

    users = list_users(session)
    if not users:
        raise NotFoundError("there is no user yet", hint="Run `idiolect users create NAME`.")
    return users[0].id
