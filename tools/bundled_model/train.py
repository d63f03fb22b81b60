"""Train the bundled model on composed dialogues, from random weights.

The run is resumable (a checkpoint after every chunk of batches), repeatable (each chunk of
dialogues follows from the seed and its number) and writes its curve to a JSONL file. Matrices
inside the layers are optimised by Muon (momentum with orthogonalised updates; Jordan et al.
2024), the rest by AdamW. The learning rates stay level until the last third of the
run and then fall linearly to zero. Started again with more steps, a finished run goes on: the
rates rise to their level once more and fall at the new end.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch.nn import functional
from transformers import (
    AutoTokenizer,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerBase,
)

from idiolect.engine.gemm import has_fast_bf16
from idiolect.lm.bundled import MODEL_DIR
from tools.bundled_model.bank import load_style_messages, load_topics
from tools.bundled_model.batches import IGNORED, Batch, chunk_batches
from tools.bundled_model.mixture import STAGES, Mixture, published_dialogues
from tools.bundled_model.muon import Muon
from tools.bundled_model.seeding import seed_copying
from tools.bundled_model.tokenizer import CONTEXT_TOKENS

WORK_DIR = Path("build/bundled_model")
PREDICTED_STEP = 256
"""Predicted tokens are rounded up to so many, as batches come in few shapes."""

LEARNING_RATES = {
    "matrices": 0.01,
    "copying": 0.0002,
    "scores": 0.002,
    "embedding": 0.001,
    "others": 0.002,
}
SEEDED = ("model.layers.0.", "model.layers.1.")
ROTARY_BASE = 100_000.0
WARMUP_STEPS = 30
COOLDOWN_SHARE = 1 / 3


def reply_loss(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """Mean negative log-likelihood of the reply tokens, in nats; a scalar.

    Only positions that predict a reply token go through the vocabulary projection, which is a
    fifth of the model's work. Padding is on the right, so causal attention needs no mask.
    """
    hidden = model.model(input_ids=batch.input_ids, use_cache=False).last_hidden_state[:, :-1]
    targets = batch.labels[:, 1:].flatten()
    # First what is to be predicted; a number that recurs spares the processor another kernel.
    order = (targets == IGNORED).to(torch.uint8).argsort(stable=True)
    wanted = int((targets != IGNORED).sum())
    kept = order[: math.ceil(wanted / PREDICTED_STEP) * PREDICTED_STEP]
    logits = model.lm_head(hidden.flatten(0, 1)[kept])
    return functional.cross_entropy(logits.float(), targets[kept], ignore_index=IGNORED)


def new_model(tokenizer: PreTrainedTokenizerBase, seed: int) -> LlamaForCausalLM:
    """Build the model with random weights and heads that copy; its shape is the one that ships."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=256,
        intermediate_size=688,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=CONTEXT_TOKENS,
        rope_theta=ROTARY_BASE,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    seed_copying(model, seed)
    return model


def optimizers(model: LlamaForCausalLM) -> list[torch.optim.Optimizer]:
    """Give Muon for the layers' matrices, but queries and keys, and AdamW for everything else.

    Llama does not normalize queries and keys. Under Muon's full-rank updates their products grew
    until every head attended to a single token, and the model learned the replies by heart
    without reading the prompt. The attention that copies is to be kept and learns most slowly.
    """
    groups: dict[str, list[torch.nn.Parameter]] = {name: [] for name in LEARNING_RATES}
    for name, parameter in model.named_parameters():
        groups[_group_of(name, parameter)].append(parameter)
    adamw = partial(torch.optim.AdamW, betas=(0.9, 0.95), weight_decay=0.01)
    return [
        (Muon if name == "matrices" else adamw)(groups[name], lr=rate)
        for name, rate in LEARNING_RATES.items()
    ]


def _group_of(name: str, parameter: torch.nn.Parameter) -> str:
    if parameter.ndim != 2:
        return "others"
    if ".layers." not in name:
        return "embedding"
    if ".self_attn." in name and name.startswith(SEEDED):
        return "copying"
    return "scores" if "q_proj" in name or "k_proj" in name else "matrices"


def learning_rate_factor(step: int, steps: int) -> float:
    """Rise linearly over the warm-up, stay at 1, fall linearly to zero over the cooldown."""
    left = max(0.0, (steps - step) / (steps * COOLDOWN_SHARE))  # the last chunk may go beyond
    return min(1.0, (step + 1) / WARMUP_STEPS, left)


