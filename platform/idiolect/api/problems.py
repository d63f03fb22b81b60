"""Errors as the caller sees them: problem+json (RFC 9457), from one table of classes.

Under /v1 the same object also carries OpenAI's ``error`` member, so that its clients show the
message instead of the status alone.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from idiolect.errors import (
    IdiolectError,
    InvalidInputError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
    UnauthorizedError,
)

log = structlog.get_logger(__name__)

_HTTP_ERRORS: Mapping[int, type[IdiolectError]] = {
    404: NotFoundError,
    405: MethodNotAllowedError,
    413: PayloadTooLargeError,
}
"""What the framework refuses by itself, as ours."""


def problem_of(error: IdiolectError) -> dict[str, Any]:
    """The members of the problem that tells of an error."""
    return {
        "type": f"urn:idiolect:problem:{error.reason_code.lower().replace('_', '-')}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.reason_code,
        "detail": error.message,
        "hint": error.hint,
    }


def problem_response(error: IdiolectError, path: str) -> JSONResponse:
    """The response to a request of this path that ended in an error."""
    problem = problem_of(error)
    if path.startswith("/v1"):
        problem["error"] = {
            "message": f"{error.message} ({error.hint})",
            "type": problem["type"],
            "code": error.reason_code,
            "param": None,
        }
    challenge = {"WWW-Authenticate": "Bearer"} if isinstance(error, UnauthorizedError) else {}
    return JSONResponse(
        problem, error.status, headers=challenge, media_type="application/problem+json"
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Makes every refusal and failure of the application a problem."""

    @app.exception_handler(IdiolectError)
    def _refused(request: Request, error: IdiolectError) -> JSONResponse:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("request.failed", code=error.reason_code, path=request.url.path)
        return problem_response(error, request.url.path)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(_as_invalid_input(error), request.url.path)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        known = _HTTP_ERRORS.get(error.status_code, InvalidInputError)
        message = f"{request.method} {request.url.path}: {error.detail.lower()}"
        return problem_response(known(message), request.url.path)

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request.crashed", path=request.url.path, exc_info=error)
        crashed = IdiolectError("something unexpected went wrong")
        return problem_response(crashed, request.url.path)


def _as_invalid_input(error: RequestValidationError) -> InvalidInputError:
    """Names each field and what is wrong with it; never what was sent."""
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return InvalidInputError(
            "the body is not valid JSON", code="INVALID_JSON", hint="Send one JSON object."
        )
    lines = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults[:5]]
    return InvalidInputError("; ".join(lines))
