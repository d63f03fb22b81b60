"""OpenAI's shapes, as far as Idiolect speaks them; what it does not know is passed over."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from idiolect.api.schemas.base import MAX_MESSAGE_CHARACTERS, Output, PlainText
from idiolect.lm.protocols import ChatMessage, Sampling

_DEFAULT = Sampling()
_ROLES = {"developer": "system"}


class CompletionMessage(BaseModel):
    """One message; content comes as a text or as parts of text."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "user", "assistant"]
    content: PlainText = Field(max_length=MAX_MESSAGE_CHARACTERS)

    @field_validator("role", mode="before")
    @classmethod
    def _today_s_name(cls, role: object) -> object:
        return _ROLES.get(role, role) if isinstance(role, str) else role

    @field_validator("content", mode="before")
    @classmethod
    def _joined(cls, content: object) -> object:
        if not isinstance(content, list):
            return content
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        if len(texts) != len(content) or not all(isinstance(text, str) for text in texts):
            raise ValueError("only parts of the type text can be read")
        return "".join(str(text) for text in texts)


class CompletionIn(BaseModel):
    """A request for a completion. Parameters that are not listed have no effect."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(max_length=200)
    messages: list[CompletionMessage] = Field(min_length=1, max_length=500)
    stream: bool = False
    n: int = Field(1, ge=1, le=8)
    temperature: float = Field(_DEFAULT.temperature, ge=0, le=2)
    top_p: float = Field(_DEFAULT.top_p, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1, le=8192)
    max_completion_tokens: int | None = Field(None, ge=1, le=8192)
    seed: int | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None

    @field_validator("messages")
    @classmethod
    def _asks(cls, messages: list[CompletionMessage]) -> list[CompletionMessage]:
        if messages[-1].role != "user":
            raise ValueError("the last message must be the user's")
        return messages

    def turns(self) -> list[ChatMessage]:
        """The messages as the model takes them."""
        return [ChatMessage(message.role, message.content) for message in self.messages]

    def sampling(self) -> Sampling:
        """How to draw the completion."""
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        return Sampling(
            max_tokens=self.max_completion_tokens or self.max_tokens or _DEFAULT.max_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            n=self.n,
            seed=self.seed,
            stop=stop,
        )


class ModelOut(Output):
    """A name that can be asked for."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelsOut(Output):
    """All names that this key can ask for."""

    object: Literal["list"] = "list"
    data: list[ModelOut]
