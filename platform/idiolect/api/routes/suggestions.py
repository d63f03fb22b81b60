"""Suggestions: what the assistant offers by itself. Nothing of it is done without a click."""

from typing import Literal

from fastapi import APIRouter

from idiolect.api.auth import Admin, Chatter, Reader
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.schemas.base import Listing
from idiolect.api.schemas.suggestion import (
    SuggestionAnswerIn,
    SuggestionOut,
    SuggestionSettingsIn,
    SuggestionSettingsOut,
    settings_out,
)
from idiolect.assistant.suggestions.standing import SuggestionSettings
from idiolect.store.repositories.suggestion import SuggestionRepository

router = APIRouter(prefix="/api/suggestions", tags=["suggestions"])

Answered = Literal["accepted", "dismissed", "ignored"]


@router.get("")
def suggestions(
    who: Chatter,
    services: ServicesDep,
    outcome: Literal["now", "later", "digest"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[SuggestionOut]:
    """The offers that are open, the newest first; they count as shown from here on.

    Each is decided on anew: ``now`` may interrupt, ``later`` waits for a better moment, ``digest``
    is for the next look at the list.
    """
    page = services.suggester.open(who.user_id, outcome, limit=limit, cursor=cursor)
    return Listing(
        items=[SuggestionOut.model_validate(row) for row in page.items],
        next_cursor=page.next_cursor,
    )


@router.get("/answered")
def answered_suggestions(
    who: Reader,
    services: ServicesDep,
    state: Answered | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[SuggestionOut]:
    """The offers that were answered, or that nobody answered in time; the newest first."""
    states: tuple[Answered, ...] = (state,) if state else ("accepted", "dismissed", "ignored")
    with services.database.transaction() as session:
        page = SuggestionRepository(session, who.user_id).page(
            states=states, limit=limit, cursor=cursor
        )
    return Listing(
        items=[SuggestionOut.model_validate(row) for row in page.items],
        next_cursor=page.next_cursor,
    )


@router.post("/{suggestion_id}/answer")
def answer_suggestion(
    suggestion_id: Id, given: SuggestionAnswerIn, who: Chatter, services: ServicesDep
) -> SuggestionOut:
    """Records the user's answer, once. Accepting sends nothing: ``prompt`` is the caller's to send.

    Each answer teaches how likely such an offer must be to be worth showing.
    """
    row = services.suggester.answer(who.user_id, suggestion_id, given.answer)
    return SuggestionOut.model_validate(row)


@router.get("/settings")
def suggestion_settings(who: Reader, services: ServicesDep) -> SuggestionSettingsOut:
    """What the user has decided about suggestions, and what their answers have taught."""
    return settings_out(*services.suggester.settings(who.user_id))


@router.put("/settings")
def change_suggestion_settings(
    given: SuggestionSettingsIn, who: Admin, services: ServicesDep
) -> SuggestionSettingsOut:
    """Turns suggestions or their interruptions on or off, and sets the hours of the digest."""
    services.suggester.change_settings(who.user_id, SuggestionSettings.of(**given.model_dump()))
    return settings_out(*services.suggester.settings(who.user_id))


@router.delete("/learned", status_code=204)
def forget_suggestion_answers(who: Admin, services: ServicesDep) -> None:
    """Forgets what the user's answers to suggestions and notifications have taught."""
    services.suggester.forget_answers(who.user_id)
