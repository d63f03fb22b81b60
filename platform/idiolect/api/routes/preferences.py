"""Choices between replies, and the preferences that training learns from."""

from fastapi import APIRouter
from pydantic import ValidationError

from idiolect.api.auth import Chatter, Reader, Trainer
from idiolect.api.dependencies import Cursor, Limit, ServicesDep
from idiolect.api.schemas.base import Listing
from idiolect.api.schemas.preference import (
    ChoiceIn,
    ChoiceOutcomeOut,
    PreferenceIn,
    PreferenceOut,
    PreferencesIn,
    PreferencesReceiptOut,
    RefusedPreferenceOut,
)
from idiolect.assistant.feedback import Pair
from idiolect.errors import InvalidInputError
from idiolect.store.repositories.preference import PreferenceRepository

router = APIRouter(prefix="/api", tags=["preferences"])


@router.post("/choices", status_code=201)
def choose(choice: ChoiceIn, who: Chatter, services: ServicesDep) -> ChoiceOutcomeOut:
    """Records which of two replies the user likes better, or that neither or both will do."""
    outcome = services.feedback.choose(
        who.user_id, choice.candidate_ids, choice.verdict, choice.picked_id
    )
    return ChoiceOutcomeOut(
        id=outcome.choice.id,
        preference_id=outcome.preference.id if outcome.preference else None,
        preferences=outcome.preferences_total,
        preferences_needed=outcome.needed,
    )


@router.get("/preferences")
def preferences(
    who: Reader, services: ServicesDep, limit: Limit = 50, cursor: Cursor = None
) -> Listing[PreferenceOut]:
    """The preferences, the newest first; system messages, which tell of the user, for the owner."""
    with services.database.transaction() as session:
        page = PreferenceRepository(session, who.user_id).page(limit=limit, cursor=cursor)
    items = [PreferenceOut.model_validate(row) for row in page.items]
    if not who.is_owner:
        items = [one.without_system() for one in items]
    return Listing(items=items, next_cursor=page.next_cursor)


@router.post("/preferences", status_code=201)
def add_preferences(
    batch: PreferencesIn, who: Trainer, services: ServicesDep
) -> PreferencesReceiptOut:
    """Stores pairs that were made elsewhere; one that cannot be used does not spoil the rest."""
    pairs: list[Pair] = []
    refused: list[RefusedPreferenceOut] = []
    for index, raw in enumerate(batch.items):
        try:
            item = PreferenceIn.model_validate(raw)
        except ValidationError as error:
            refused.append(_refusal(index, error))
        else:
            pairs.append(Pair(item.turns(), item.chosen, item.rejected, item.source))
    added = services.feedback.add_pairs(who.user_id, pairs)
    return PreferencesReceiptOut(
        accepted=added.count(True), duplicates=added.count(False), refused=refused
    )


def _refusal(index: int, error: ValidationError) -> RefusedPreferenceOut:
    fault = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(map(str, fault["loc"]))
    message = f"{field}: {fault['msg']}" if field else fault["msg"]
    return RefusedPreferenceOut(index=index, code=InvalidInputError.code, message=message)
