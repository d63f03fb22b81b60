"""Every error that Idiolect raises on purpose.

IdiolectError
├── InvalidInputError            422  the caller sent something that cannot be used
├── UnauthorizedError            401  no key, or a key that is not valid
├── ForbiddenError               403  a valid key without the scope
├── NotFoundError                404  nothing there, or nothing of this user's there
├── MethodNotAllowedError        405  the address is right and the verb is not
├── ConflictError                409  the state of things forbids it
│   └── LeaseLostError           409  a worker's job was given to another worker
├── PayloadTooLargeError         413  more than the stated limit
├── NotReadyError                503  a part that is needed is not running or not installed
├── ModelError                   502  a language model failed
│   └── StructuredOutputError    502  a model's answer did not fit its schema, twice
├── TrainingDivergedError        500  a loss or gradient was no longer a finite number
└── JobCancelledError            409  the job was asked to stop

Each carries a stable ``code`` for programs and a ``hint`` for people that says what to do next.
The API renders it as problem+json, the command line as one line and an exit code,
a worker on the job's row.
"""

from typing import ClassVar


class IdiolectError(Exception):
    """Base of the tree: a message, a stable code, an HTTP status and a hint."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    default_hint: ClassVar[str] = "Run `idiolect doctor` and look at the log."

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint
        self.reason_code = code or self.code

    def as_dict(self) -> dict[str, str | int]:
        """The one machine-readable form of an error: code, message, hint and HTTP status."""
        return {
            "code": self.reason_code,
            "message": self.message,
            "hint": self.hint,
            "status": self.status,
        }


class InvalidInputError(IdiolectError):
    """The caller sent something that cannot be used."""

    code = "INVALID_INPUT"
    status = 422
    exit_code = 2
    default_hint = "Correct the named field and send it again."


class UnauthorizedError(IdiolectError):
    """No key was given, or the key is not valid."""

    code = "UNAUTHORIZED"
    status = 401
    exit_code = 6
    default_hint = "Send a valid key as `Authorization: Bearer idk_...`."


class ForbiddenError(IdiolectError):
    """The key is valid and lacks the scope that this needs."""

    code = "FORBIDDEN"
    status = 403
    exit_code = 6
    default_hint = "Use a key that has the scope named in the message."


class NotFoundError(IdiolectError):
    """There is nothing of this name that belongs to this user."""

    code = "NOT_FOUND"
    status = 404
    exit_code = 4
    default_hint = "List what exists and use one of its ids."


class MethodNotAllowedError(IdiolectError):
    """There is something at this address, and it does not take this verb."""

    code = "METHOD_NOT_ALLOWED"
    status = 405
    exit_code = 2
    default_hint = "See /api/openapi.json for what each address takes."


class ConflictError(IdiolectError):
    """The present state forbids what was asked."""

    code = "CONFLICT"
    status = 409
    exit_code = 5
    default_hint = "Read the current state and decide again."


class LeaseLostError(ConflictError):
    """A worker no longer holds the job it works on, so it may write nothing."""

    code = "LEASE_LOST"
    default_hint = "Nothing is lost: another worker has the job, or it has ended."


class PayloadTooLargeError(IdiolectError):
    """More was sent than the stated limit."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413
    exit_code = 2
    default_hint = "Send it in smaller parts."


class NotReadyError(IdiolectError):
    """A part that is needed is not running, not reachable or not installed."""

    code = "NOT_READY"
    status = 503
    exit_code = 3
    default_hint = "Run `idiolect doctor` to see which part is missing and how to mend it."


class ModelError(IdiolectError):
    """A language model could not be reached or did not answer properly."""

    code = "MODEL_FAILED"
    status = 502
    default_hint = "Check the model's settings with `idiolect doctor`."


class StructuredOutputError(ModelError):
    """A model's answer did not fit the schema, also after one repair round."""

    code = "STRUCTURED_OUTPUT"
    default_hint = "Use a model that can follow a JSON schema, or the pattern proposer."


class TrainingDivergedError(IdiolectError):
    """A loss or gradient was no longer a finite number; the last good checkpoint is kept."""

    code = "TRAINING_DIVERGED"
    default_hint = "Lower the recipe's learning rate, or leave out the pairs that are named."


class JobCancelledError(IdiolectError):
    """The job was asked to stop; its checkpoint is kept."""

    code = "JOB_CANCELLED"
    status = 409
    default_hint = "Start the job again to go on from its checkpoint."
