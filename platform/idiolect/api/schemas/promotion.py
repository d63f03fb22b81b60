"""Promotion of memories: to what, and what came of it."""

from typing import Literal

from idiolect.api.schemas.base import Input, Output
from idiolect.api.schemas.job import JobOut
from idiolect.api.schemas.memory import MemoryDetailOut
from idiolect.api.schemas.memory_act import UNTOLD, Reason


class MemoryPromotionIn(Input):
    """What is to come of what is known: keys and values (``kv``), or weights (``lora``).

    A vector that steers the model (``steering``) is refused with what to do in its place.
    """

    to: Literal["kv", "lora", "steering"] = "kv"
    reason: Reason = UNTOLD


class MemoryPromotionOut(Output):
    """The memory that was computed, or the training that was asked for."""

    to: Literal["kv", "lora"]
    memory: MemoryDetailOut | None
    job: JobOut | None
