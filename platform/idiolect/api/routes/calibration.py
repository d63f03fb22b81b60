"""Calibration: how far confidence is to be trusted, by what the user said of propositions."""

from fastapi import APIRouter

from idiolect.api.auth import Reader
from idiolect.api.dependencies import ServicesDep
from idiolect.api.schemas.rating import CalibrationOut
from idiolect.usermodel.calibration.report import ENOUGH

router = APIRouter(prefix="/api", tags=["propositions"])


@router.get("/calibration")
def calibration(who: Reader, services: ServicesDep) -> CalibrationOut:
    """How good confidence is by the user's ratings, before and after the map that they make."""
    report = services.user_model.ratings.report(who.user_id)
    return CalibrationOut(**report.as_dict(), ratings_needed=ENOUGH)
