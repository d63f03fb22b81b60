"""What was found for a question, put in order by a language model that reads all of it at once."""

import json
from collections.abc import Sequence
from typing import Protocol

import structlog

from idiolect.errors import InvalidInputError, ModelError
from idiolect.lm.protocols import ChatMessage, LanguageModel, Sampling
from idiolect.lm.structured import complete, json_values
from idiolect.usermodel.audit.plain import without_invisible
from idiolect.usermodel.prompts import render
from idiolect.usermodel.retrieve import Retrieved

log = structlog.get_logger(__name__)

RERANKED = 20
"""How many of the best candidates are read; what lies behind them keeps its place."""

QUESTION_CHARACTERS = 500
STATEMENT_CHARACTERS = 300
CHARACTERS = 6000
"""Of the question, of one statement, and of all statements; longer ones are cut for the model."""

TOKENS_A_NUMBER = 5
"""Of the answer."""


class Reranker(Protocol):
    """Puts what was found for a question in another order."""

    def rank(self, question: str, found: Sequence[Retrieved]) -> list[Retrieved]:
        """All of what was found, the most helpful first; on any failure as it came."""
        ...


class ModelReranker:
    """A ``Reranker`` that asks a language model once, for all candidates together.

    An answer that is not every number exactly once leaves the order as it was, and so does a model
    that does not answer. The statements are quoted: at worst they come in another order.

    Args:
        model: is asked; it must be able to follow an instruction over some hundred words, which
            the bundled one is not.
        hosted: whether somebody else runs the model; such a one is not shown what the user rated
            private, which keeps its place.
    """

    def __init__(self, model: LanguageModel, *, hosted: bool = True) -> None:
        self._model = model
        self._hosted = hosted

    def rank(self, question: str, found: Sequence[Retrieved]) -> list[Retrieved]:
        """See ``Reranker.rank``."""
        places = self._shown(found)
        if len(places) < 2:
            return list(found)
        prompt = prompt_of(question, [found[place].memory.text or "" for place in places])
        sampling = Sampling(max_tokens=32 + TOKENS_A_NUMBER * len(places), temperature=0.0)
        try:
            [answer] = complete(self._model, [ChatMessage("user", prompt)], sampling)
        except (ModelError, InvalidInputError) as error:
            log.warning("search.not_reranked", why=error.reason_code)
            return list(found)
        order = parse(answer, len(places))
        if order is None:
            log.warning("search.not_reranked", why="UNUSABLE_ANSWER")
            return list(found)
        ranked = list(found)
        for place, number in zip(places, order, strict=True):
            ranked[place] = found[places[number]]
        return ranked

    def _shown(self, found: Sequence[Retrieved]) -> list[int]:
        """The places of the candidates that the model may read and has room for."""
        places: list[int] = []
        room = CHARACTERS
        for place, each in enumerate(found[:RERANKED]):
            if self._hosted and each.belief.private:
                continue
            room -= min(len(each.memory.text or ""), STATEMENT_CHARACTERS)
            if room < 0:
                break
            places.append(place)
        return places


def prompt_of(question: str, statements: Sequence[str]) -> str:
    """The prompt, with each statement as JSON on a line of its own, numbered from 1."""
    lines = (
        _line({"number": number, "statement": _cut(text, STATEMENT_CHARACTERS)})
        for number, text in enumerate(statements, start=1)
    )
    asked = _line({"question": _cut(question, QUESTION_CHARACTERS)})
    return render("rerank", question=asked, statements="\n".join(lines))


def parse(answer: str, count: int) -> list[int] | None:
    """The places 0 to ``count`` - 1 in the order that an answer gives; None if it gives none.

    Of two answers one may have been copied from a statement, so neither is believed.
    """
    orders = [
        value["order"]
        for value in json_values(answer)
        if isinstance(value, dict) and isinstance(value.get("order"), list)
    ]
    if len(orders) != 1 or not all(type(number) is int for number in orders[0]):
        return None
    places = [number - 1 for number in orders[0]]
    return places if sorted(places) == list(range(count)) else None


def _cut(text: str, characters: int) -> str:
    words = " ".join(without_invisible(text).split())
    return words if len(words) <= characters else f"{words[: characters - 1]}…"


def _line(value: dict[str, object]) -> str:
    """JSON without angle brackets, so that nothing in it reads as a template's control token."""
    line = json.dumps(value, ensure_ascii=False)
    return line.replace("<", "\\u003c").replace(">", "\\u003e")
