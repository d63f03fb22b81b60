"""Asks a part of the running system whether it can serve."""

from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from idiolect.errors import IdiolectError
from idiolect.wiring import Services

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a part answered; ``detail`` never holds more than names and counts."""

    name: str
    ok: bool
    detail: str


def probe(name: str, services: Services) -> Probed:
    """Runs one of the services' checks; a part that fails is an answer, not an error."""
    try:
        return Probed(name, True, services.checks[name]())
    except IdiolectError as error:
        return Probed(name, False, f"{error.message} ({error.hint})")
    except (SQLAlchemyError, OSError) as error:
        log.warning("check.failed", name=name, error=type(error).__name__)
        return Probed(name, False, f"{type(error).__name__}; see the log")
