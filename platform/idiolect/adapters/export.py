"""Adapters as files: safetensors and a PEFT configuration, which vLLM loads as they are."""

import json
import shutil
from pathlib import Path
from typing import Any, cast

from peft import LoraConfig, PeftModel, get_peft_model_state_dict
from safetensors.torch import save_file

from idiolect.kit.files import new_folder

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"


def write_adapter(model: PeftModel, target: Path, *, base_name: str) -> None:
    """Writes a plain LoRA adapter; equal weights give equal bytes.

    PEFT's own ``save_pretrained`` writes sets in an order that changes from process to process.

    Args:
        model: a model with one adapter.
        target: the folder to write; what was there is replaced.
        base_name: recorded as the base, by which servers match it.
    """
    config = model.active_peft_config
    if not isinstance(config, LoraConfig):
        raise TypeError(f"only LoRA adapters are exported, not {type(config).__name__}")
    modules = sorted({name.rpartition(".")[2] for name in config.target_modules or ()})
    fields = {
        **cast(Any, config).to_dict(),
        "base_model_name_or_path": base_name,
        "inference_mode": True,
        "target_modules": modules,
    }
    tensors = {
        name: tensor.detach().float().cpu().contiguous()
        for name, tensor in get_peft_model_state_dict(model).items()
    }
    shutil.rmtree(target, ignore_errors=True)
    with new_folder(target) as folder:
        save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
        (folder / CONFIG).write_text(json.dumps(fields, indent=2, sort_keys=True) + "\n")
