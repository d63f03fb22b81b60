"""The family of language models: every member, and what it is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from idiolect.lm.endpoint import EndpointModel
from idiolect.lm.protocols import LanguageModel
from idiolect.lm.scripted import ScriptedModel


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What a language model may be made from; each kind takes what it needs.

    Attributes:
        name: a folder or Hugging Face name (``local``), a model's id (``endpoint``).
        base_url: the server's URL (``endpoint``).
        api_key: the server's key (``endpoint``).
        timeout_s: how long to wait for a reply's next piece (``endpoint``).
        device: ``cpu``, ``cuda``, ``cuda:N`` or ``auto`` (``bundled``, ``local``).
        threads: torch's processor threads, 0 for a good choice (``bundled``, ``local``).
    """

    name: str = ""
    base_url: str = ""
    api_key: str = ""
    timeout_s: float = 120.0
    device: str = "auto"
    threads: int = 0


def _bundled(options: ModelOptions) -> LanguageModel:
    from idiolect.lm.bundled import MODEL_DIR
    from idiolect.lm.local import LocalModel

    return LocalModel(MODEL_DIR, options.device, options.threads)


def _local(options: ModelOptions) -> LanguageModel:
    from idiolect.lm.local import LocalModel

    return LocalModel(options.name, options.device, options.threads)


def _endpoint(options: ModelOptions) -> LanguageModel:
    return EndpointModel(
        base_url=options.base_url,
        name=options.name,
        api_key=options.api_key,
        timeout_s=options.timeout_s,
    )


def _scripted(options: ModelOptions) -> LanguageModel:
    del options
    return ScriptedModel(lambda messages, _sampling: f"You said: {messages[-1].content}")


# Those that need torch import it when they are made: the API's process stays free of it.
LANGUAGE_MODELS: Mapping[str, Callable[[ModelOptions], LanguageModel]] = {
    "bundled": _bundled,
    "endpoint": _endpoint,
    "local": _local,
    "scripted": _scripted,
}
