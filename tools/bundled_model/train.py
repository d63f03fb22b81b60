"""Train the bundled model on composed dialogues, from random weights.

The run is resumable (a checkpoint after every chunk of batches), repeatable (each chunk of
dialogues follows from the seed and its number) and writes its curve to a JSONL file. Matrices
inside the layers are optimised by Muon (momentum with orthogonalised updates; Jordan et al.
2024), the rest by AdamW. Both learning rates stay level until the last third of the
run and then fall linearly to zero. Started again with more steps, a finished run goes on: the
rates rise to their level once more and fall at the new end.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
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

from idiolect.lm.bundled import MODEL_DIR
from tools.bundled_model.bank import load_style_messages, load_topics
from tools.bundled_model.compose import Composer, Dialogue
from tools.bundled_model.tokenizer import CONTEXT_TOKENS, END, PAD, ROLE_TOKENS

WORK_DIR = Path("build/bundled_model")
BATCH_TOKENS = 4096
BATCHES_PER_CHUNK = 8
MATRIX_LR = 0.01
OTHER_LR = 0.002
WARMUP_STEPS = 30
COOLDOWN_SHARE = 1 / 3
IGNORED = -100


@dataclass(frozen=True)
class Batch:
    """Token ids of some dialogues, padded on the right, and what is to be predicted.

    Both are int64 of shape (dialogues, tokens); `labels` is -100 outside the replies.
    """

    input_ids: torch.Tensor
    labels: torch.Tensor


def encode(dialogue: Dialogue, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """Give the token ids of a dialogue and its labels: each reply and the end of its turn."""
    vocabulary = tokenizer.get_vocab()
    ids: list[int] = []
    labels: list[int] = []
    for message in dialogue.messages:
        role = vocabulary[ROLE_TOKENS[message["role"]]]
        content = [*tokenizer.encode(message["content"], add_special_tokens=False), vocabulary[END]]
        is_reply = message["role"] == "assistant"
        ids += [role, *content]
        labels += [IGNORED, *(content if is_reply else [IGNORED] * len(content))]
    return ids, labels


def chunk_batches(
    composer: Composer, tokenizer: PreTrainedTokenizerBase, seed: int, chunk: int
) -> list[Batch]:
    """Compose the batches of one chunk; dialogues of similar length share a batch."""
    rng = random.Random(f"{seed}-{chunk}")
    examples: list[tuple[list[int], list[int]]] = []
    tokens = 0
    while tokens < BATCH_TOKENS * BATCHES_PER_CHUNK:
        example = encode(composer.draw(rng), tokenizer)
        examples.append(example)
        tokens += len(example[0])
    examples.sort(key=lambda example: len(example[0]))
    batches: list[Batch] = []
    group: list[tuple[list[int], list[int]]] = []
    filled = 0
    for example in examples:
        group.append(example)
        filled += len(example[0])
        if filled * BATCHES_PER_CHUNK >= tokens * (len(batches) + 1):
            batches.append(_pad(group, tokenizer.get_vocab()[PAD]))
            group = []
    rng.shuffle(batches)
    return batches


def reply_loss(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """Mean negative log-likelihood of the reply tokens, in nats; a scalar.

    Only positions that predict a reply token go through the vocabulary projection, which is a
    fifth of the model's work. Padding is on the right, so causal attention needs no mask.
    """
    hidden = model.model(input_ids=batch.input_ids, use_cache=False).last_hidden_state
    targets = batch.labels[:, 1:]
    predicts = targets != IGNORED
    logits = model.lm_head(hidden[:, :-1][predicts])
    return functional.cross_entropy(logits.float(), targets[predicts])


def new_model(tokenizer: PreTrainedTokenizerBase) -> LlamaForCausalLM:
    """Build the model with random weights; its shape is the one that ships."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=256,
        intermediate_size=688,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT_TOKENS,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)


