"""TRL's own losses on a fixed batch of log-probabilities, written down for the tests to compare.

    python -m benchmarks.trl_parity            # compare with what is written down
    python -m benchmarks.trl_parity --write    # write it anew, after a new release of TRL

TRL computes each loss within its trainers, from a model's output. Here the trainers' own methods
get an output whose log-probabilities are known, so their code runs and nothing is copied.
"""

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import torch
from torch import Tensor

VALUES = Path(__file__).parents[1] / "tests" / "preference" / "trl_values.json"
_CHOSEN_TOKENS, _REJECTED_TOKENS = (5, 3, 7, 4), (8, 3, 2, 6)
_WIDTH = 8

# name, the trainer's settings, the same in our language; label_smoothing is ours where it acts
DPO: list[tuple[str, dict[str, Any], Any]] = [
    ("sigmoid", {}, {"preset": "dpo", "beta": 0.1}),
    ("hinge", {}, {"preset": "hinge", "beta": 0.1}),
    ("ipo", {}, {"preset": "ipo", "tau": 0.1, "length": "mean"}),
    ("exo_pair", {"label_smoothing": 0.1}, {"preset": "exo", "smoothing": 0.1}),
    ("nca_pair", {}, {"preset": "nca", "beta": 0.1}),
    ("robust", {"label_smoothing": 0.1}, {"preset": "robust", "flip_rate": 0.1}),
    ("bco_pair", {}, {"preset": "bco", "beta": 0.1}),
    ("sppo_hard", {}, {"preset": "sppo_hard", "eta": 10.0}),
    ("aot", {"label_smoothing": 0.1}, {"preset": "aot", "smoothing": 0.1}),
    ("aot_unpaired", {"label_smoothing": 0.1}, {"preset": "aot_unpaired", "smoothing": 0.1}),
    ("apo_zero", {}, {"preset": "apo_zero"}),
    ("apo_down", {}, {"preset": "apo_down"}),
    ("discopop", {}, {"preset": "discopop", "beta": 0.1}),
    ("sft", {}, {"preset": "c_rlft"}),
    ("sigmoid_norm", {}, {"preset": "ln_dpo", "beta": 0.1}),
    (
        "sigmoid",
        {"f_divergence_type": "forward_kl"},
        {"preset": "f_dpo", "divergence": "forward_kl"},
    ),
    ("sigmoid", {"f_divergence_type": "js_divergence"}, {"preset": "f_dpo", "divergence": "js"}),
    (
        "sigmoid",
        {"f_divergence_type": "alpha_divergence", "f_alpha_divergence_coef": 0.7},
        {"preset": "f_dpo", "divergence": "alpha", "alpha": 0.3},
    ),
    ("sigmoid", {"ld_alpha": 0.5}, {"preset": "ld_dpo", "tail": 0.5}),
    ("sigmoid", {"use_weighting": True}, {"preset": "wpo"}),
]
CPO: list[tuple[str, dict[str, Any], Any]] = [
    ("sigmoid", {}, {"preset": "cpo", "nll": 0.0}),
    (
        "sigmoid",
        {"label_smoothing": 0.1},
        {"preset": "cpo", "nll": 0.0, "label": {"smoothed": 0.1}},
    ),
    ("hinge", {}, {"preset": "slic_hf", "nll": 0.0, "logit": {"beta": 0.1}}),
    ("simpo", {"beta": 2.0, "simpo_gamma": 1.0}, {"preset": "simpo"}),
    ("simpo", {"beta": 2.0, "simpo_gamma": 1.0, "alpha": 0.25}, {"preset": "alphapo"}),
]
REASONS = {
    "sft": "TRL averages over all tokens of the batch, ours over each sample's and then the batch",
    "bco_pair": "TRL's pair form has no running shift; ours is compared with its shift at 0",
}


def columns() -> dict[str, Tensor]:
    """Known log-probabilities of eight samples: four chosen, then four rejected."""
    generator = torch.Generator().manual_seed(20)
    tokens = torch.tensor(_CHOSEN_TOKENS + _REJECTED_TOKENS)
    mask = (torch.arange(_WIDTH) < tokens.unsqueeze(1)).float()
    draw = lambda: -3 * torch.rand(8, _WIDTH, generator=generator) * mask  # noqa: E731 - thrice
    policy = draw()
    return {
        "policy": policy,
        "reference": policy + 0.8 * (draw() - draw()) / 3,
        "collision": -2 * torch.rand(8, _WIDTH, generator=generator) * mask,
        "tokens": tokens,
        "mask": mask,
    }


