"""How Chroma is reached: in this process, or as a server."""

import fcntl
import logging
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Protocol, cast

import httpx
from chromadb.api.client import AdminClient, Client
from chromadb.api.fastapi import FastAPI
from chromadb.config import Settings

from idiolect.errors import NotReadyError

TIMEOUT_S = 30.0  # Chroma would wait for its server without end

# Chroma reports its own telemetry errors here even when telemetry is off.
logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)


class Connection(Protocol):
    """Gives a client whose reads see every write that has ended, from whichever process."""

    def reading(self) -> AbstractContextManager[Client]:
        """For calls that change nothing."""
        ...

    def writing(self) -> AbstractContextManager[Client]:
        """For calls that change something."""
        ...

    def overwrite_removed(self) -> None:
        """Takes out of the files what was removed from the collections, where they are ours."""
        ...

    def close(self) -> None:
        """Lets go of files and sockets."""
        ...


class ServerConnection:
    """A Chroma server, which looks after its readers and writers itself, and after its files."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._lock = RLock()
        self._client: Client | None = None

    def reading(self) -> AbstractContextManager[Client]:
        return self._scope()

    def writing(self) -> AbstractContextManager[Client]:
        return self._scope()

    def overwrite_removed(self) -> None:
        """Nothing: the files are the server's (``chroma vacuum`` there does the same)."""

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                # Chroma's own close leaves its two HTTP clients open.
                for half in (self._client, cast(AdminClient, self._client._admin_client)):
                    cast(FastAPI, half._server)._session.close()
                self._client.close()
            self._client = None

    @contextmanager
    def _scope(self) -> Iterator[Client]:
        try:
            yield self._connected()
        except (httpx.HTTPError, OSError) as error:
            raise NotReadyError(
                f"no Chroma server answers at {self._host}:{self._port}",
                hint="Run `docker compose up chroma`, or set IDIOLECT_VECTORS__KIND=embedded.",
                code="VECTORS_UNREACHABLE",
            ) from error

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                # Chroma's client raises a bare ValueError when nobody listens, so look first.
                socket.create_connection((self._host, self._port), TIMEOUT_S).close()
                self._client = Client(
                    settings=Settings(
                        chroma_api_impl="chromadb.api.fastapi.FastAPI",
                        chroma_server_host=self._host,
                        chroma_server_http_port=self._port,
                        anonymized_telemetry=False,
                    )
                )
                cast(FastAPI, self._client._server)._session.timeout = TIMEOUT_S
            return self._client


class EmbeddedConnection:
    """Chroma's files, shared by the processes of one machine.

    Chroma keeps parts of a collection in memory and does not notice when another process
    changes the files: a query then misses new vectors, returns deleted ones, or fails. So a
    counter beside the files is raised before each write, under a lock between processes, and
    whoever finds the counter changed opens the files anew (about 25 ms).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        self._client: Client | None = None
        self._seen = b""

    def reading(self) -> AbstractContextManager[Client]:
        return self._scope(writes=False)

    def writing(self) -> AbstractContextManager[Client]:
        return self._scope(writes=True)

    def overwrite_removed(self) -> None:
        """Rewrites Chroma's database, which keeps deleted rows in its free pages, and removes the
        folders of collections that are no more, which Chroma leaves behind."""
        with self.writing():
            self.close()
            with closing(sqlite3.connect(self._path / "chroma.sqlite3")) as database:
                used = {id for (id,) in database.execute("SELECT id FROM segments")}
                database.execute("VACUUM")
            for folder in self._path.iterdir():
                if folder.is_dir() and folder.name not in used:
                    shutil.rmtree(folder)

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    @contextmanager
    def _scope(self, *, writes: bool) -> Iterator[Client]:
        self._path.mkdir(parents=True, exist_ok=True)
        with self._lock, (self._path / "generation").open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX if writes else fcntl.LOCK_SH)
            file.seek(0)
            generation = file.read()
            if generation != self._seen or self._client is None:
                self.close()
                self._client = Client(
                    settings=Settings(
                        is_persistent=True,
                        persist_directory=str(self._path),
                        anonymized_telemetry=False,
                    )
                )
                self._seen = generation
            if writes:
                # Before the write, so that a process that dies in the middle is noticed too.
                self._seen = b"%d" % (int(generation or b"0") + 1)
                file.truncate(0)
                file.write(self._seen)
                file.flush()
                os.fsync(file.fileno())
            yield self._client
