"""Whether the process answers, and whether its parts can serve."""

from fastapi import APIRouter, Response

from idiolect.api.dependencies import ServicesDep
from idiolect.api.readiness import probe
from idiolect.api.schemas.health import CheckOut, HealthOut, ReadinessOut

router = APIRouter(tags=["health"])


@router.get("/healthz")
def health() -> HealthOut:
    """The process answers."""
    return HealthOut(status="ok")


@router.get("/readyz", responses={503: {"model": ReadinessOut}})
def readiness(services: ServicesDep, response: Response) -> ReadinessOut:
    """Asks every part; 503 when one of them cannot serve."""
    checks = [CheckOut.model_validate(probe(name, services)) for name in services.checks]
    ready = all(check.ok for check in checks)
    response.status_code = 200 if ready else 503
    return ReadinessOut(status="ready" if ready else "not_ready", checks=checks)
