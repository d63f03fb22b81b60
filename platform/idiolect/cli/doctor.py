"""``idiolect doctor``: one line for each part, and how to mend those that fail."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from idiolect.cli.connection import load_settings
from idiolect.cli.output import JsonFlag
from idiolect.errors import IdiolectError, NotReadyError

if TYPE_CHECKING:
    from idiolect.settings import Settings

_LEAST_FREE_GB = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; ``mend`` is empty when all is well."""

    name: str
    ok: bool
    detail: str
    mend: str


def doctor(as_json: JsonFlag = False) -> None:
    """Checks every part; exits with 3 when one needs mending."""
    settings = load_settings()
    findings = [examine(name, check, settings) for name, check in CHECKS.items()]

    def render() -> None:
        for one in findings:
            mark = typer.style("ok  ", fg="green") if one.ok else typer.style("FAIL", fg="red")
            mend = f"  ->  {one.mend}" if one.mend else ""
            typer.echo(f"{mark} {one.name:<10} {one.detail}{mend}")

    ok = all(one.ok for one in findings)
    if as_json:
        typer.echo(json.dumps({"ok": ok, "checks": [asdict(one) for one in findings]}))
    else:  # lines also when piped: a doctor is read by people
        render()
    if not ok:
        raise typer.Exit(NotReadyError.exit_code)


