"""Who the caller is, and how their Idiolect stands."""

from idiolect.api.schemas.base import Output


class UserOut(Output):
    """A person."""

    id: str
    name: str


class KeyOut(Output):
    """The key that a request came with."""

    id: str
    prefix: str
    scopes: list[str]


class MeOut(Output):
    """The caller."""

    user: UserOut
    key: KeyOut


class ModelOut(Output):
    """The language model that speaks."""

    kind: str
    name: str
    ready: bool


class CurrentAdapterOut(Output):
    """The adapter that serves the caller."""

    id: str
    version: int


class StatusOut(Output):
    """Counts of what there is, and what is running."""

    observations: int
    propositions: int
    preferences: int
    preferences_needed: int
    jobs_active: int
    model: ModelOut
    adapter: CurrentAdapterOut | None
