"""A computed prefix as a file: safetensors under a key that says what it was computed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from idiolect.engine.prefixes import BLOCK_TOKENS, Block
from idiolect.errors import InvalidInputError
from idiolect.kit.hashing import sha256_file, sha256_json

FILE = "prefix.safetensors"
FORMAT = "idiolect-prefix-1"
"""Part of the key, so that a file of another format is not taken for one of this."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What keys and values depend on beside the tokens.

    Attributes:
        base: hash of the base model; see ``engine.loading.revision``.
        adapter: hash of the adapter's weights; empty without one.
        numerics: in what the model computes; see ``engine.generation.numerics``.
    """

    base: str
    adapter: str
    numerics: str

    def key(self, tokens: Sequence[int]) -> str:
        """Names what is computed for these tokens."""
        return sha256_json([FORMAT, self.base, self.adapter, self.numerics, list(tokens)])


def write_prefix(
    folder: Path, origin: Origin, tokens: Sequence[int], blocks: Sequence[Block]
) -> Path:
    """Writes the blocks of these tokens into a folder that is there; gives the file.

    Args:
        tokens: as many as the blocks have.
    """
    tensors: dict[str, Tensor] = {"tokens": torch.tensor(list(tokens), dtype=torch.int64)}
    for layer in range(len(blocks[0].layers)):
        keys, values = zip(*(block.layers[layer] for block in blocks), strict=True)
        tensors[f"keys.{layer}"] = torch.cat(keys, dim=-2).cpu().contiguous()
        tensors[f"values.{layer}"] = torch.cat(values, dim=-2).cpu().contiguous()
    file = folder / FILE
    # One field alone: safetensors writes several in any order, and equal content is to be one blob.
    save_file(tensors, file, metadata={"key": origin.key(tokens)})
    return file


def read_tokens(file: Path, sha256: str) -> tuple[int, ...]:
    """The tokens of a prefix.

    Raises:
        InvalidInputError: the file is not there, or is not what was written.
    """
    try:
        if sha256_file(file) != sha256:
            raise _unusable("it was changed")
        with safe_open(file, framework="pt") as opened:
            return tuple(opened.get_tensor("tokens").tolist())
    except (OSError, SafetensorError) as error:
        raise _unusable(f"it cannot be read ({type(error).__name__})") from error


def read_blocks(file: Path, sha256: str, origin: Origin, device: torch.device) -> list[Block]:
    """The blocks of a prefix, for a model on this device.

    Raises:
        InvalidInputError: the file is not there, is not what was written, or was computed from
            something else.
    """
    tokens = read_tokens(file, sha256)
    try:
        with safe_open(file, framework="pt") as opened:
            written_for = (opened.metadata() or {}).get("key")
        if written_for != origin.key(tokens):
            raise _unusable("another base model, adapter or processor computed it")
        tensors = load_file(file, device=str(device))
    except (OSError, SafetensorError) as error:
        raise _unusable(f"it cannot be read ({type(error).__name__})") from error
    layers = range(len(tensors) // 2)  # keys and values of each, and the tokens
    loaded = [(tensors[f"keys.{layer}"], tensors[f"values.{layer}"]) for layer in layers]
    return [
        Block(
            tuple(
                (_part(keys, start).contiguous(), _part(values, start).contiguous())
                for keys, values in loaded
            )
        )
        for start in range(0, len(tokens), BLOCK_TOKENS)
    ]


def _part(tensor: Tensor, start: int) -> Tensor:
    return tensor[:, :, start : start + BLOCK_TOKENS]


def _unusable(why: str) -> InvalidInputError:
    return InvalidInputError(
        f"the computed prefix cannot be used: {why}",
        hint="Promote it again with `idiolect memories promote`.",
        code="PREFIX_UNUSABLE",
    )
