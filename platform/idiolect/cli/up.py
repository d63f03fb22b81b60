"""``idiolect up``: everything that daily use needs, under one supervisor."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from idiolect.cli.connection import first_key_file, host, load_settings
from idiolect.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from idiolect.cli.supervisor import Part, Supervisor
    from idiolect.settings import Settings
    from idiolect.store.database import Database

_FRUGAL = {"MALLOC_ARENA_MAX": "1"}
"""One heap for all threads: reading screens and training then keep a fifth less memory, at the
same speed. What the environment says already goes before."""

SERVED_HERE = ("bundled", "local")
"""The kinds of model that need our own model server."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A store that is ready: the key of its first user, and whether it was made just now."""

    key: str
    is_new: bool


def up() -> None:
    """Starts the server, the worker and the page, and serves until Ctrl-C."""
    from idiolect.kit.logs import configure_logs

    settings = load_settings()
    configure_logs(settings.log_level)
    with only_one(settings):
        prepared = prepare(settings)
        with supervisor(settings) as running:
            stop_on_signals(running)
            if not running.start(lambda name: typer.echo(f"  {name} is ready", err=True)):
                return
            _greet(settings, prepared)
            running.watch()
            typer.echo("stopping", err=True)


def prepare(settings: Settings, owner: str = "") -> Prepared:
    """Makes the data directory, brings the tables up to date, adds the first user and key.

    Args:
        owner: what the first user is called; empty: as the operating system calls them.
    """
    import getpass

    from idiolect.kit.secret_files import read_or_make_secret, read_secret, write_secret
    from idiolect.store.database import Database

    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.data_dir.chmod(0o700)
    read_or_make_secret(settings.data_dir / "secrets" / "model-server.key")
    database = Database(settings.database)
    try:
        database.migrate()
        kept = read_secret(first_key_file(settings))
        if kept is not None:
            return Prepared(kept, is_new=False)
        key = _first_key(database, owner or getpass.getuser())
        write_secret(first_key_file(settings), key)
        return Prepared(key, is_new=True)
    finally:
        database.close()


def supervisor(settings: Settings) -> Supervisor:
    """A supervisor of the processes that these settings ask for, not started yet.

    Raises:
        ConflictError: one of their ports is in use (``PORT_IN_USE``).
    """
    from idiolect.cli.supervisor import Supervisor

    for name, (where, port) in ports(settings).items():
        if is_taken(where, port):
            raise ConflictError(
                f"port {port} on {where}, which the {name} needs, is in use",
                code="PORT_IN_USE",
                hint=f"Stop what uses it, or set IDIOLECT_{name.upper()}__PORT to another.",
            )
    return Supervisor(
        parts(settings),
        environment={**_FRUGAL, **settings.as_environment()},
        log_dir=settings.data_dir / "logs",
    )


def stop_on_signals(running: Supervisor) -> None:
    """Makes Ctrl-C and SIGTERM end the supervisor in good order."""

    def stop(*_: object) -> None:
        running.request_stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def ports(settings: Settings) -> dict[str, tuple[str, int]]:
    """The addresses that our processes listen on, by the name of their settings."""
    wanted = {"api": (settings.api.host, settings.api.port)}
    if settings.model.kind in SERVED_HERE:
        wanted["model_server"] = (settings.model_server.host, settings.model_server.port)
    return wanted


def parts(settings: Settings) -> list[Part]:
    """The processes that these settings ask for."""
    from idiolect.cli.supervisor import Part

    worker_ready = settings.data_dir / "run" / "worker.ready"
    worker_ready.unlink(missing_ok=True)
    wanted = [
        Part("api", _start("api"), lambda: _answers(url(settings))),
        Part("worker", _start("worker"), worker_ready.exists),
    ]
    if settings.model.kind in SERVED_HERE:
        server = settings.model_server.base_url
        wanted.append(Part("model", _start("model"), lambda: _answers(server)))
    return wanted


def url(settings: Settings) -> str:
    """Where this machine reaches the API and the page."""
    return f"http://{host(settings)}:{settings.api.port}"


def is_taken(where: str, port: int) -> bool:
    """Whether something listens on an address already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((where, port))
        except OSError:
            return True
        return False


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Holds the data directory for one supervisor.

    Raises:
        ConflictError: another one holds it (``ALREADY_UP``).
    """
    import fcntl
    import os

    lock: Path = settings.data_dir / "run" / "up.lock"
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise ConflictError(
                f"Idiolect runs on {settings.data_dir} already (process {file.read().strip()})",
                code="ALREADY_UP",
                hint="Use that one, stop it, or set IDIOLECT_DATA_DIR to another folder.",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _first_key(database: Database, name: str) -> str:
    from idiolect.kit.clock import utc_now
    from idiolect.store.repositories.user import SCOPES, create_key, create_user, list_users

    now = utc_now()
    with database.transaction() as session:
        users = list_users(session)
        owner = users[0] if users else create_user(session, name, now)
        _, secret = create_key(session, owner.id, "idiolect up", SCOPES, now)
        return secret


def _start(part: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "idiolect.cli", "start", part)


def _answers(base_url: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{base_url}/healthz", timeout=2.0, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _greet(settings: Settings, prepared: Prepared) -> None:
    if prepared.is_new:
        typer.echo(f"Your key, also kept in {first_key_file(settings)}:\n  {prepared.key}")
    typer.echo(f"Idiolect is up: {url(settings)}/#key={prepared.key}\nCtrl-C stops it.")