class _Output:
    """A model's output with known log-probabilities; whatever else is read is zeros."""

    def __init__(self, known: dict[str, Tensor]) -> None:
        self.log_probs = known["policy"]
        self.log_sum_sq_probs = known["collision"]

    def __getattr__(self, name: str) -> Tensor:
        kind = torch.bool if name.startswith("is_") else torch.float32
        return torch.zeros(self.log_probs.shape, dtype=kind)


def _trainer(**settings: Any) -> MagicMock:
    trainer = MagicMock(**settings)
    trainer.model.training = False
    trainer.accelerator.device = torch.device("cpu")
    trainer.accelerator.gather_for_metrics = lambda value: value
    trainer.accelerator.gather = lambda value: value
    return trainer


def dpo_loss(name: str, settings: dict[str, Any]) -> float:
    """What DPOTrainer makes of the known batch."""
    from trl import DPOTrainer

    known = columns()
    sums = known["reference"]
    if "ld_alpha" in settings:
        shared = torch.minimum(*known["tokens"].chunk(2)).repeat(2).unsqueeze(1)
        sums = sums * torch.where(torch.arange(_WIDTH) < shared, 1.0, settings["ld_alpha"])
    reference = sums.sum(1)
    trainer = _trainer(
        **{
            "loss_types": [name],
            "loss_weights": [1.0],
            "beta": 0.1,
            "label_smoothing": 0.0,
            "f_divergence_type": "reverse_kl",
            "ld_alpha": None,
            "use_weighting": False,
            "precompute_ref_logps": True,
            "aux_loss_enabled": False,
            "args": SimpleNamespace(discopop_tau=0.05),
            **settings,
        }
    )
    prompt = torch.zeros(8, 1)
    inputs = {
        "input_ids": torch.zeros(8, _WIDTH + 1, dtype=torch.long),
        "attention_mask": torch.ones(8, _WIDTH + 1),
        "completion_mask": torch.cat([prompt, known["mask"]], dim=1),
        "ref_chosen_logps": reference[:4],
        "ref_rejected_logps": reference[4:],
    }
    model = MagicMock(return_value=_Output(known))
    return float(DPOTrainer._compute_loss(trainer, model, inputs, False))


def kto_loss(loss_type: str) -> float:
    """What KTOTrainer makes of it, with the first four desirable and a known reference point."""
    from trl import KTOTrainer

    known = columns()
    prompt = torch.zeros(8, 1)
    trainer = _trainer(
        loss_type=loss_type,
        beta=0.1,
        desirable_weight=1.0,
        undesirable_weight=1.0,
        calculate_KL=loss_type == "kto",
        precompute_ref_logps=True,
        aux_loss_enabled=False,
        _compute_kl_logps=lambda *_: torch.full((8,), 0.2),
    )
    inputs = {
        "input_ids": torch.zeros(8, _WIDTH + 1, dtype=torch.long),
        "attention_mask": torch.ones(8, _WIDTH + 1),
        "completion_mask": torch.cat([prompt, known["mask"]], dim=1),
        "label": torch.tensor([True] * 4 + [False] * 4),
        "ref_logps": known["reference"].sum(1),
        "ref_KL_logps": torch.zeros(8),
    }
    loss = KTOTrainer._compute_loss(trainer, MagicMock(return_value=_Output(known)), inputs, False)
    return 2 * float(loss)  # a mean over samples; ours is over pairs of them


def cpo_loss(name: str, settings: dict[str, Any]) -> float:
    """What CPOTrainer makes of it, without its likelihood term."""
    from trl.experimental.cpo import CPOTrainer

    known = columns()
    log_probs = known["policy"].sum(1)
    if name == "simpo":
        log_probs = log_probs / known["tokens"]
    given = {"loss_type": name, "beta": 0.1, "alpha": 0.0, "label_smoothing": 0.0, **settings}
    losses, *_ = CPOTrainer.cpo_loss(_trainer(**given), log_probs[:4], log_probs[4:])
    return float(losses.mean())