def optimizers(model: LlamaForCausalLM) -> list[torch.optim.Optimizer]:
    """Give Muon for the layers' matrices, but queries and keys, and AdamW for everything else.

    Llama does not normalise queries and keys. Under Muon's full-rank updates their products grew
    until every head attended to a single token, and the model learned the replies by heart
    without reading the prompt.
    """
    matrices, others = [], []
    for name, parameter in model.named_parameters():
        is_matrix = parameter.ndim == 2 and ".layers." in name
        is_attention_score = "q_proj" in name or "k_proj" in name
        (matrices if is_matrix and not is_attention_score else others).append(parameter)
    return [
        torch.optim.Muon(matrices, lr=MATRIX_LR, weight_decay=0.1),
        torch.optim.AdamW(others, lr=OTHER_LR, betas=(0.9, 0.95), weight_decay=0.01),
    ]


def learning_rate_factor(step: int, steps: int) -> float:
    """Rise linearly over the warm-up, stay at 1, fall linearly to zero over the cooldown."""
    left = max(0.0, (steps - step) / (steps * COOLDOWN_SHARE))  # the last chunk may go beyond
    return min(1.0, (step + 1) / WARMUP_STEPS, left)


class Run:
    """One training run in a folder: the model, its optimisers, the step, the curve."""

    def __init__(self, directory: Path, steps: int, seed: int) -> None:
        self.directory, self.steps, self.seed, self.step = directory, steps, seed, 0
        directory.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(seed)
        self.tokenizer = AutoTokenizer.from_pretrained(MODEL_DIR)
        self.model = new_model(self.tokenizer)
        self.optimizers = optimizers(self.model)
        self.composer = Composer(load_topics(), load_style_messages(held_out=False))

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
            return
        state = torch.load(self.checkpoint_path, weights_only=True)
        if state["seed"] != self.seed or state["step"] > self.steps:
            raise SystemExit(
                f"{self.checkpoint_path} can't go on with this --steps and --seed; "
                "give another --work-dir or delete it."
            )
        self.step = state["step"]
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
            chunk = self.step // BATCHES_PER_CHUNK
            for batch in chunk_batches(self.composer, self.tokenizer, self.seed, chunk):
                started = time.perf_counter()
                loss = self._update(batch)
                tokens = batch.input_ids.numel()
                yield {
                    "step": self.step,
                    "loss_nats": round(loss, 4),
                    "tokens": tokens,
                    "tokens_per_s": round(tokens / (time.perf_counter() - started)),
                }
            self._save()

    def _update(self, batch: Batch) -> float:
        factor = learning_rate_factor(self.step, self.steps)
        for optimizer, base in zip(self.optimizers, (MATRIX_LR, OTHER_LR), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = base * factor
        # The weights stay in float32; bfloat16 products are 1.5 times as fast on two Zen 4 cores.
        with torch.autocast("cpu", torch.bfloat16):
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
            temperature=0.9,
            top_p=0.95,
            max_new_tokens=256,
            eos_token_id=self.tokenizer.eos_token_id,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        self.model.bfloat16().save_pretrained(directory)


def _pad(group: list[tuple[list[int], list[int]]], pad: int) -> Batch:
    width = max(len(ids) for ids, _ in group)
    return Batch(
        torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in group]),
        torch.tensor([labels + [IGNORED] * (width - len(labels)) for _, labels in group]),
    )


def main() -> None:
    """Train and publish; the tokenizer must have been trained before."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--steps", type=int, default=1552)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work-dir", type=Path, default=WORK_DIR)
    parser.add_argument("--output", type=Path, default=MODEL_DIR)
    arguments = parser.parse_args()
    run = Run(arguments.work_dir, arguments.steps, arguments.seed)
    run.resume()
    run.train()
    run.publish(arguments.output)
    Console().print(f"{run.step} steps; the model is in {arguments.output}")


if __name__ == "__main__":
    main()
