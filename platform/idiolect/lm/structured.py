"""Whole replies, and replies that a pydantic model has validated."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from idiolect.errors import StructuredOutputError
from idiolect.lm.calls import take_call
from idiolect.lm.protocols import AdapterRef, ChatMessage, LanguageModel, Sampling

T = TypeVar("T", bound=BaseModel)

_REPAIR = """That answer cannot be used:
{problems}

Answer again with one JSON value that fits this JSON schema, and nothing else:
{schema}"""


def complete(
    model: LanguageModel,
    messages: Sequence[ChatMessage],
    sampling: Sampling,
    *,
    adapter: AdapterRef | None = None,
    json_schema: dict[str, object] | None = None,
) -> list[str]:
    """The whole texts of ``sampling.n`` replies, in the order of the candidates."""
    replies = [""] * sampling.n
    for delta in model.stream(messages, sampling, adapter=adapter, json_schema=json_schema):
        replies[delta.index] += delta.text
    return replies


def structured(
    model: LanguageModel, messages: Sequence[ChatMessage], schema: type[T], sampling: Sampling
) -> T:
    """A reply as an instance of a pydantic model.

    The JSON may stand in prose or in a code fence: the first JSON value of the reply that fits
    the schema is taken. When none fits, the model is shown what is wrong with its answer and
    asked once more, if a call is left for it; see ``calls``.

    Args:
        messages: must themselves ask for JSON, since not every server constrains its output.
        sampling: ``n`` is taken as 1.

    Raises:
        StructuredOutputError: the last answer did not fit, or no call was left for the first.
        ModelError: the model failed.
    """
    sampling = replace(sampling, n=1)
    json_schema = schema.model_json_schema()
    if not take_call():
        raise StructuredOutputError(f"no call is left to ask {model.name} for a {schema.__name__}")
    [answer] = complete(model, messages, sampling, json_schema=json_schema)
    value, problems = _parse(answer, schema)
    if value is None and take_call():
        repair = _REPAIR.format(problems=problems, schema=json.dumps(json_schema))
        again = [*messages, ChatMessage("assistant", answer), ChatMessage("user", repair)]
        [answer] = complete(model, again, sampling, json_schema=json_schema)
        value, problems = _parse(answer, schema)
    if value is not None:
        return value
    raise StructuredOutputError(f"{model.name} did not give a {schema.__name__}: {problems}")


def _parse(answer: str, schema: type[T]) -> tuple[T | None, str]:
    problems = "there is no JSON value in it"
    for number, candidate in enumerate(json_values(answer)):
        try:
            return schema.model_validate(candidate), ""
        except ValidationError as error:
            if number == 0:
                problems = _describe(error)
    return None, problems


def json_values(text: str) -> Iterator[object]:
    """The JSON objects and lists that stand in a text, from left to right, the outermost ones."""
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text):
        if text[position] in "{[":
            try:
                value, position = decoder.raw_decode(text, position)
            except json.JSONDecodeError:
                position += 1
            else:
                yield value
        else:
            position += 1


def _describe(error: ValidationError) -> str:
    # Without the input: the text of a StructuredOutputError reaches logs and job rows.
    return "\n".join(
        f"- {'.'.join(map(str, problem['loc'])) or 'the whole value'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    )