def orpo_loss() -> float:
    """What ORPOTrainer's odds ratio makes of it, as the term that is added to the loss."""
    from trl.experimental.orpo import ORPOTrainer

    known = columns()
    means = known["policy"].sum(1) / known["tokens"]
    losses, *_ = ORPOTrainer.odds_ratio_loss(_trainer(beta=0.1), means[:4], means[4:])
    return float(-losses.mean() - means[:4].mean())


def grpo_loss(loss_type: str, **settings: Any) -> float:
    """What GRPOTrainer makes of it as two groups of four with known advantages."""
    from trl import GRPOTrainer

    known = columns()
    trainer = _trainer(
        **{
            "loss_type": loss_type,
            "beta": 0.04,
            "epsilon_low": 0.2,
            "epsilon_high": 0.2,
            "importance_sampling_level": "token",
            "top_entropy_quantile": 1.0,
            "off_policy_mask_threshold": None,
            "use_vllm": False,
            "aux_loss_enabled": False,
            "max_completion_length": 16,
            "entropy_coef": 0.0,
            "_last_world_entropy": 1.0,
            "args": SimpleNamespace(
                delta=None, use_bias_correction_kl=False, entropy_target=0.0, entropy_coef=0.0
            ),
            **settings,
        }
    )
    trainer._get_per_token_logps_and_entropies = lambda *_, **__: (
        known["policy"],
        torch.zeros_like(known["policy"]),
        None,
    )
    inputs = {
        "prompt_ids": torch.zeros(8, 1, dtype=torch.long),
        "prompt_mask": torch.ones(8, 1, dtype=torch.long),
        "completion_ids": torch.zeros(8, _WIDTH, dtype=torch.long),
        "completion_mask": known["mask"].long(),
        "advantages": torch.tensor([1.0, -0.5, 0.3, -0.8, 0.2, 0.6, -1.2, 0.4]),
        "old_per_token_logps": known["policy"] + 0.5 * (known["reference"] - known["policy"]),
        "ref_per_token_logps": known["reference"],
    }
    return float(GRPOTrainer._compute_loss(trainer, MagicMock(), inputs))


def measured() -> list[dict[str, Any]]:
    """Every loss that TRL has and we have, with ours in our language."""
    rows = [
        {"trl": f"DPO {name}", "settings": settings, "ours": ours, "loss": dpo_loss(name, settings)}
        for name, settings, ours in DPO
    ]
    for loss_type, preset in (("kto", "kto"), ("apo_zero_unpaired", "apo_zero")):
        rows.append(
            {"trl": f"KTO {loss_type}", "settings": {}, "ours": preset, "loss": kto_loss(loss_type)}
        )
    rows += [
        {"trl": f"CPO {name}", "settings": settings, "ours": ours, "loss": cpo_loss(name, settings)}
        for name, settings, ours in CPO
    ]
    rows.append({"trl": "ORPO", "settings": {}, "ours": "orpo", "loss": orpo_loss()})
    for loss_type, settings, ours in (
        ("grpo", {}, {"preset": "grpo"}),
        (
            "grpo",
            {"importance_sampling_level": "sequence"},
            {"preset": "grpo", "per_sequence": True},
        ),
        ("dr_grpo", {}, {"preset": "dr_grpo", "longest": 16.0, "kl": 0.04}),
    ):
        rows.append(
            {
                "trl": f"GRPO {loss_type}",
                "settings": settings,
                "ours": ours,
                "loss": grpo_loss(loss_type, **settings),
            }
        )
    for row in rows:
        row["note"] = REASONS.get(str(row["trl"]).removeprefix("DPO "), "")
    return rows


def main() -> None:
    """Compares, or writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the values anew")
    arguments = parser.parse_args()
    known = columns()
    fresh = {
        "versions": {name: version(name) for name in ("trl", "torch")},
        "columns": {
            name: known[name].tolist() for name in ("policy", "reference", "collision", "tokens")
        },
        "losses": measured(),
    }
    if arguments.write:
        VALUES.write_text(json.dumps(fresh, indent=1) + "\n")
        print(
            f"{len(fresh['losses'])} losses of TRL {fresh['versions']['trl']} written to {VALUES}"
        )
        return
    kept = json.loads(VALUES.read_text())
    worst = max(
        abs(one["loss"] - other["loss"])
        for one, other in zip(fresh["losses"], kept["losses"], strict=True)
    )
    print(f"{len(kept['losses'])} losses, largest difference {worst:.1e}")
    sys.exit(int(worst > 1e-5))


if __name__ == "__main__":
    main()
