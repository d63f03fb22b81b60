"""A language model that says what it was told to: for tests, and for trying the page out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

from idiolect.errors import ModelError
from idiolect.lm.protocols import AdapterRef, ChatMessage, Delta, PrefixRef, Sampling

Reply = Callable[[Sequence[ChatMessage], Sampling], str]
"""Writes one reply; called once for each candidate."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the model was asked, as it was asked."""

    messages: tuple[ChatMessage, ...]
    sampling: Sampling
    adapter: AdapterRef | None
    json_schema: dict[str, object] | None
    prefix: PrefixRef | None = None


class ScriptedModel:
    """Answers with the next replies of a list, or with what a function writes.

    Every call is kept in ``calls``. A reply streams word by word, the candidates taking turns.

    Args:
        replies: the replies in order, one for each candidate asked for; or a function.
    """

    def __init__(self, replies: Sequence[str] | Reply, name: str = "scripted") -> None:
        self._script = replies if callable(replies) else _read_out(replies)
        self._name = name
        self._lock = Lock()
        self.calls: list[Call] = []

    @property
    def name(self) -> str:
        return self._name

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        adapter: AdapterRef | None = None,
        json_schema: dict[str, object] | None = None,
        prefix: PrefixRef | None = None,
    ) -> Iterator[Delta]:
        """See ``LanguageModel.stream``.

        Raises:
            ModelError: the list of replies is used up.
        """
        with self._lock:
            self.calls.append(Call(tuple(messages), sampling, adapter, json_schema, prefix))
            replies = [self._script(messages, sampling) for _ in range(sampling.n)]
        return _take_turns(replies)


def _read_out(replies: Sequence[str]) -> Reply:
    remaining = iter(replies)

    def next_reply(_messages: Sequence[ChatMessage], _sampling: Sampling) -> str:
        for reply in remaining:
            return reply
        raise ModelError(
            f"the script of {len(replies)} replies is used up",
            hint="Give the ScriptedModel one reply for each candidate of each call.",
        )

    return next_reply


def _take_turns(replies: Sequence[str]) -> Iterator[Delta]:
    pieces = [reply.split(" ") for reply in replies]
    for turn in range(max(map(len, pieces))):
        for index, words in enumerate(pieces):
            if turn < len(words):
                last = turn == len(words) - 1
                text = words[turn] if last else words[turn] + " "
                yield Delta(index, text, "stop" if last else None)
