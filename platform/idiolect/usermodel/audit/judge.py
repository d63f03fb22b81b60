"""The second pass: a language model judges the flows that no rule dropped, in one call.

A model can be talked into things by what it reads, so it can only make the rules' verdict stricter.
Its reasons are codes, and their sentences are ours: a sentence of its own would carry what it read
into the log.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from idiolect.errors import ModelError
from idiolect.lm.calls import take_call
from idiolect.lm.protocols import ChatMessage, LanguageModel, Sampling
from idiolect.lm.structured import complete, json_values
from idiolect.usermodel.audit.flow import DataType, Flow, Principle, Recipient, Sender, Subject
from idiolect.usermodel.audit.plain import without_invisible
from idiolect.usermodel.audit.policy import Verdict
from idiolect.usermodel.prompts import render
from idiolect.usermodel.propose.protocols import ObservationView

TEXT_LIMIT = 2000
"""Characters of one observation that the model is shown."""

TOKENS_EACH = 120
"""Of the answer, for one observation."""

# fmt: off
Code = Literal[
    "expected", "unsolicited", "instructs", "about others", "confidential", "intimate", "secret",
]
# fmt: on

REASONS: Mapping[Code, tuple[Verdict, str]] = {
    "expected": ("allow", "The model found nothing against it."),
    "unsolicited": ("quote", "The model took it for an advertisement or a trick."),
    "instructs": ("quote", "The model found that it gives the assistant orders."),
    "about others": ("quote", "The model found that it is about other people."),
    "confidential": ("drop", "The model found that it was told in confidence."),
    "intimate": ("drop", "The model found it too intimate to learn from."),
    "secret": ("drop", "The model found that it holds a secret."),
}
NOT_JUDGED = "The model gave no usable answer for it, so it was left out."
ADVISED_AGAINST = "The model advised against learning from it."


@dataclass(frozen=True, slots=True)
class Asked:
    """One observation that is put before the judge, with what is known of its flow."""

    view: ObservationView
    flow: Flow


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the judge says of one observation."""

    verdict: Verdict
    reason: str
    flow: Flow = field(default_factory=Flow)


class Judge(Protocol):
    """Judges flows that the rules let pass."""

    @property
    def name(self) -> str:
        """What the log records as its author."""
        ...

    def judge(self, asked: Sequence[Asked], *, user_name: str) -> list[Judgment]:
        """One judgment for each, in their order; what an answer does not judge is a drop.

        Raises:
            ModelError: there is no answer.
        """
        ...


class FlowAnswer(BaseModel):
    """What a model answers about one observation."""

    model_config = ConfigDict(extra="forbid")

    observation: int = Field(strict=True)
    sender: Sender
    subject: Subject
    recipient: Recipient
    data_type: DataType
    principle: Principle
    allow: bool = Field(strict=True)
    reason: Code


class AuditAnswer(BaseModel):
    """A model's whole answer."""

    decisions: list[FlowAnswer]


class ModelJudge:
    """A ``Judge`` that asks a language model once for a whole batch.

    There is no second round when the answer does not fit: a batch has few calls, and what is not
    judged is dropped.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """``model:`` and the name of the language model."""
        return f"model:{self._model.name}"

    def judge(self, asked: Sequence[Asked], *, user_name: str) -> list[Judgment]:
        """See ``Judge.judge``.

        Raises:
            ModelError: the model could not be reached or failed, or no call was left for it.
        """
        if not asked:
            return []
        if not take_call():
            raise ModelError(f"no call is left to ask {self._model.name} about a batch")
        [answer] = complete(
            self._model,
            [ChatMessage("user", prompt_of(asked, user_name))],
            Sampling(max_tokens=100 + TOKENS_EACH * len(asked), temperature=0.0),
            json_schema=AuditAnswer.model_json_schema(),
        )
        return parse(answer, len(asked))


def prompt_of(asked: Sequence[Asked], user_name: str) -> str:
    """The prompt, with one observation on each line between the delimiters.

    A line is one JSON string-valued object without an angle bracket or an invisible character, so
    nothing in it can end the line or the delimited part.
    """
    lines = "\n".join(_line(number, one) for number, one in enumerate(asked, start=1))
    return render("audit", user_name=user_name, observations=lines)


def _line(number: int, asked: Asked) -> str:
    view, flow = asked.view, asked.flow
    known = {
        name: getattr(flow, name) for name in flow.__slots__ if getattr(flow, name) != "unknown"
    }
    shown = {
        "observation": number,
        "known": known,
        "application": view.application,
        "title": view.title,
        "text": view.text[:TEXT_LIMIT],
    }
    line = json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    return " ".join(without_invisible(line).splitlines())


def parse(answer: str, count: int) -> list[Judgment]:
    """Judgments for observations 1 to ``count`` from a model's answer.

    Each entry is read by itself: one that does not fit, comes twice or does not come at all is a
    drop, and the others stand.
    """
    entries: dict[int, list[FlowAnswer | None]] = {}
    for raw in _entries(answer):
        number = raw.get("observation")
        if isinstance(number, int):
            entries.setdefault(number, []).append(_valid(raw))
    return [_judgment(entries.get(number, [])) for number in range(1, count + 1)]


def _entries(answer: str) -> list[Mapping[str, object]]:
    """Those of the one JSON object that has some.

    Of two, one may have been copied from what an observation says, so neither is believed.
    """
    found = [
        value["decisions"]
        for value in json_values(answer)
        if isinstance(value, dict) and isinstance(value.get("decisions"), list)
    ]
    return [entry for entry in found[0] if isinstance(entry, dict)] if len(found) == 1 else []


def _valid(raw: Mapping[str, object]) -> FlowAnswer | None:
    try:
        return FlowAnswer.model_validate(raw)
    except ValidationError:
        return None


def _judgment(entries: Sequence[FlowAnswer | None]) -> Judgment:
    if len(entries) != 1 or (entry := entries[0]) is None:
        return Judgment("drop", NOT_JUDGED)
    verdict, reason = REASONS[entry.reason]
    flow = Flow(entry.sender, entry.subject, entry.recipient, entry.data_type, entry.principle)
    if entry.allow or verdict == "drop":
        return Judgment(verdict, reason, flow)
    return Judgment("drop", ADVISED_AGAINST, flow)
