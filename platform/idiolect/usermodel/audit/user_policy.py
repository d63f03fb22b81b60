"""The part of the audit's policy that users set, and a user's whole policy.

What they set is one of their settings. The rest is known by the installation: which windows and
pages are ours, who reads along, and what the assistant said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.errors import InvalidInputError, NotReadyError
from idiolect.store.models import Conversation, Message, Suggestion
from idiolect.store.repositories.user_setting import UserSettingRepository
from idiolect.usermodel.audit.flow import Recipient
from idiolect.usermodel.audit.policy import Policy
from idiolect.usermodel.audit.replies import fingerprints
from idiolect.usermodel.sensitivity import Category, category_named, descriptions

SETTING = "audit"

LATEST_REPLIES = 200
"""How many of the assistant's latest replies, and of its suggestions, are known again when they are
seen somewhere. Their fingerprints are made anew for every batch, which takes 0.06 ms of processor
time for one of 200 words."""

UNREADABLE = "Set it anew: `idiolect audit policy reset`, then what you want left out."


@dataclass(frozen=True, slots=True)
class Installation:
    """What the audit must know of where it runs; see ``Policy`` for each."""

    own_names: tuple[str, ...] = ("Idiolect",)
    own_origins: tuple[str, ...] = ()
    recipient: Recipient = "own model"


@dataclass(frozen=True, slots=True)
class UserPolicy:
    """What a user has decided about being observed; see ``Policy`` for each.

    Raises:
        InvalidInputError: a name or a pattern is blank, which would exclude everything.
    """

    excluded_applications: tuple[str, ...] = ()
    excluded_patterns: tuple[str, ...] = ()
    excludes_confidential: bool = True
    opted_in: frozenset[Category] = frozenset()
    asks_model: bool = False

    def __post_init__(self) -> None:
        self.within(Installation())  # refuses what no policy may hold

    @classmethod
    def of(
        cls,
        *,
        excluded_applications: Iterable[str],
        excluded_patterns: Iterable[str],
        excludes_confidential: bool,
        opted_in: Iterable[str],
        asks_model: bool,
    ) -> Self:
        """A policy as somebody gave it: trimmed, and each entry once.

        Raises:
            InvalidInputError: there is no such category, or a name or a pattern is blank.
        """
        return cls(
            excluded_applications=_once(excluded_applications),
            excluded_patterns=_once(excluded_patterns),
            excludes_confidential=excludes_confidential,
            opted_in=frozenset(map(category_named, opted_in)),
            asks_model=asks_model,
        )

    def within(
        self,
        installation: Installation,
        *,
        own_replies: frozenset[int] = frozenset(),
        changed_at: datetime | None = None,
    ) -> Policy:
        """The whole policy, with what the installation knows."""
        return Policy(
            excluded_applications=self.excluded_applications,
            excluded_patterns=self.excluded_patterns,
            excludes_confidential=self.excludes_confidential,
            opted_in=frozenset[str](self.opted_in),
            own_names=installation.own_names,
            own_origins=installation.own_origins,
            own_replies=own_replies,
            recipient=installation.recipient,
            asks_model=self.asks_model,
            changed_at=changed_at,
        )

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "excluded_applications": list(self.excluded_applications),
            "excluded_patterns": list(self.excluded_patterns),
            "excludes_confidential": self.excludes_confidential,
            "opted_in": [name for name in descriptions() if name in self.opted_in],
            "asks_model": self.asks_model,
        }


def read_user_policy(session: Session, user_id: str) -> UserPolicy:
    """What a user has set; the defaults where nothing was.

    Raises:
        NotReadyError: what is stored cannot be read.
    """
    policy, _ = _read(session, user_id)
    return policy


def write_user_policy(session: Session, user_id: str, policy: UserPolicy, now: datetime) -> None:
    """Sets a user's policy; it holds from the next batch on."""
    UserSettingRepository(session, user_id).set(SETTING, policy.as_json(), now)


def read_policy(session: Session, user_id: str, installation: Installation) -> Policy:
    """A user's whole policy, for the audit of one batch.

    Raises:
        NotReadyError: what is stored as the policy cannot be read.
    """
    policy, changed_at = _read(session, user_id)
    said = chain(_latest_replies(session, user_id), _latest_offers(session, user_id))
    replies = fingerprints(said)
    return policy.within(installation, own_replies=replies, changed_at=changed_at)


def _read(session: Session, user_id: str) -> tuple[UserPolicy, datetime | None]:
    setting = UserSettingRepository(session, user_id).get(SETTING)
    if setting is None:
        return UserPolicy(), None
    try:
        stored = _Stored.model_validate(setting.value).model_dump()
        # Nobody can be opted in to a category that there is no longer.
        stored["opted_in"] = [name for name in stored["opted_in"] if name in descriptions()]
        return UserPolicy.of(**stored), setting.updated_at
    except (ValidationError, InvalidInputError) as error:
        # The defaults might let in what the user excluded, so nothing is learned instead.
        raise NotReadyError(
            "the audit's policy cannot be read, so nothing is learned", hint=UNREADABLE
        ) from error


class _Stored(BaseModel):
    """A policy as ``UserPolicy.as_json`` has it."""

    model_config = ConfigDict(strict=True, extra="forbid")

    excluded_applications: list[str]
    excluded_patterns: list[str]
    excludes_confidential: bool
    opted_in: list[str]
    asks_model: bool


def _latest_replies(session: Session, user_id: str) -> Iterable[str]:
    return session.scalars(
        select(Message.text)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.user_id == user_id, Message.role == "assistant", Message.text != "")
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(LATEST_REPLIES)
    )


def _latest_offers(session: Session, user_id: str) -> Iterable[str]:
    """What was suggested, and what the assistant is asked where the user agrees."""
    rows = session.execute(
        select(Suggestion.text, Suggestion.prompt)
        .where(Suggestion.user_id == user_id)
        .order_by(Suggestion.created_at.desc(), Suggestion.id.desc())
        .limit(LATEST_REPLIES)
    )
    return (text for row in rows for text in row if text)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts))
