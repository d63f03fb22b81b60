"""The bundled model as it speaks on the platform: chat messages in, sampled replies out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tools.bundled_model.context import Message

_BATCH = 32


class Speaker:
    """The model and its tokenizer."""

    def __init__(self, directory: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(directory, padding_side="left")
        self.model: Any = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32)

    def reply(self, prompts: Sequence[list[Message]], seed: int) -> list[str]:
        """Sample one reply to each prompt with the settings that ship with the model."""
        torch.manual_seed(seed)
        replies: list[str] = []
        for start in range(0, len(prompts), _BATCH):
            texts = [
                self.tokenizer.apply_chat_template(p, add_generation_prompt=True, tokenize=False)
                for p in prompts[start : start + _BATCH]
            ]
            inputs = self.tokenizer(texts, padding=True, return_tensors="pt")
            output = self.model.generate(**inputs)
            new = output[:, inputs["input_ids"].shape[1] :]
            replies += self.tokenizer.batch_decode(new, skip_special_tokens=True)
        return replies
