"""What routes take as arguments: the services, ids in paths, pages of lists."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from idiolect.wiring import Services


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]

Id = Annotated[str, Path(max_length=40, pattern=r"^[\w-]+$")]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=400)]
