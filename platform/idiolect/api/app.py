"""The HTTP API: routes under /api, OpenAI's under /v1, the page under everything else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI

from idiolect.api.edge import Edge
from idiolect.api.openai import chat, models
from idiolect.api.page import install_page
from idiolect.api.problems import install_problem_handlers
from idiolect.api.routes import (
    adapters,
    audit,
    calibration,
    charter,
    context,
    conversations,
    forgetting,
    health,
    jobs,
    me,
    memories,
    memory_archives,
    notifications,
    observations,
    preferences,
    promotions,
    propositions,
    suggestions,
    upkeep,
)
from idiolect.handbook.background import indexing
from idiolect.kit.resources import resource_dir
from idiolect.store.repositories.conversation import stop_abandoned
from idiolect.wiring import Services

ROUTERS = (
    health.router,
    me.router,
    observations.router,
    propositions.router,
    context.router,
    calibration.router,
    audit.router,
    charter.router,
    memory_archives.router,
    promotions.router,
    memories.router,
    forgetting.router,
    upkeep.router,
    conversations.router,
    suggestions.router,
    notifications.router,
    preferences.router,
    jobs.router,
    adapters.router,
    models.router,
    chat.router,
)


def create_app(services: Services, *, page: Path | None = None) -> FastAPI:
    """The application over its services.

    Args:
        services: what the routes work with.
        page: the folder of the built page; the one that ships unless given.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with services.database.transaction() as session:
            stop_abandoned(session)
        services.forgetter.finish_all()
        with indexing(services.handbook):
            yield

    app = FastAPI(
        title="Idiolect",
        version=version("idiolect"),
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's pages load their scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = services
    app.add_middleware(Edge, hosts=services.hosts, max_request_bytes=services.max_request_bytes)
    install_problem_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    install_page(app, page or resource_dir("web"))
    return app
