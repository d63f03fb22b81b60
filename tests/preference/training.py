"""A small training that tests share: pairs that prefer capitals, on the tiny model."""

from collections.abc import Sequence
from pathlib import Path

from idiolect.engine.activations import activation_bytes
from idiolect.engine.log_probs import TokenSequence
from idiolect.preference.batches import Example
from idiolect.preference.checkpoints import CheckpointFolder
from idiolect.preference.early_stopping import EarlyStopping
from idiolect.preference.language import Spec, compose
from idiolect.preference.loops.offline import OfflineLoop
from idiolect.preference.optimization import Optimization
from idiolect.preference.pairs import Pair
from idiolect.preference.policies.causal_lm import (
    PASS_BYTES,
    CausalLmPolicy,
    LoraShape,
    with_lora,
)
from idiolect.preference.trainer import Trainer
from tests.tiny_model import tiny_llama, tiny_tokenizer

WORDS = ("soup", "bread", "leek", "rice", "plum", "salt", "corn", "bean")


def capital_pairs(count: int = 8) -> list[Pair]:
    """Pairs that say the same in capitals and in small letters; capitals are chosen."""
    return [
        Pair.under(
            [{"role": "user", "content": f"{WORDS[number % 8]} {number}"}],
            WORDS[number % 8].upper(),
            WORDS[number % 8],
            source="choice" if number % 2 else "import",
            id=f"pref_{number}",
        )
        for number in range(count)
    ]


SMALL_PASS = activation_bytes(tiny_llama(), 64)
"""Memory for a pass of a pair or two of ``capital_pairs``."""


def tiny_policy(dropout: float = 0.0, pass_bytes: int = PASS_BYTES) -> CausalLmPolicy:
    """The tiny model under a fresh adapter of rank 4."""
    model = with_lora(tiny_llama(), LoraShape(rank=4, alpha=8, dropout=dropout), seed=7)
    return CausalLmPolicy(model, tiny_tokenizer(), max_length_tokens=64, pass_bytes=pass_bytes)


def tiny_trainer(
    policy: CausalLmPolicy,
    folder: Path,
    *,
    pairs: Sequence[Example] | None = None,
    spec: Spec = "dpo",
    learning_rate: float = 1e-2,
    fingerprint: str = "run",
    batch_size: int = 2,
    held_out: Sequence[Example] = (),
    early_stopping: EarlyStopping | None = None,
    snapshots: bool = False,
) -> Trainer[TokenSequence]:
    """Two epochs of four steps on eight pairs, with a checkpoint every third step."""
    pairs = capital_pairs() if pairs is None else pairs
    return Trainer(
        policy,
        compose(spec),
        pairs,
        OfflineLoop(pairs=len(pairs), batch_size=batch_size, epochs=2, seed=3),
        Optimization(
            learning_rate=learning_rate,
            checkpoint_every_steps=3,
            seed=3,
        ),
        CheckpointFolder(folder, snapshots=snapshots),
        fingerprint=fingerprint,
        held_out=held_out,
        early_stopping=early_stopping,
    )
