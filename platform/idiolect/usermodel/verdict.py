"""The user's own word on a proposition, as its payload keeps it under ``verdict``.

=========  ==================================================
stated     they added it themself
corrected  it is in their own words, in place of others
confirmed  they rated it true
rejected   they rated it false
=========  ==================================================
"""

from collections.abc import Mapping
from typing import Any

from idiolect.store.models import Memory

RATED = frozenset({"confirmed", "rejected"})
"""The verdicts that a rating leaves, and that go when it is taken back."""


def is_settled(memory: Memory) -> bool:
    """Whether the user has said themself what holds; inference no longer changes it."""
    return "verdict" in memory.payload


def stated(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of what the user adds; one that says already whose it is stays as it is."""
    is_said = "author" in payload or "verdict" in payload
    return dict(payload) if is_said else {**payload, "verdict": "stated"}


def corrected(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of what the user put in their own words."""
    return {**payload, "verdict": "corrected"}
