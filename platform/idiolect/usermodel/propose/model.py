"""The proposer that asks a language model."""

import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from idiolect.lm.protocols import ChatMessage, LanguageModel, Sampling
from idiolect.lm.structured import structured
from idiolect.usermodel.confidence import cap
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
    prompt calls it material. What the model answers is checked: a quote that does not occur in
    its observation is dropped, a statement without a quote is dropped, and no statement is
    believed more than its sources allow.
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
        prompt = render(
            "propose", user_name=user_name, observations="\n".join(_lines(observations))
        )
        answer = structured(self._model, [ChatMessage("user", prompt)], ProposeAnswer, SAMPLING)
        drafts = {
            draft.text.casefold(): draft
            for item in answer.propositions
            if (draft := _draft(item, observations)) is not None
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


def _draft(item: PropositionAnswer, observations: Sequence[ObservationView]) -> Draft | None:
    text = " ".join(item.text.split())
    evidence: list[Evidence] = []
    sources: list[ObservationView] = []
    for span in item.evidence:
        if not 1 <= span.observation <= len(observations):
            continue
        view = observations[span.observation - 1]
        if span.quote.strip() and _occurs(span.quote, view):
            evidence.append(Evidence(view.id, span.quote))
            sources.append(view)
    if not text or not evidence:
        return None
    return Draft(
        text=text,
        reasoning=item.reasoning,
        confidence=min(from_scale(item.confidence), cap(view.trust for view in sources)),
        durability=from_scale(item.durability),
        evidence=tuple(dict.fromkeys(evidence)),
        valid_from=min(view.occurred_at for view in sources),
    )


def _occurs(quote: str, view: ObservationView) -> bool:
    return any(quote in (part or "") for part in (view.text, view.title, view.application))


def from_scale(mark: float) -> float:
    """A mark of 1 to 10 as the middle of its tenth: (mark - 0.5) / 10, so 0.05 to 0.95."""
    return (mark - 0.5) / 10
