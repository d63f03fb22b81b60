"""A completion in OpenAI's form, at once or piece by piece."""

import json
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, format_sse_event

from idiolect.api.problems import problem_of
from idiolect.api.schemas.openai import CompletionIn
from idiolect.errors import IdiolectError
from idiolect.kit.ids import new_id
from idiolect.lm.protocols import Delta


@dataclass(frozen=True, slots=True)
class Completion:
    """A completion that has begun to be written."""

    id: str
    created: int
    model: str
    deltas: Iterator[Delta]

    def chunk(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        """One object of the answer."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }


@contextmanager
def opened(deltas: Iterator[Delta], model: str, now: datetime) -> Iterator[Completion]:
    """A completion whose first piece has come; it is given up when the block ends.

    A failure before the first piece is raised here, not told in a broken stream.
    """
    with ExitStack() as stack:
        if isinstance(deltas, Generator):
            stack.enter_context(closing(deltas))
        first = list(islice(deltas, 1))
        yield Completion(
            id=new_id("cmpl"),
            created=int(now.timestamp()),
            model=model,
            deltas=chain(first, deltas),
        )


def answer(asked: CompletionIn, completion: Completion) -> Response:
    """The response that the request asks for: streamed or whole."""
    if asked.stream:
        return EventSourceResponse(_stream(completion, asked.n))
    return JSONResponse(_whole(completion, asked.n))


def _whole(completion: Completion, n: int) -> dict[str, Any]:
    texts, reasons = [""] * n, ["stop"] * n
    for delta in completion.deltas:
        texts[delta.index] += delta.text
        reasons[delta.index] = delta.finish_reason or reasons[delta.index]
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", "content": text},
            "finish_reason": reason,
            "logprobs": None,
        }
        for index, (text, reason) in enumerate(zip(texts, reasons, strict=True))
    ]
    return completion.chunk("chat.completion", choices)


def _stream(completion: Completion, n: int) -> Iterator[bytes]:
    for index in range(n):
        yield _event(completion, index, {"role": "assistant", "content": ""}, None)
    try:
        for delta in completion.deltas:
            if delta.text:
                yield _event(completion, delta.index, {"content": delta.text}, None)
            if delta.finish_reason is not None:
                yield _event(completion, delta.index, {}, delta.finish_reason)
    except IdiolectError as error:
        problem = {"message": error.message, "code": error.reason_code, **problem_of(error)}
        yield format_sse_event(data_str=json.dumps({"error": problem}))
    yield format_sse_event(data_str="[DONE]")


def _event(
    completion: Completion, index: int, delta: dict[str, str], finish_reason: str | None
) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    return format_sse_event(
        data_str=json.dumps(completion.chunk("chat.completion.chunk", [choice]))
    )
