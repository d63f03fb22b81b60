"""All memories of a user as one file, out and in; the owner's alone."""

import tempfile
from pathlib import Path

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from idiolect.api.auth import Admin
from idiolect.api.dependencies import ServicesDep
from idiolect.api.schemas.memory import ImportOut
from idiolect.api.schemas.memory_act import UNTOLD, ReasonText
from idiolect.usermodel.memory.act import by_user

router = APIRouter(prefix="/api/memories", tags=["memories"])

ARCHIVE_TYPE = "application/zip"
ARCHIVE_NAME = "idiolect-memories.zip"


@router.get(
    "/export",
    response_class=FileResponse,
    responses={200: {"content": {ARCHIVE_TYPE: {}}, "description": "The archive."}},
)
def export_memories(who: Admin, services: ServicesDep, reason: ReasonText = UNTOLD) -> FileResponse:
    """All memories of all kinds with versions, links, audit and files, as one archive."""
    work = tempfile.TemporaryDirectory(prefix="idiolect-export-")
    archive = Path(work.name) / ARCHIVE_NAME
    try:
        services.transfer.export(who.user_id, archive, by_user(reason), services.clock())
    except BaseException:
        work.cleanup()
        raise
    return FileResponse(
        archive,
        media_type=ARCHIVE_TYPE,
        filename=ARCHIVE_NAME,
        background=BackgroundTask(work.cleanup),
    )


@router.post(
    "/import",
    openapi_extra={"requestBody": {"content": {ARCHIVE_TYPE: {}}, "required": True}},
)
async def import_memories(
    request: Request, who: Admin, services: ServicesDep, reason: ReasonText = UNTOLD
) -> ImportOut:
    """Takes an archive in, all of it or nothing; the body is the file.

    What is there already stays as it is, and what was forgotten stays forgotten.
    """
    with tempfile.TemporaryDirectory(prefix="idiolect-import-") as work:
        archive = Path(work) / ARCHIVE_NAME
        async with await anyio.open_file(archive, "wb") as file:
            async for chunk in request.stream():
                await file.write(chunk)
        imported = await anyio.to_thread.run_sync(
            services.transfer.import_, who.user_id, archive, by_user(reason), services.clock()
        )
    return ImportOut.model_validate(imported)
