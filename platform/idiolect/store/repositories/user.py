"""People, and the keys that act for them."""

import secrets
import string
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.kit.hashing import sha256_text
from idiolect.kit.ids import new_id
from idiolect.store.models import ApiKey, User

Scope = Literal["observe", "chat", "read", "train", "admin"]

SCOPES: frozenset[str] = frozenset(get_args(Scope))
"""What a key may be allowed to do; ``admin`` includes the others."""

_SECRET_ALPHABET = string.ascii_letters + string.digits
_SECRET_LENGTH = 40  # 238 bits: one round of SHA-256 is enough to keep it by
_SHOWN_LENGTH = len("idk_") + 6
_USE_RECORDED_EVERY = timedelta(minutes=1)


def create_user(session: Session, name: str, now: datetime) -> User:
    """Adds a person."""
    user = User(id=new_id("usr"), name=name, created_at=now)
    session.add(user)
    session.flush()
    return user


def list_users(session: Session) -> Sequence[User]:
    """Everybody, in the order in which they came."""
    return session.scalars(select(User).order_by(User.created_at, User.id)).all()


def create_key(
    session: Session,
    user_id: str,
    name: str,
    scopes: Collection[str],
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Adds a key.

    Returns:
        The row and the secret ``idk_...``, which is shown here for the only time.

    Raises:
        InvalidInputError: a scope that does not exist, or no scope at all.
        NotFoundError: there is no such user.
    """
    unknown = set(scopes) - SCOPES
    if unknown or not scopes:
        raise InvalidInputError(
            f"unknown scope {sorted(unknown)[0]}" if unknown else "a key needs a scope",
            hint=f"Use one or more of {', '.join(sorted(SCOPES))}.",
        )
    if session.get(User, user_id) is None:
        raise NotFoundError(f"no user {user_id}")
    characters = (secrets.choice(_SECRET_ALPHABET) for _ in range(_SECRET_LENGTH))
    secret = f"idk_{''.join(characters)}"
    key = ApiKey(
        id=new_id("key"),
        user_id=user_id,
        name=name,
        prefix=secret[:_SHOWN_LENGTH],
        hash=sha256_text(secret),
        scopes=sorted(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    return key, secret


def authenticate(session: Session, secret: str, now: datetime) -> tuple[User, ApiKey] | None:
    """Whose key this is; None when it is unknown, expired or revoked.

    The use is recorded on the key, to the minute.
    """
    found = session.execute(
        select(User, ApiKey)
        .join(ApiKey, ApiKey.user_id == User.id)
        .where(ApiKey.hash == sha256_text(secret), ApiKey.revoked_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    user, key = found
    if key.expires_at is not None and key.expires_at <= now:
        return None
    if key.last_used_at is None or key.last_used_at <= now - _USE_RECORDED_EVERY:
        key.last_used_at = now
    return user, key


class UserRepository:
    """One user and their keys."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def get(self) -> User:
        """The user.

        Raises:
            NotFoundError: there is no such user.
        """
        user = self._session.get(User, self._user_id)
        if user is None:
            raise NotFoundError(f"no user {self._user_id}")
        return user

    def hold(self) -> None:
        """Keeps other acts that hold this user waiting until the transaction ends.

        Writing the row as it is holds the row on PostgreSQL and the whole file on SQLite.

        Raises:
            NotFoundError: there is no such user.
        """
        held = update(User).where(User.id == self._user_id).values(name=User.name)
        if self._session.scalar(held.returning(User.id)) is None:
            raise NotFoundError(f"no user {self._user_id}")

    def keys(self) -> Sequence[ApiKey]:
        """All keys, revoked ones too, oldest first."""
        return self._session.scalars(
            select(ApiKey)
            .where(ApiKey.user_id == self._user_id)
            .order_by(ApiKey.created_at, ApiKey.id)
        ).all()

    def revoke_key(self, key_id: str, now: datetime) -> ApiKey:
        """Ends a key at once; ending it again changes nothing.

        Raises:
            NotFoundError: the user has no such key.
        """
        key = self._session.scalar(
            select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == self._user_id)
        )
        if key is None:
            raise NotFoundError(f"no key {key_id}")
        key.revoked_at = key.revoked_at or now
        return key
