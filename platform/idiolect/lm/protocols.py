"""What a language model, an embedder and a screen reader are, whoever provides them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn of a conversation."""

    role: Role
    content: str

    def as_dict(self) -> dict[str, str]:
        """The OpenAI form."""
        return {"role": self.role, "content": self.content}


@dataclass(frozen=True, slots=True)
class AdapterRef:
    """A LoRA adapter by its immutable name and the folder that holds its safetensors."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class PrefixRef:
    """Whose computed context prefixes may be used again, and one of theirs that lies in a file.

    Attributes:
        owner: a user; what was computed for one is never used for another.
        file: safetensors; None for what is in memory alone.
        sha256: of the file.
    """

    owner: str
    file: Path | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ComputedPrefix:
    """The keys and values of a context's first tokens, in a file.

    Attributes:
        tokens: how many.
        file: its name in the folder that was given.
        sha256: of the file.
        key: hash of the base, the adapter, the numerics and the token ids.
        base: hash of the base model.
        numerics: in what was computed.
    """

    tokens: int
    file: str
    sha256: str
    key: str
    base: str
    numerics: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. ``temperature`` 0 is greedy; ``n`` candidates in one call."""

    max_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 0.95
    n: int = 1
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply: which candidate, the new text, and at its end the reason it ended."""

    index: int
    text: str
    finish_reason: Literal["stop", "length"] | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A response's log-probability under a model, summed over its tokens, in nats."""

    log_prob: float
    tokens: int


class LanguageModel(Protocol):
    """A model that answers. One instance serves many threads."""

    @property
    def name(self) -> str:
        """What replies record as the model that wrote them."""
        ...

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        adapter: AdapterRef | None = None,
        json_schema: dict[str, object] | None = None,
        prefix: PrefixRef | None = None,
    ) -> Iterator[Delta]:
        """Writes ``sampling.n`` replies, piece by piece, interleaved by candidate.

        ``json_schema`` is passed on to servers that can constrain their output to it; others
        ignore it, so the caller validates. Closing the iterator stops the generation.

        A ``prefix`` lets the model use what it has computed before for the beginning of the
        context; it changes how long the first token takes, and no token. Others ignore it.

        Raises:
            ModelError: the model could not be reached or failed.
        """
        ...


class ScoringModel(LanguageModel, Protocol):
    """A model that can also tell how likely it holds a given response."""

    def score(
        self,
        messages: Sequence[ChatMessage],
        responses: Sequence[str],
        *,
        adapter: AdapterRef | None = None,
    ) -> list[Score]:
        """Log-probabilities of whole responses (end of turn included) under one context."""
        ...


class PrefixModel(Protocol):
    """A model that keeps what it has computed for the beginnings of contexts."""

    def revision(self) -> str:
        """The base model's content, as a hash."""
        ...

    def compute_prefix(
        self, head: str, owner: str, folder: Path, *, adapter: AdapterRef | None = None
    ) -> ComputedPrefix:
        """Computes the tokens with which a system message with this head begins, into a file.

        Args:
            head: the first paragraphs of the system message.
            owner: whose they are.
            folder: where the file is to lie.
            adapter: that is to act on the replies.

        Raises:
            InvalidInputError: it has too few tokens or too many (``PREFIX_TOO_SHORT``), or the
                adapter cannot be used.
            ConflictError: the model keeps no such thing.
        """
        ...

    def forget_prefixes(self, owner: str) -> None:
        """Drops from memory what was computed for an owner."""
        ...


class AdaptableModel(ScoringModel, PrefixModel, Protocol):
    """A model in this process that reads adapters by itself; what a model server needs."""

    def load_adapter(self, adapter: AdapterRef) -> object:
        """Makes an adapter ready, so that the first request that names it does not wait.

        Raises:
            InvalidInputError: it cannot be read or does not fit the model.
        """
        ...

    def unload_adapter(self, adapter: AdapterRef) -> None:
        """Forgets an adapter; replies that are being written keep it."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Names the vector space; vectors of different names are never compared."""
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector per text; an empty input gives an empty list."""
        ...


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line read from a screen: its text, confidence in [0, 1], and box in pixels."""

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float


class ScreenReader(Protocol):
    """Reads the text of an image (OCR or a vision model)."""

    @property
    def name(self) -> str:
        """What observations record as their reader."""
        ...

    def read(self, image: bytes) -> list[TextLine]:
        """The lines of a PNG or JPEG, in reading order.

        Raises:
            InvalidInputError: the bytes are not an image that can be decoded.
        """
        ...
