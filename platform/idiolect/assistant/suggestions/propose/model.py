"""The proposer that asks a language model."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from pydantic import BaseModel, Field

from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.propose.protocols import USUAL, Known, sure
from idiolect.assistant.suggestions.utility import Stakes
from idiolect.errors import StructuredOutputError
from idiolect.lm.protocols import ChatMessage, LanguageModel, Sampling
from idiolect.lm.structured import structured
from idiolect.usermodel.propose.model import from_scale

_LOG = structlog.get_logger(__name__)

MOST_STATEMENTS = 20
MOST_OFFERS = 5
LONGEST_TEXT = 240
LONGEST_HOURS = 7 * 24.0
SAMPLING = Sampling(max_tokens=1024, temperature=0.0)
PROMPT = Path(__file__).resolve().parent / "prompts" / "suggest.md"


class OfferAnswer(BaseModel):
    """One offer as the model gives it."""

    text: str
    kind: str = "other"
    statements: list[int]
    prompt: str | None = None
    likely: float = Field(ge=1, le=10)
    benefit: float = Field(ge=1, le=10)
    cost_if_unwanted: float = Field(ge=1, le=10)
    cost_if_missed: float = Field(ge=1, le=10)
    hours: float = Field(gt=0)


class SuggestAnswer(BaseModel):
    """The model's whole answer."""

    offers: list[OfferAnswer]


class ModelSuggestionProposer:
    """A ``SuggestionProposer`` that asks a language model, in one call.

    It is shown the surest propositions, each as one JSON string that the prompt calls material.
    What it answers is checked: an offer that rests on no statement it was shown, that is empty or
    too long is dropped, and none is held likelier than the least sure of its statements. An answer
    that cannot be read makes no offers; an offer not made harms nobody.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """``model:`` and the name of the language model."""
        return f"model:{self._model.name}"

    def propose(
        self, propositions: Sequence[Known], *, user_name: str, now: datetime
    ) -> list[Candidate]:
        """See ``SuggestionProposer.propose``.

        Raises:
            ModelError: the model could not be reached or failed.
        """
        shown = sorted(sure(propositions), key=lambda each: -each.confidence)[:MOST_STATEMENTS]
        if not shown:
            return []
        prompt = suggest_prompt(shown, user_name=user_name, now=now)
        try:
            answer = structured(self._model, [ChatMessage("user", prompt)], SuggestAnswer, SAMPLING)
        except StructuredOutputError:
            _LOG.warning("suggestions_unreadable", model=self._model.name)
            return []
        offers = read_offers(answer, shown, now)
        unusable = len(answer.offers) - len(offers)
        if unusable:
            _LOG.warning("suggestions_unusable", model=self._model.name, offers=unusable)
        return offers


def suggest_prompt(shown: Sequence[Known], *, user_name: str, now: datetime) -> str:
    """The question to the model; what is filled in is not looked at again."""
    lines = [
        json.dumps(
            {
                "number": number,
                "statement": known.text,
                "sure": round(known.confidence, 2),
                "since": known.valid_from.isoformat(timespec="minutes"),
            },
            ensure_ascii=False,
        )
        for number, known in enumerate(shown, start=1)
    ]
    return PROMPT.read_text(encoding="utf-8").format(
        user_name=user_name,
        now=f"{now:%A}, {now.isoformat(timespec='minutes')}",
        most=MOST_OFFERS,
        longest=LONGEST_TEXT,
        statements="\n".join(lines),
    )


def read_offers(answer: SuggestAnswer, shown: Sequence[Known], now: datetime) -> list[Candidate]:
    """The usable offers of an answer, at most ``MOST_OFFERS``, in its order."""
    made = (_candidate(offer, shown, now) for offer in answer.offers[:MOST_OFFERS])
    return [candidate for candidate in made if candidate is not None]


def _candidate(offer: OfferAnswer, shown: Sequence[Known], now: datetime) -> Candidate | None:
    text = " ".join(offer.text.split())
    numbers = dict.fromkeys(number for number in offer.statements if 1 <= number <= len(shown))
    behind = [shown[number - 1] for number in numbers]
    if not behind or not text or len(text) > LONGEST_TEXT:
        return None
    kind = offer.kind.strip().casefold()
    return Candidate(
        text=text,
        kind=kind if kind in USUAL else "other",
        evidence=tuple(each.id for each in behind),
        stakes=Stakes(
            p=min(from_scale(offer.likely), *(each.confidence for each in behind)),
            benefit=from_scale(offer.benefit),
            cost_fp=from_scale(offer.cost_if_unwanted),
            cost_fn=from_scale(offer.cost_if_missed),
        ),
        valid_until=now + timedelta(hours=min(offer.hours, LONGEST_HOURS)),
        prompt=(offer.prompt or "").strip() or None,
    )
