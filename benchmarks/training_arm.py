"""One training, in a process of its own: TRL's DPOTrainer or ours, on the same model and pairs.

Called by ``benchmarks.training`` with a JSON object; prints one. Words stand for token ids, so
that both sides read the same tokens without a tokenizer of their own in between.
"""

import contextlib
import json
import random
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, set_peft_model_state_dict
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

warnings.filterwarnings("ignore")
END = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is trained.

    Attributes:
        arm: ``trl``, ``trl-default``, ``trl-precomputed``, ``ours``, ``ours-cached`` or
            ``ours-together``.
        users: adapters to train in this process, each on pairs of its own; one after the other,
            or together.
        first_user: the number of the first one, which decides the pairs.
        pairs: of each user, or at most so many.
        fewest: at least so many, drawn for each user; 0 for ``pairs`` of everybody.
        warm: trains a little first, so that what a process does once belongs to no arm; without
            it, the process's whole CPU time counts, its start and imports included.
        prompt: tokens of each prompt.
        shortest, longest: tokens of each response.
        batch: pairs a step.
        epochs: over the pairs.
        vocabulary: of the model.
        width, layers: of the model.
        threads: of torch.
        device: ``cpu`` or ``cuda``.
    """

    arm: str
    users: int = 1
    first_user: int = 0
    pairs: int = 48
    fewest: int = 0
    warm: bool = True
    prompt: int = 64
    shortest: int = 32
    longest: int = 128
    batch: int = 8
    epochs: int = 1
    vocabulary: int = 8192
    width: int = 256
    layers: int = 4
    threads: int = 1
    device: str = "cpu"


Tokens = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def base_model(job: Job) -> LlamaForCausalLM:
    """A Llama with random weights; four heads to two of keys and values, tied embeddings."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=job.vocabulary,
        hidden_size=job.width,
        intermediate_size=int(job.width * 2.6875),
        num_hidden_layers=job.layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=END,
        pad_token_id=0,
    )
    model = LlamaForCausalLM(config)
    model.requires_grad_(False)
    return model.to(job.device)


def tokenizer(vocabulary: int) -> PreTrainedTokenizerFast:
    """The word ``w17`` is the token 17; 0, 1 and 2 are control tokens."""
    words = {f"w{token}": token for token in range(3, vocabulary)}
    words.update({"<pad>": 0, "<end>": END, "<unknown>": 2})
    inner = Tokenizer(models.WordLevel(words, unk_token="<unknown>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="<pad>",
        eos_token="<end>",
        chat_template="{% for message in messages %}{{ message['content'] }}<end>{% endfor %}",
    )


def pairs_of(job: Job, user: int) -> list[Tokens]:
    """Random prompts, each with two random responses that end; the same in every arm."""
    draw = random.Random(user)

    def words(count: int) -> tuple[int, ...]:
        return tuple(draw.randrange(3, job.vocabulary) for _ in range(count))

    return [
        (
            words(job.prompt),
            (*words(draw.randint(job.shortest, job.longest) - 1), END),
            (*words(draw.randint(job.shortest, job.longest) - 1), END),
        )
        for _ in range(draw.randint(job.fewest, job.pairs) if job.fewest else job.pairs)
    ]


def main() -> None:
    """Trains and reports."""
    job = Job(**json.loads(sys.argv[1]))
    torch.set_num_threads(job.threads)
    train = _trainer(job)
    data = [pairs_of(job, job.first_user + user) for user in range(job.users)]
    model = base_model(job)
    if job.warm:
        warming = replace(job, pairs=2, fewest=0, prompt=4, shortest=2, longest=4)
        train(model, [pairs_of(warming, 10**6)], [None])
    references = [_references(job, model, pairs) for pairs in data]
    before = _peak_mib(job)
    start, cpu_start = time.perf_counter(), time.process_time() if job.warm else 0.0
    losses = train(model, data, references)
    cpu, seconds = time.process_time() - cpu_start, time.perf_counter() - start
    tokens = job.epochs * sum(len(part) for pairs in data for pair in pairs for part in pair)
    print(
        json.dumps(
            {
                "job": asdict(job),
                "cpu_s": cpu,
                "wall_s": seconds,
                "tokens": tokens,
                "peak_mib": _peak_mib(job) - before,
                "losses": losses[0],
            }
        )
    )


Train = Callable[
    [LlamaForCausalLM, Sequence[list[Tokens]], Sequence[dict[str, Tensor] | None]],
    list[list[float]],
]
"""From a base, each user's pairs and their references, if known, to each user's losses."""


def _trainer(job: Job) -> Train:
    if job.arm == "ours-together":
        return _ours_together(job)
    train = _trl(job) if job.arm.startswith("trl") else _ours(job)
    return lambda model, data, references: [
        train(model, *given) for given in zip(data, references, strict=True)
    ]


def _references(job: Job, model: LlamaForCausalLM, pairs: list[Tokens]) -> dict[str, Tensor] | None:
    """The reference's log-probabilities, as they are kept once a pair was trained on."""
    if job.arm != "ours-cached":
        return None
    from idiolect.engine.log_probs import TokenSequence
    from idiolect.preference.policies.causal_lm import CausalLmPolicy, LoraShape, with_lora

    adapted = with_lora(model, LoraShape(rank=8, alpha=16), seed=1)
    policy = CausalLmPolicy(adapted, tokenizer(job.vocabulary), max_length_tokens=4096)
    samples = [TokenSequence(p, response) for p, c, r in pairs for response in (c, r)]
    policy.anchor(samples, ["reference"])
    adapted.model.unload()
    return policy.anchor_state()


def _peak_mib(job: Job) -> float:
    if job.device == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _trl(job: Job) -> Any:
    from datasets import Dataset
    from torch.utils.data import SequentialSampler
    from trl import DPOConfig, DPOTrainer

    class InOrder(DPOTrainer):  # type: ignore[misc]  # TRL has no types
        """So that both arms see the same batches."""

        def _get_train_sampler(self, *_: Any) -> SequentialSampler:
            return SequentialSampler(self.train_dataset)

    words = tokenizer(job.vocabulary)

    def text(tokens: tuple[int, ...]) -> str:
        return " ".join(f"w{token}" for token in tokens)

    def train(model: LlamaForCausalLM, pairs: list[Tokens], _: Any) -> list[float]:
        rows = [
            {"prompt": text(p), "chosen": " " + text(c[:-1]), "rejected": " " + text(r[:-1])}
            for p, c, r in pairs
        ]
        out = tempfile.mkdtemp()
        default = job.arm == "trl-default"
        config = DPOConfig(
            output_dir=out,
            per_device_train_batch_size=job.batch,
            num_train_epochs=job.epochs,
            learning_rate=1e-3,
            lr_scheduler_type="constant",
            max_grad_norm=1.0,
            beta=0.1,
            max_length=None,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            use_cpu=job.device == "cpu",
            precompute_ref_log_probs=job.arm == "trl-precomputed",
            bf16=default or job.device == "cuda",
            gradient_checkpointing=default,
        )
        with contextlib.redirect_stdout(sys.stderr):
            trainer = InOrder(
                model=model,
                args=config,
                train_dataset=Dataset.from_list(rows),
                processing_class=words,
                peft_config=LoraConfig(
                    r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"
                ),
            )
            set_peft_model_state_dict(trainer.model, _first_weights(job))
            trainer.train()
        trainer.model.unload()
        return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]

    return train