class Run:
    """One training run in a folder: the model, its optimisers, the step, the curve."""

    def __init__(
        self, directory: Path, tokenizer: Path, steps: int, seed: int, *, start: Path | None = None
    ) -> None:
        self.directory, self.steps, self.seed = directory, steps, seed
        self.step = self.chunk = 0
        self.is_continued = start is not None
        directory.mkdir(parents=True, exist_ok=True)
        self.tokenizer = AutoTokenizer.from_pretrained(tokenizer)
        self.model = new_model(self.tokenizer, seed)
        if start is not None:
            self.model.load_state_dict(LlamaForCausalLM.from_pretrained(start).state_dict())
        self.optimizers = optimizers(self.model)
        self.mixture = Mixture(
            load_topics(),
            load_style_messages(held_out=False),
            published_dialogues(held_out=False),
        )

    @property
    def checkpoint_path(self) -> Path:
        """Where the run can be taken up again."""
        return self.directory / "checkpoint.pt"

    @property
    def curve_path(self) -> Path:
        """One JSON line a step: the step, its loss, its tokens, tokens a second."""
        return self.directory / "curve.jsonl"

    def resume(self) -> None:
        """Take up the last checkpoint, when there is one that this plan can go on from."""
        if not self.checkpoint_path.exists():
            self.curve_path.unlink(missing_ok=True)  # of a run that came to no checkpoint
            return
        state = torch.load(self.checkpoint_path, weights_only=True)
        if state["seed"] != self.seed or state["step"] > self.steps:
            raise SystemExit(
                f"{self.checkpoint_path} can't go on with this --steps and --seed; "
                "give another --work-dir or delete it."
            )
        self.step, self.chunk = state["step"], state["chunk"]
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        # Steps after the checkpoint run again, and would stand in the curve twice.
        lines = self.curve_path.read_text(encoding="utf-8").splitlines(keepends=True)
        self.curve_path.write_text("".join(lines[: self.step]), encoding="utf-8")

    def train(self) -> None:
        """Run to the last step, saving after every chunk."""
        for record in self._records():
            with self.curve_path.open("a", encoding="utf-8") as curve:
                curve.write(json.dumps(record) + "\n")

    def _records(self) -> Iterator[dict[str, Any]]:
        self.model.train()
        while self.step < self.steps:
            batches = chunk_batches(
                self.mixture,
                self.tokenizer,
                seed=self.seed,
                chunk=self.chunk,
                progress=self._progress(),
            )
            for batch in batches:
                started = time.perf_counter()
                loss = self._update(batch)
                tokens = batch.input_ids.numel()
                yield {
                    "step": self.step,
                    "loss_nats": round(loss, 4),
                    "tokens": tokens,
                    "tokens_per_s": round(tokens / (time.perf_counter() - started)),
                }
            self.chunk += 1
            self._save()

    def _progress(self) -> float:
        """How far the learning is; what goes on from weights begins with the last stage."""
        share = self.step / self.steps
        begun = STAGES[-2].until if self.is_continued else 0.0
        return begun + (1 - begun) * share

    def _update(self, batch: Batch) -> float:
        factor = learning_rate_factor(self.step, self.steps)
        for optimizer, base in zip(self.optimizers, LEARNING_RATES.values(), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = base * factor
        # The weights stay in float32. Where a processor multiplies bfloat16 itself, that is twice
        # as fast; where it does not, fifty times slower.
        with torch.autocast("cpu", torch.bfloat16, enabled=has_fast_bf16(self.model.device)):
            loss = reply_loss(self.model, batch)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        if not math.isfinite(loss.item()):
            raise SystemExit(f"The loss is not finite at step {self.step}; lower the rates.")
        return loss.item()

    def _save(self) -> None:
        state = {
            "step": self.step,
            "chunk": self.chunk,
            "steps": self.steps,
            "seed": self.seed,
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        unfinished = self.checkpoint_path.with_suffix(".tmp")
        torch.save(state, unfinished)
        unfinished.replace(self.checkpoint_path)

    def publish(self, directory: Path) -> None:
        """Write the model in bfloat16 where the platform loads it."""
        self.model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]  # it has no type
            do_sample=True,
            temperature=0.7,
            top_p=0.95,
            max_new_tokens=256,
            eos_token_id=self.tokenizer.eos_token_id,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        self.model.bfloat16().save_pretrained(directory)


def main() -> None:
    """Train and publish; the tokenizer must have been trained before."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work-dir", type=Path, default=WORK_DIR)
    parser.add_argument("--model-dir", type=Path, default=MODEL_DIR, help="has the tokenizer")
    parser.add_argument(
        "--start", type=Path, help="a folder with weights to go on from, with this tokenizer"
    )
    arguments = parser.parse_args()
    run = Run(
        arguments.work_dir,
        arguments.model_dir,
        arguments.steps,
        arguments.seed,
        start=arguments.start,
    )
    run.resume()
    run.train()
    run.publish(arguments.model_dir)
    Console().print(f"{run.step} steps; the model is in {arguments.model_dir}")


if __name__ == "__main__":
    main()
