"""How suggestions stand with a user: what they set, what they taught, how lately one came up.

**On, and silent.** Suggestions are made by default, and by default none of them interrupts. Whoever
runs Idiolect has agreed to be observed, and an offer in a list costs a glance that they choose to
take; an interruption is paid for before anybody knows that it is worth it, so it takes the user's
own word. Until then the rule chooses between the digest and nothing. Turned off, no round is run,
no model is asked for offers, and what waited is erased.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy.orm import Session

from idiolect.assistant.suggestions.bucket import Bucket, Level, full
from idiolect.assistant.suggestions.learning import Learned, aged, needed
from idiolect.assistant.suggestions.notifications import PREFIX, STAKES
from idiolect.assistant.suggestions.propose.protocols import USUAL
from idiolect.assistant.suggestions.utility import threshold
from idiolect.errors import InvalidInputError
from idiolect.store.repositories.user_setting import UserSettingRepository

SETTINGS = "suggestions"
LEARNED = "suggestions.learned"
LEVEL = "suggestions.level"
"""Names of the three among the user's settings. They change at different times and by different
hands, so none overwrites another."""


@dataclass(frozen=True, slots=True)
class SuggestionSettings:
    """What a user decides about suggestions.

    Attributes:
        enabled: whether offers are made at all.
        interrupts: whether one may come up by itself; else all of them wait in the digest.
        digest_hours: the hours of the user's day, 0 to 23, at which they look at the digest. They
            time no message: they tell how long an offer that is put off has to wait.

    Raises:
        InvalidInputError: no hour, or one that no clock has.
    """

    enabled: bool = True
    interrupts: bool = False
    digest_hours: tuple[int, ...] = (8, 10, 12, 14, 16, 18, 20)

    def __post_init__(self) -> None:
        if not self.digest_hours or not all(0 <= hour <= 23 for hour in self.digest_hours):
            raise InvalidInputError(
                "the digest needs one or more hours from 0 to 23",
                hint="Name the hours at which you like to look at what was put off.",
            )

    @classmethod
    def of(cls, *, enabled: bool, interrupts: bool, digest_hours: Iterable[int]) -> Self:
        """Settings as somebody gave them, each hour once and in order."""
        return cls(enabled, interrupts, tuple(sorted(set(digest_hours))))


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides for a user besides the offers themselves."""

    settings: SuggestionSettings
    learned: Learned
    level: Level


@dataclass(frozen=True, slots=True)
class Bar:
    """How likely an offer of a kind must be to come up: usually, and after the user's answers."""

    kind: str
    usual_p: float
    needed_p: float


def read_standing(session: Session, user_id: str, bucket: Bucket, now: datetime) -> Standing:
    """How suggestions stand with a user; the defaults where nothing was set or taught."""
    level = UserSettingRepository(session, user_id).get(LEVEL)
    return Standing(
        read_settings(session, user_id),
        read_learned(session, user_id),
        _level(level.value) if level else full(bucket, now),
    )


def read_settings(session: Session, user_id: str) -> SuggestionSettings:
    """What a user has set."""
    setting = UserSettingRepository(session, user_id).get(SETTINGS)
    return SuggestionSettings.of(**setting.value) if setting else SuggestionSettings()


def write_settings(
    session: Session, user_id: str, settings: SuggestionSettings, now: datetime
) -> None:
    """Sets what a user has decided."""
    value = {**asdict(settings), "digest_hours": list(settings.digest_hours)}
    UserSettingRepository(session, user_id).set(SETTINGS, value, now)


def read_learned(session: Session, user_id: str) -> Learned:
    """What a user's answers have taught."""
    setting = UserSettingRepository(session, user_id).get(LEARNED)
    return Learned.from_dict(setting.value) if setting else Learned()


def write_learned(session: Session, user_id: str, learned: Learned, now: datetime) -> None:
    """Keeps what a user's answers have taught."""
    UserSettingRepository(session, user_id).set(LEARNED, learned.as_dict(), now)


def write_level(session: Session, user_id: str, level: Level) -> None:
    """Keeps how many tokens a user's bucket had at the level's moment."""
    value = {"tokens": level.tokens, "at": level.at.isoformat()}
    UserSettingRepository(session, user_id).set(LEVEL, value, level.at)


def bars(state: Learned, now: datetime) -> list[Bar]:
    """The bar of each kind with its usual stakes; applications are listed once answers taught."""
    state = aged(state, now)
    applications = sorted(kind for kind in state.offsets if kind.startswith(PREFIX))
    stakes = {**USUAL, **dict.fromkeys(applications, STAKES)}
    return [
        Bar(kind, threshold(usual), needed(state, kind, usual)) for kind, usual in stakes.items()
    ]


def _level(value: dict[str, Any]) -> Level:
    return Level(float(value["tokens"]), datetime.fromisoformat(value["at"]))