def examine(name: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    """Runs one check; whatever it raises is its finding."""
    try:
        return Finding(name, True, check(settings), "")
    except IdiolectError as error:
        return Finding(name, False, error.message, error.hint)
    except Exception as error:  # a doctor tells of every fault and stops at none
        lines = str(error).strip().splitlines()
        detail = f"{type(error).__name__}: {lines[0] if lines else ''}"
        return Finding(name, False, detail, "look at `idiolect config show`")


def check_database(settings: Settings) -> str:
    """The database answers."""
    from sqlalchemy.exc import SQLAlchemyError

    from idiolect.store.database import Database

    file = settings.data_dir / "idiolect.db"
    if not settings.database_url and not file.exists():
        raise NotReadyError(f"{file} does not exist yet", hint="idiolect up")
    database = Database(settings.database)
    try:
        database.check()
    except SQLAlchemyError as error:
        raise NotReadyError(
            f"{database.url.render_as_string()} does not answer ({type(error).__name__})",
            hint="start it, or correct IDIOLECT_DATABASE_URL",
        ) from error
    finally:
        database.close()
    return database.url.render_as_string()


def check_migrations(settings: Settings) -> str:
    """The tables are those of this version."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from idiolect.kit.resources import resource_dir
    from idiolect.store.database import Database

    check_database(settings)
    config = Config()
    config.set_main_option("script_location", str(resource_dir("migrations")))
    newest = ScriptDirectory.from_config(config).get_current_head()
    database = Database(settings.database)
    try:
        revision = database.revision()
    finally:
        database.close()
    if revision != newest:
        raise NotReadyError(
            f"the tables are at revision {revision}, not {newest}", hint="idiolect migrate"
        )
    return f"revision {revision}"


def check_vectors(settings: Settings) -> str:
    """Chroma answers."""
    from idiolect.store.vectors.chroma import ChromaVectorStore

    name = settings.embedding.name
    if settings.vectors.kind == "server":
        where = (settings.vectors.host, settings.vectors.port)
        _listens("the Chroma server", *where, "docker compose up -d chroma")
        ChromaVectorStore.server(name, *where).count("doctor")
        return f"Chroma at {where[0]}:{where[1]}"
    folder = settings.data_dir / "chroma"
    if not folder.exists():
        return f"{folder} will be made at first use"
    ChromaVectorStore.embedded(name, folder).count("doctor")
    return f"Chroma in {folder}"


def check_handbook(settings: Settings) -> str:
    """What the model is given notes from is in the vector store."""
    from idiolect import wiring

    embedder = wiring.build_embedder(settings)
    vectors = wiring.build_vectors(settings, embedder.name)
    handbook = wiring.build_handbook(settings, vectors, embedder)
    if handbook is None:
        return "off for this model"
    is_made = settings.vectors.kind == "server" or (settings.data_dir / "chroma").exists()
    if not (is_made and handbook.is_indexed):
        raise NotReadyError(
            f"{len(handbook.topics)} topics are not indexed yet",
            hint="idiolect up, which indexes them as it starts",
        )
    return f"{len(handbook.topics)} topics are indexed"


def check_queue(settings: Settings) -> str:
    """Wake-ups can travel, and a worker is there to get them."""
    if settings.queue.broker_url:
        broker = urlsplit(settings.queue.broker_url)
        where = (broker.hostname or "127.0.0.1", broker.port or 6379)
        _listens("the broker", *where, "start it, or correct IDIOLECT_QUEUE__BROKER_URL")
        how = f"{broker.scheme} at {where[0]}:{where[1]}"
    else:
        folder = settings.data_dir / "queue"
        _writable(folder)
        how = f"files in {folder}"
    if not (settings.data_dir / "run" / "worker.ready").exists():
        raise NotReadyError(f"{how}; no worker runs here", hint="idiolect up")
    return f"{how}; a worker runs"


def check_model(settings: Settings) -> str:
    """The language model's files are there, or its endpoint answers."""
    import httpx

    from idiolect.lm.bundled import MODEL_DIR

    model = settings.model
    if model.kind == "endpoint":
        key = model.api_key.get_secret_value() or "none"
        try:
            httpx.get(
                f"{model.base_url.rstrip('/')}/models",
                headers={"Authorization": f"Bearer {key}"},
                timeout=5.0,
            ).raise_for_status()
        except httpx.HTTPError as error:
            raise NotReadyError(
                f"{model.base_url} does not answer ({type(error).__name__})",
                hint="start it, or correct IDIOLECT_MODEL__BASE_URL and IDIOLECT_MODEL__API_KEY",
            ) from error
        return f"{model.name or 'the first model'} at {model.base_url}"
    if model.kind == "bundled" and not list(MODEL_DIR.glob("*.safetensors")):
        raise NotReadyError(f"no weights in {MODEL_DIR}", hint="install Idiolect again")
    if model.kind in ("bundled", "local"):
        _installed("torch", "pip install 'idiolect[local]'")
    return f"{model.kind} {model.name}".strip()


def check_embedder(settings: Settings) -> str:
    """Text can be turned into vectors."""
    if settings.embedding.kind == "endpoint":
        return f"{settings.embedding.name} at {settings.embedding.base_url}"
    from idiolect.lm.embedding.bundled import BundledEmbedder

    [vector] = BundledEmbedder().embed(["ok"])
    return f"{settings.embedding.name}, {len(vector)} dimensions"


def check_ocr(_: Settings) -> str:
    """Screens can be read."""
    _installed("rapidocr", "pip install 'idiolect[observer]'")
    return "rapidocr"


def check_page(_: Settings) -> str:
    """The page is built."""
    from idiolect.kit.resources import resource_dir

    folder = resource_dir("web")
    if not (folder / "index.html").exists():
        raise NotReadyError(f"the page is not built in {folder}", hint="make setup")
    return str(folder)


def check_disk(settings: Settings) -> str:
    """There is room, and it can be written to."""
    _writable(settings.data_dir)
    free_gb = shutil.disk_usage(settings.data_dir).free / 1e9
    if free_gb < _LEAST_FREE_GB:
        raise NotReadyError(
            f"{free_gb:.1f} GB free in {settings.data_dir}",
            hint="free some space, or set IDIOLECT_DATA_DIR to another disk",
        )
    return f"{free_gb:.0f} GB free in {settings.data_dir}"


def check_ports(settings: Settings) -> str:
    """Our ports are free, or it is Idiolect that has them."""
    import httpx

    from idiolect.cli.up import is_taken, ports

    states = []
    for name, (where, port) in ports(settings).items():
        state = "free"
        if is_taken(where, port):
            try:
                answer = httpx.get(f"http://{where}:{port}/healthz", timeout=2.0, trust_env=False)
                ours = answer.is_success and "status" in answer.json()
            except (httpx.HTTPError, ValueError):
                ours = False
            if not ours:
                raise NotReadyError(
                    f"port {port}, which the {name} needs, is used by another program",
                    hint=f"stop it, or set IDIOLECT_{name.upper()}__PORT",
                )
            state = "ours"
        states.append(f"{port} {state}")
    return ", ".join(states)


CHECKS: dict[str, Callable[[Settings], str]] = {
    "database": check_database,
    "migrations": check_migrations,
    "vectors": check_vectors,
    "handbook": check_handbook,
    "queue": check_queue,
    "model": check_model,
    "embedder": check_embedder,
    "ocr": check_ocr,
    "page": check_page,
    "disk": check_disk,
    "ports": check_ports,
}


def _listens(what: str, host: str, port: int, mend: str) -> None:
    try:
        socket.create_connection((host, port), timeout=2.0).close()
    except OSError as error:
        raise NotReadyError(f"{what} at {host}:{port} does not answer", hint=mend) from error


def _writable(folder: Path) -> None:
    probe = folder / ".doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        mend = "idiolect up" if not folder.exists() else f"chmod u+rwx {folder}"
        raise NotReadyError(f"{folder} cannot be written to", hint=mend) from error


def _installed(module: str, mend: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise NotReadyError(f"{module} is not installed", hint=mend)
