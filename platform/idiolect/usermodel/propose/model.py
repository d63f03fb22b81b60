"""The proposer that asks a language model."""

import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from idiolect.lm.protocols import ChatMessage, LanguageModel, Sampling
from idiolect.lm.structured import structured
from idiolect.usermodel.confidence import CAPS, cap
from idiolect.usermodel.grounding import grounds
from idiolect.usermodel.prompts import render
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView

TEXT_LIMIT = 2000
"""Characters of one observation that the model is shown."""

SAMPLING = Sampling(max_tokens=2048, temperature=0.0)


class SpanAnswer(BaseModel):
    """Where a statement's evidence stands."""

    observation: int
    quote: str


class PropositionAnswer(BaseModel):
    """One statement as the model gives it."""

    text: str
    reasoning: str = ""
    confidence: float = Field(ge=1, le=10)
    durability: float = Field(ge=1, le=10)
    evidence: list[SpanAnswer] = Field(default_factory=list)


class ProposeAnswer(BaseModel):
    """The model's whole answer."""

    propositions: list[PropositionAnswer]


class ModelProposer:
    """A ``Proposer`` that reads a batch in one call.

    What the observations say cannot give the model orders: each is one JSON string, and the
    prompt calls it material. What a stranger wrote, or what the audit quotes, is not put before it
    at all: nothing about the user follows from it, and a model may do as it reads.

    What the model answers is checked: a quote that does not occur in its observation is dropped, a
    statement without a quote is dropped, and no statement is believed more than those sources allow
    whose quotes carry its words. Where none do, it may come from anything that the model read.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """``model:`` and the name of the language model."""
        return f"model:{self._model.name}"

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """See ``Proposer.propose``; ``earlier`` is not shown to the model.

        Raises:
            ModelError: the model failed, or its answer did not fit, twice.
        """
        del earlier, now
        shown = [view for view in observations if view.trust != "untrusted"]
        if not shown:
            return []
        prompt = render("propose", user_name=user_name, observations="\n".join(_lines(shown)))
        answer = structured(self._model, [ChatMessage("user", prompt)], ProposeAnswer, SAMPLING)
        drafts = {
            draft.text.casefold(): draft
            for item in answer.propositions
            if (draft := _draft(item, shown, user_name)) is not None
        }
        return list(drafts.values())


def _lines(observations: Sequence[ObservationView]) -> list[str]:
    return [
        json.dumps(
            {
                "number": number,
                "time": view.occurred_at.isoformat(timespec="minutes"),
                "kind": view.kind,
                "trust": view.trust,
                "application": view.application,
                "title": view.title,
                "text": view.text[:TEXT_LIMIT],
            },
            ensure_ascii=False,
        )
        for number, view in enumerate(observations, start=1)
    ]


def _draft(
    item: PropositionAnswer, shown: Sequence[ObservationView], user_name: str
) -> Draft | None:
    text = " ".join(item.text.split())
    spans = [
        (shown[span.observation - 1], span.quote)
        for span in item.evidence
        if 1 <= span.observation <= len(shown)
        and span.quote.strip()
        and _occurs(span.quote, shown[span.observation - 1])
    ]
    if not text or not spans:
        return None
    carrying = _carrying(text, spans, user_name)
    ceiling = cap(view.trust for view, _ in carrying) if carrying else _least(shown)
    counted = carrying or _least_trusted(spans)
    return Draft(
        text=text,
        reasoning=item.reasoning,
        confidence=min(from_scale(item.confidence), ceiling),
        durability=from_scale(item.durability),
        evidence=tuple(dict.fromkeys(Evidence(view.id, quote) for view, quote in counted)),
        valid_from=min(view.occurred_at for view, _ in counted),
    )


_Span = tuple[ObservationView, str]
"""An observation, and a quote from it."""


def _carrying(text: str, spans: Sequence[_Span], user_name: str) -> list[_Span]:
    """The spans of the most trusted sources that carry a statement by themselves; maybe none."""
    for level in sorted({CAPS[view.trust] for view, _ in spans}, reverse=True):
        trusted = [(view, quote) for view, quote in spans if CAPS[view.trust] >= level]
        if grounds(text, [quote for _, quote in trusted], user_name):
            return [(view, quote) for view, quote in trusted if CAPS[view.trust] == level]
    return []


def _least_trusted(spans: Sequence[_Span]) -> list[_Span]:
    """What counts as evidence of a statement that none of its quotes carries."""
    level = min(CAPS[view.trust] for view, _ in spans)
    return [(view, quote) for view, quote in spans if CAPS[view.trust] == level]


def _least(shown: Sequence[ObservationView]) -> float:
    """The highest confidence that the least trusted of what was shown can support."""
    return min(CAPS[view.trust] for view in shown)


def _occurs(quote: str, view: ObservationView) -> bool:
    return any(quote in (part or "") for part in (view.text, view.title, view.application))


def from_scale(mark: float) -> float:
    """A mark of 1 to 10 as the middle of its tenth: (mark - 0.5) / 10, so 0.05 to 0.95."""
    return (mark - 0.5) / 10
