"""The frozen model under the adapters: loaded to train and to score, named by its content."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoConfig, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from idiolect.engine.fast_layers import use_fast_layers
from idiolect.engine.gemm import has_fast_bf16
from idiolect.engine.loading import Precision, load_model, revision
from idiolect.errors import NotReadyError


@dataclass(frozen=True, slots=True)
class Base:
    """A loaded base model.

    Attributes:
        name: the folder or Hugging Face name that it was asked for by.
        hash: SHA-256 over its weights, configuration and tokenizer.
        context_tokens: how many tokens a conversation may have.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    hash: str
    context_tokens: int


def load_base(base: Path | str, device: str = "cpu", precision: Precision = "auto") -> Base:
    """Loads a model and hashes its files.

    Its layers are the fast ones, which read many tokens at once; a model that writes replies goes
    without them, since token by token they cost more than they save.

    Args:
        base: a folder, or a Hugging Face name.
        device: ``cpu``, ``cuda``, ``cuda:N``, or ``auto`` for a GPU if there is one.
        precision: on a CPU, bfloat16 is that of the products; the weights stay float32.

    Raises:
        NotReadyError: it cannot be found or read, or the processor has no bfloat16.
        InvalidInputError: it is not a chat model.
    """
    loaded = load_model(base, device, precision)
    bf16 = precision == "bfloat16" and loaded.model.dtype == torch.float32
    if bf16 and not has_fast_bf16(loaded.model.device):
        raise NotReadyError(
            "this processor does not multiply bfloat16 itself",
            hint='Set precision = "float32" in the recipe.',
        )
    use_fast_layers(loaded.model, bf16=bf16)
    return Base(
        model=loaded.model,
        tokenizer=loaded.tokenizer,
        name=str(base),
        hash=revision(base),
        context_tokens=loaded.context_tokens,
    )


def load_tokenizer(base: Path | str) -> tuple[PreTrainedTokenizerBase, int]:
    """A model's tokenizer and how many tokens a conversation may have, without its weights.

    Raises:
        NotReadyError: it cannot be found or read.
    """
    try:
        config = AutoConfig.from_pretrained(base).get_text_config()
        return AutoTokenizer.from_pretrained(base), int(config.max_position_embeddings)
    except (OSError, ValueError) as error:
        raise NotReadyError(
            f"the model {base} cannot be loaded: {error}",
            hint="Name a folder with a Hugging Face model, or check the name and the network.",
        ) from error


@contextmanager
def cpu_threads(threads: int) -> Iterator[None]:
    """Computes with this many threads: the last bits of a sum depend on how it is split."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
