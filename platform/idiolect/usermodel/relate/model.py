"""Relates statements by asking a language model, all pairs in one call."""

import json
from collections.abc import Sequence
from typing import get_args

import structlog
from pydantic import BaseModel

from idiolect.errors import StructuredOutputError
from idiolect.lm.protocols import ChatMessage, LanguageModel, Sampling
from idiolect.lm.structured import structured
from idiolect.usermodel.prompts import render
from idiolect.usermodel.relate.protocols import Label, Pair

_LOG = structlog.get_logger(__name__)

TOKENS_A_PAIR = 24
LABELS: dict[str, Label] = {label: label for label in get_args(Label)}


class RelationAnswer(BaseModel):
    """One label as the model gives it."""

    pair: int
    label: str


class RelateAnswer(BaseModel):
    """The model's whole answer."""

    relations: list[RelationAnswer]


class ModelRelater:
    """A ``Relater`` that asks a language model.

    A pair that the model leaves out or labels with an unknown word gets None, and so do all
    pairs when the answer is no usable JSON: the drafts are then kept as new, and none is lost.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    def relate(self, pairs: Sequence[Pair]) -> list[Label | None]:
        """See ``Relater.relate``.

        Raises:
            ModelError: the model could not be reached or failed.
        """
        if not pairs:
            return []
        lines = [
            json.dumps({"pair": number, "old": pair.old, "new": pair.new}, ensure_ascii=False)
            for number, pair in enumerate(pairs, start=1)
        ]
        prompt = render("relate", pairs="\n".join(lines))
        sampling = Sampling(max_tokens=128 + TOKENS_A_PAIR * len(pairs), temperature=0.0)
        try:
            answer = structured(self._model, [ChatMessage("user", prompt)], RelateAnswer, sampling)
        except StructuredOutputError:
            _LOG.warning("relations_unknown", model=self._model.name, pairs=len(pairs))
            return [None] * len(pairs)
        labels = {item.pair: LABELS.get(item.label.strip().casefold()) for item in answer.relations}
        return [labels.get(number) for number in range(1, len(pairs) + 1)]
