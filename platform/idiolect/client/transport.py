"""HTTP with one key: JSON in, JSON or events out, problems as our own errors, retries."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from idiolect.errors import (
    ConflictError,
    ForbiddenError,
    IdiolectError,
    InvalidInputError,
    JobCancelledError,
    MethodNotAllowedError,
    ModelError,
    NotFoundError,
    NotReadyError,
    PayloadTooLargeError,
    StructuredOutputError,
    UnauthorizedError,
)

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

_RETRY_AFTER_S = (0.2, 0.8, 3.2)
_WORTH_RETRYING = frozenset({429, 502, 503, 504})
_EVENT_SILENCE_S = 60.0  # the server says something every 15 s, if only that it is there

_ERROR_BY_CODE: Mapping[str, type[IdiolectError]] = {
    JobCancelledError.code: JobCancelledError,
    StructuredOutputError.code: StructuredOutputError,
}
_ERROR_BY_STATUS: Mapping[int, type[IdiolectError]] = {
    400: InvalidInputError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    409: ConflictError,
    413: PayloadTooLargeError,
    422: InvalidInputError,
    502: ModelError,
    503: NotReadyError,
}


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event: its name, its data, and the id to go on from."""

    name: str
    data: dict[str, Any]
    id: str | None


class Transport:
    """Requests to one server.

    Args:
        timeout_s: how long the server may be silent within one request.
        sleep: waits between two attempts.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        timeout_s: float,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._sleep = sleep
        self._timeout_s = timeout_s
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout_s,
            # A proxy in the environment is for the outside, not for this machine's own server.
            trust_env=httpx.URL(base_url).host not in LOOPBACK_HOSTS,
        )

    def close(self) -> None:
        """Gives back the connections."""
        self._http.close()

    def get(self, path: str, **query: str | int | None) -> Any:
        """Asks for something; repeated when it fails for the moment."""
        return self.send("GET", path, query=query, repeatable=True)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str | int | None] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        also_fine: frozenset[int] = frozenset(),
    ) -> Any:
        """Sends one request and gives the JSON of its answer, None where there is none.

        Args:
            repeatable: sending it twice does what sending it once does, so it is tried again,
                with growing pauses, when the server cannot be reached or is not ready.
            also_fine: statuses whose body is an answer, not a problem.

        Raises:
            IdiolectError: the class that fits the server's problem, with its code and hint.
        """
        request = self._http.build_request(
            method,
            path,
            json=body,
            params={name: value for name, value in (query or {}).items() if value is not None},
            headers=headers,
        )
        for pause_s in (*_RETRY_AFTER_S, None) if repeatable else (None,):
            try:
                with self._reached():
                    response = self._http.send(request)
                if response.is_success or response.status_code in also_fine:
                    return _json_of(response) if response.content else None
                raise error_of(response)
            except IdiolectError as error:
                if pause_s is None or error.status not in _WORTH_RETRYING:
                    raise
                self._sleep(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def download(self, path: str, target: Path, **query: str | int | None) -> None:
        """Writes an answer that is a file, readable by its owner alone, whole or not at all."""
        asked = {name: value for name, value in query.items() if value is not None}
        unfinished = target.with_name(f".unfinished-{target.name}")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        try:
            with self._reached(), self._http.stream("GET", path, params=asked) as answer:
                if not answer.is_success:
                    answer.read()
                    raise error_of(answer)
                with unfinished.open("wb") as file:
                    for chunk in answer.iter_bytes():
                        file.write(chunk)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)

    def upload(self, path: str, source: Path, content_type: str, **query: str | int | None) -> Any:
        """Sends a file as the body of a POST and gives the JSON of the answer."""
        asked = {name: value for name, value in query.items() if value is not None}
        headers = {"Content-Type": content_type}
        with source.open("rb") as file, self._reached():
            response = self._http.post(path, content=file, params=asked, headers=headers)
        if not response.is_success:
            raise error_of(response)
        return _json_of(response)

    def stream(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Event]:
        """Sends one request and yields its events; closing the iterator ends the request.

        Raises:
            IdiolectError: as ``send``; also when the connection breaks between two events.
        """
        silence = httpx.Timeout(self._timeout_s, read=max(self._timeout_s, _EVENT_SILENCE_S))
        with (
            self._reached(),
            self._http.stream(method, path, json=body, headers=headers, timeout=silence) as answer,
        ):
            if not answer.is_success:
                answer.read()
                raise error_of(answer)
            yield from parse_events(answer.iter_lines())

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise NotReadyError(
                f"{self._base_url} does not answer ({type(error).__name__})",
                code="UNREACHABLE",
                hint="Start it with `idiolect up`, or correct the URL.",
            ) from error


def parse_events(lines: Iterator[str]) -> Iterator[Event]:
    """Reads the lines of text/event-stream; an event that its blank line did not end is dropped."""
    name, data, last_id = "message", "", None
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data = f"{data}\n{value}" if data else value
        elif field == "event":
            name = value
        elif field == "id":
            last_id = value
        elif not line:
            if data:
                yield Event(name, json.loads(data), last_id)
            name, data = "message", ""


def error_of(response: httpx.Response) -> IdiolectError:
    """The error that a refusal or failure stands for; also of a server that is not ours."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    code = problem.get("code")
    error_class = _ERROR_BY_CODE.get(str(code)) or _ERROR_BY_STATUS.get(
        response.status_code,
        NotReadyError if response.status_code in _WORTH_RETRYING else IdiolectError,
    )
    message = problem.get("detail") or f"the server answered {response.status_code}"
    return error_class(str(message), hint=problem.get("hint"), code=code)


def _json_of(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise NotReadyError(
            f"what answers at {response.url} is not Idiolect",
            code="NOT_IDIOLECT",
            hint="Correct the URL; `idiolect up` says which one it serves.",
        ) from error
