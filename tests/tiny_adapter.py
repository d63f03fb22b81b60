"""LoRA adapters for the tiny model, as PEFT writes them."""

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model

from tests.tiny_model import tiny_llama


def save_tiny_adapter(folder: Path, seed: int, **options: object) -> Path:
    """Random weights in both A and B, large enough to change what the model writes."""
    model = get_peft_model(
        tiny_llama(), LoraConfig(r=4, lora_alpha=12, target_modules="all-linear", **options)
    )
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.data = torch.randn(parameter.shape, generator=generator) * 0.3
    model.save_pretrained(folder)
    return folder
