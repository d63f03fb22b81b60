"""Who is asking, and whether their key allows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from idiolect.api.dependencies import ServicesDep
from idiolect.errors import ForbiddenError, UnauthorizedError
from idiolect.store.repositories.user import Scope, authenticate
from idiolect.usermodel.memory.act import scopes_of

_bearer = HTTPBearer(auto_error=False, description="A key of the form `idk_...`")


@dataclass(frozen=True, slots=True)
class Principal:
    """The user for whom a request acts, and the key that it came with."""

    user_id: str
    user_name: str
    key_id: str
    key_prefix: str
    scopes: frozenset[str]

    @property
    def is_owner(self) -> bool:
        """Whether the key may do everything: the user's own, not that of an assistant of theirs."""
        return "admin" in self.scopes

    @property
    def shown(self) -> tuple[str, str] | None:
        """The scopes of the memories that the key is shown; None: all of them."""
        return None if self.is_owner else scopes_of(self.key_id)


def principal(
    services: ServicesDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """The principal of a request.

    Raises:
        UnauthorizedError: no key came with it, or one that is unknown, expired or revoked.
    """
    if credentials is None:
        raise UnauthorizedError("no key was sent")
    with services.database.transaction() as session:
        found = authenticate(session, credentials.credentials, services.clock())
    if found is None:
        raise UnauthorizedError("the key is unknown, expired or revoked")
    user, key = found
    return Principal(user.id, user.name, key.id, key.prefix, frozenset(key.scopes))


def allowed(scope: Scope) -> Callable[[Principal], Principal]:
    """A dependency that lets only keys of this scope, or of ``admin``, pass."""

    def check(who: Annotated[Principal, Depends(principal)]) -> Principal:
        if not who.scopes & {scope, "admin"}:
            raise ForbiddenError(f"the key lacks the scope `{scope}`")
        return who

    return check


AnyUser = Annotated[Principal, Depends(principal)]
Observer = Annotated[Principal, Depends(allowed("observe"))]
Chatter = Annotated[Principal, Depends(allowed("chat"))]
Reader = Annotated[Principal, Depends(allowed("read"))]
Trainer = Annotated[Principal, Depends(allowed("train"))]
Admin = Annotated[Principal, Depends(allowed("admin"))]
