"""Loading a causal language model and its tokenizer, once for each use."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as hf_logging
from transformers.utils.hub import cached_file

from idiolect.engine.chat import end_of_turn
from idiolect.errors import NotReadyError
from idiolect.kit.hashing import sha256_file

_CONTENT = ("*.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json", "*.jinja")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A frozen model with its tokenizer.

    Attributes:
        end_tokens: the tokens that end a reply.
        context_tokens: how many tokens a conversation and its reply may have together.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    end_tokens: frozenset[int]
    context_tokens: int


Precision = Literal["auto", "float32", "bfloat16"]
"""What a model computes in: float32 on a CPU and bfloat16 elsewhere, or one of them anyhow."""


def load_model(
    source: Path | str, device: str = "auto", precision: Precision = "auto"
) -> LoadedModel:
    """Loads a folder, or a Hugging Face name, which is fetched if it is not there yet.

    On a CPU the weights are float32, also where their products are to be made in bfloat16
    (``fast_layers``). None of them takes a gradient.

    Args:
        source: a folder, or a name such as ``Qwen/Qwen3-0.6B``.
        device: ``cpu``, ``cuda``, ``cuda:N``, or ``auto`` for a GPU if there is one.
        precision: of the weights on a GPU.

    Raises:
        NotReadyError: it cannot be found or read.
        InvalidInputError: it is not a chat model.
    """
    hf_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped upstream
    place = choose_device(device)
    is_float32 = place.type == "cpu" or precision == "float32"
    dtype = torch.float32 if is_float32 else torch.bfloat16
    try:
        model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype)
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise NotReadyError(
            f"the model {source} cannot be loaded: {error}",
            hint="Name a folder with a Hugging Face model, or check the name and the network.",
        ) from error
    model.requires_grad_(False)
    nn.Module.to(model, place)
    nn.Module.eval(model)
    return LoadedModel(
        model=model,
        tokenizer=tokenizer,
        end_tokens=frozenset({end_of_turn(tokenizer), *_listed_end_tokens(model)}),
        context_tokens=model.config.get_text_config().max_position_embeddings,
    )


def revision(source: Path | str) -> str:
    """SHA-256 over a model's weights, configuration and tokenizer.

    Args:
        source: a folder, or a Hugging Face name that was loaded before.
    """
    if Path(source).is_dir():
        folder = Path(source)
    else:
        folder = Path(str(cached_file(str(source), "config.json"))).parent
    files = sorted({file for pattern in _CONTENT for file in folder.glob(pattern)})
    lines = (f"{sha256_file(file)}  {file.name}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def choose_device(device: str) -> torch.device:
    """The device that a setting names; ``auto`` is a GPU if there is one.

    Raises:
        NotReadyError: a GPU is asked for and there is none.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise NotReadyError("torch finds no GPU", hint="Set IDIOLECT_TRAINING__DEVICE=cpu.")
    return torch.device(device)


def _listed_end_tokens(model: PreTrainedModel) -> list[int]:
    config = model.generation_config
    listed = config.eos_token_id if config is not None else None
    if listed is None:
        return []
    return [listed] if isinstance(listed, int) else list(listed)