@lru_cache(maxsize=1)
def _first_weights(job: Job) -> dict[str, Tensor]:
    """The adapter that every arm starts from: rank 8 on all seven projections."""
    from idiolect.preference.policies.causal_lm import LoraShape, with_lora

    adapted = with_lora(base_model(job), LoraShape(rank=8, alpha=16), seed=1)
    return adapted.state_dict()


def _ours(job: Job) -> Any:
    from idiolect.preference.policies.causal_lm import CausalLmPolicy, LoraShape, with_lora

    words = tokenizer(job.vocabulary)

    def train(
        model: LlamaForCausalLM, pairs: list[Tokens], references: dict[str, Tensor] | None
    ) -> list[float]:
        adapted = with_lora(model, LoraShape(rank=8, alpha=16), seed=1)
        policy = CausalLmPolicy(adapted, words, max_length_tokens=4096)
        policy.load_anchor_state(references or {})
        history = _our_trainer(job, policy, pairs).run()
        adapted.model.unload()
        return [step.loss for step in history.steps]

    return train


def _ours_together(job: Job) -> Train:
    from idiolect.engine.stacked_lora import plan_stacks
    from idiolect.preference.policies.causal_lm import LoraShape
    from idiolect.preference.policies.stacked_lm import StackedLmPolicy
    from idiolect.preference.together import train_together

    words = tokenizer(job.vocabulary)
    alone = _ours(job)

    def train(
        model: LlamaForCausalLM,
        data: Sequence[list[Tokens]],
        _: Sequence[dict[str, Tensor] | None],
    ) -> list[list[float]]:
        losses: dict[int, list[float]] = {}
        for users in plan_stacks([_step_tokens(job, pairs) for pairs in data]):
            if len(users) == 1:
                losses[users[0]] = alone(model, data[users[0]], None)
                continue
            policy = StackedLmPolicy(
                model,
                words,
                LoraShape(rank=8, alpha=16),
                seeds=[1] * len(users),
                max_length_tokens=4096,
            )
            trainers = [
                _our_trainer(job, own, data[user])
                for own, user in zip(policy.users, users, strict=True)
            ]
            histories: Any = train_together(policy, trainers)
            policy.remove()
            for user, history in zip(users, histories, strict=True):
                losses[user] = [step.loss for step in history.steps]
        return [losses[user] for user in range(len(data))]

    return train


def _step_tokens(job: Job, pairs: list[Tokens]) -> int:
    """Tokens of a step with each prompt once."""
    return job.batch * sum(len(part) for pair in pairs for part in pair) // len(pairs)


def _our_trainer(job: Job, policy: Any, pairs: list[Tokens]) -> Any:
    from idiolect.preference.checkpoints import CheckpointFolder
    from idiolect.preference.loops.offline import OfflineLoop
    from idiolect.preference.optimization import Optimization
    from idiolect.preference.pairs import Pair
    from idiolect.preference.presets import objective
    from idiolect.preference.trainer import Trainer

    class InOrder(OfflineLoop):
        """So that both arms see the same batches."""

        def batch(self, step: int) -> tuple[int, ...]:
            start = step % -(-self.pairs // self.batch_size) * self.batch_size
            return tuple(range(start, min(start + self.batch_size, self.pairs)))

    return Trainer(
        policy,
        objective("dpo", beta=0.1),
        [
            Pair.under(p, *(" ".join(f"w{token}" for token in r[:-1]) for r in (c, r)))
            for p, c, r in pairs
        ],
        InOrder(pairs=len(pairs), batch_size=job.batch, epochs=job.epochs, seed=0),
        Optimization(
            learning_rate=1e-3,
            schedule="constant",
            warmup_share=0.0,
            checkpoint_every_steps=10**9,
        ),
        CheckpointFolder(Path(tempfile.mkdtemp())),
        fingerprint="benchmark",
    )


if __name__ == "__main__":
    main()
