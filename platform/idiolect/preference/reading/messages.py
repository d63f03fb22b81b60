"""Conversations and replies in a row: plain texts, lists of messages, or token ids."""

from typing import Any

from idiolect.preference.pairs import Context, Messages
from idiolect.preference.reading.fields import FieldError, Fields, a, items, mapping, text

ROLES = ("system", "user", "assistant", "tool")


def context(fields: Fields) -> Context:
    """What ``prompt`` or ``context`` holds: a text is one user's message.

    Raises:
        FieldError: it cannot be used; as for every function here.
    """
    if "prompt" in fields and "context" in fields:
        raise FieldError(fields.at("context"), "stands beside a prompt; give one of them")
    return context_at(fields, "context" if "context" in fields else "prompt")


def context_at(fields: Fields, name: str) -> Context:
    """The conversation in a field."""
    value, at = fields[name], fields.at(name)
    if isinstance(value, str):
        return ({"role": "user", "content": text(value, at)},)
    if not isinstance(value, list):
        raise FieldError(at, f"is {a(value)}, not a text or a list of messages")
    if value and all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        return _token_ids(value, at)
    return messages(value, at)


def _token_ids(value: list[int], at: str) -> tuple[int, ...]:
    for place, token in enumerate(value):
        if token < 0:
            raise FieldError(f"{at}[{place}]", "is below 0, so no token's id")
    return tuple(value)


def messages(value: Any, at: str) -> Messages:
    """A conversation: ``role`` and ``content`` of each message."""
    return tuple(_message(one, f"{at}[{place}].") for place, one in enumerate(items(value, at)))


def _message(value: Any, path: str) -> dict[str, str]:
    fields = Fields(mapping(value, path.removesuffix(".")), path)
    role = fields.text("role")
    if role not in ROLES:
        raise FieldError(fields.at("role"), f"{role!r} is none of {', '.join(ROLES)}")
    content = text(fields["content"], fields.at("content"), may_be_empty=role != "user")
    for name in fields.names():
        if name not in ("role", "content") and fields[name] not in ([], {}):
            raise FieldError(fields.at(name), "cannot be learned from; give role and content")
    return {"role": role, "content": content}


def reply(fields: Fields, name: str, after: Context) -> str:
    """An assistant's reply: a text, or messages of which the conversation's may come first."""
    value = fields[name]
    if not isinstance(value, list):
        return fields.text(name)
    given = messages(value, fields.at(name))
    if given[: len(after)] == after:
        given = given[len(after) :]
    if len(given) != 1:
        raise FieldError(fields.at(name), f"has {len(given)} messages after the prompt, not one")
    return _spoken(given[0], fields.at(name))


def conversation(fields: Fields, name: str) -> tuple[Messages, str]:
    """A whole conversation as what came before its last reply, and that reply."""
    if not isinstance(fields[name], list):
        raise FieldError(fields.at("prompt"), "is missing")
    given = messages(fields[name], fields.at(name))
    if len(given) < 2:
        raise FieldError(fields.at(name), "has no message before its reply, and there is no prompt")
    return given[:-1], _spoken(given[-1], fields.at(name))


def _spoken(message: Any, at: str) -> str:
    if message["role"] != "assistant":
        raise FieldError(at, f"ends with the role {message['role']!r}, not with 'assistant'")
    return text(message["content"], at)
