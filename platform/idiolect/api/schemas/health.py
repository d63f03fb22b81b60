"""Whether the parts of a running Idiolect can serve."""

from typing import Literal

from idiolect.api.schemas.base import Output


class HealthOut(Output):
    """The process answers."""

    status: Literal["ok"]


class CheckOut(Output):
    """One part and what its probe said."""

    name: str
    ok: bool
    detail: str


class ReadinessOut(Output):
    """Whether requests can be served, part by part."""

    status: Literal["ready", "not_ready"]
    checks: list[CheckOut]
