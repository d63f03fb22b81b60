"""Train the byte-level BPE tokenizer of the bundled model and write it with its chat template."""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from idiolect.lm.bundled import MODEL_DIR
from tools.bundled_model.bank import load_style_messages, load_topics
from tools.bundled_model.mixture import Mixture, published_dialogues

VOCABULARY_SIZE = 8192
CONTEXT_TOKENS = 1024
PAD, END = "<|pad|>", "<|end|>"
ROLE_TOKENS = {"system": "<|system|>", "user": "<|user|>", "assistant": "<|assistant|>"}
SPECIAL_TOKENS = [PAD, END, *ROLE_TOKENS.values()]

# A turn is its role token, its content, and the end token; nothing stands between turns.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def train_tokenizer(texts: Iterator[str]) -> PreTrainedTokenizerFast:
    """Learn the merges from texts; every byte has a token, so every text can be written."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers has no type
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=list(ROLE_TOKENS.values()),
        chat_template=CHAT_TEMPLATE,
        model_max_length=CONTEXT_TOKENS,
        clean_up_tokenization_spaces=False,
    )


def corpus(seed: int = 0, lessons: int = 30_000) -> Iterator[str]:
    """Give the texts that the tokenizer learns from: lessons of all stages."""
    mixture = Mixture(
        load_topics(), load_style_messages(held_out=False), published_dialogues(held_out=False)
    )
    rng = random.Random(seed)
    for _ in range(lessons):
        for message in mixture.draw(rng, rng.random()).messages:
            yield message["content"]


def _name_class_for_every_version(path: Path) -> None:
    # Transformers 5 writes names that version 4, which vLLM may bring, does not know; both know
    # these.
    config = json.loads(path.read_text(encoding="utf-8"))
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    config["additional_special_tokens"] = config.pop("extra_special_tokens")
    del config["backend"]
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main(directory: Path) -> None:
    """Train on the corpus and write the tokenizer's files."""
    tokenizer = train_tokenizer(corpus())
    # The template stays inside tokenizer_config.json, where every loader looks for it.
    tokenizer.save_pretrained(directory, save_jinja_files=False)
    _name_class_for_every_version(directory / "tokenizer_config.json")
    Console().print(f"{len(tokenizer)} tokens written to {directory}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model-dir", type=Path, default=MODEL_DIR)
    main(parser.parse_args().model_dir)
