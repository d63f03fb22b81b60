"""From a raw item to an observation, or to a refusal with a stable code."""

from datetime import datetime

from pydantic import ValidationError

from idiolect.errors import InvalidInputError
from idiolect.observe.wire import EARLIEST_YEAR, ObservationIn, latest_moment

_CODE_BY_TYPE = {
    "missing": "MISSING_FIELD",
    "extra_forbidden": "UNKNOWN_FIELD",
    "model_type": "NOT_AN_OBJECT",
    "literal_error": "UNKNOWN_VALUE",
    "observation_empty": "EMPTY_OBSERVATION",
    "image_too_large": "IMAGE_TOO_LARGE",
    "image_misplaced": "INVALID_IMAGE",
    "image_encoding": "INVALID_IMAGE",
    "image_format": "INVALID_IMAGE",
}
_CODE_BY_FIELD = {
    ("occurred_at", None): "INVALID_TIME",
    ("text", "string_too_long"): "TEXT_TOO_LONG",
    ("image_base64", None): "INVALID_IMAGE",
}

HINTS = {
    "MISSING_FIELD": "Add the field and send the item again.",
    "UNKNOWN_FIELD": "Remove the field, or correct its spelling.",
    "NOT_AN_OBJECT": "Each item is a JSON object; see the API's schema of an observation.",
    "UNKNOWN_VALUE": "Use one of the values named in the message.",
    "EMPTY_OBSERVATION": "Give it a text, a title, an application or an image that shows text.",
    "IMAGE_TOO_LARGE": "Send an image of at most 10 MB.",
    "INVALID_IMAGE": "Send the whole PNG or JPEG of a screen as base64, without text beside it.",
    "INVALID_TIME": "Send an RFC 3339 time with its zone, such as 2026-03-02T09:30:00Z, that is "
    "not before 1990 nor more than a day ahead (a year for calendar entries).",
    "TEXT_TOO_LONG": "Split the text into parts of at most 200,000 characters.",
    "INVALID_FIELD": "Correct the named field and send the item again.",
}


def parse_observation(raw: object, now: datetime) -> ObservationIn:
    """Reads one item of a batch.

    Raises:
        InvalidInputError: it cannot be used; its code is one of ``HINTS``.
    """
    try:
        item = ObservationIn.model_validate(raw)
    except ValidationError as error:
        # Neither the input nor its context goes into the message: it may hold what must not leak.
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "item"
        raise _refusal(_code_of(field, first["type"]), f"{field}: {first['msg']}") from error
    if not (
        item.occurred_at.year >= EARLIEST_YEAR and item.occurred_at <= latest_moment(item.kind, now)
    ):
        raise _refusal("INVALID_TIME", f"occurred_at: {item.occurred_at.isoformat()} cannot be")
    return item


def _code_of(field: str, error_type: str) -> str:
    return (
        _CODE_BY_TYPE.get(error_type)
        or _CODE_BY_FIELD.get((field, error_type))
        or _CODE_BY_FIELD.get((field, None))
        or "INVALID_FIELD"
    )


def _refusal(code: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, code=code, hint=HINTS[code])
