"""What is told of a training on a file when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idiolect.cli.output import percent

if TYPE_CHECKING:
    from pathlib import Path

    from idiolect.adapters.card import AdapterCard
    from idiolect.adapters.train import TrainedAdapter


def warnings_of(card: AdapterCard) -> list[str]:
    """What the report warns of; one-sided lengths were warned of before the training."""
    if card.report is None:
        return []
    parts = {"learned from": card.report.train, "held out": card.report.held_out}
    return [
        f"{part.displacement.warning} These pairs were {name}."
        for name, part in parts.items()
        if part is not None and part.displacement.warning
    ]


def result_of(out: Path, card: AdapterCard, trained: TrainedAdapter) -> dict[str, Any]:
    """The object that ``--json`` prints."""
    steps, gate = trained.history.steps, card.gate
    return {
        "adapter": str(out),
        "objective": card.objective.preset,
        "steps": len(steps),
        "best_step": trained.history.best_step,
        "stopped_early": trained.history.stopped_early,
        "loss": {"first": steps[0].loss, "last": steps[-1].loss},
        "held_out": {
            "pairs": gate.pairs,
            "base": gate.base,
            "adapter": gate.adapter,
            "interval": gate.interval,
            "chose_the_weights": bool(trained.history.evaluations),
        }
        if gate.pairs
        else None,
        "report": card.as_dict()["report"],
        "examples": len(trained.example_ids),
        "left_out": len(trained.left_out),
        "seconds": trained.seconds,
    }


def lines_of(result: dict[str, Any]) -> dict[str, object]:
    """The same for a person, by name."""
    loss, held_out, report = result["loss"], result["held_out"], result["report"]
    steps = str(result["steps"])
    if result["best_step"] != result["steps"]:
        steps += f", the weights are those of step {result['best_step']}"
    lines: dict[str, object] = {
        "steps": steps,
        "loss": f"{loss['first']:.3f} -> {loss['last']:.3f}",
    }
    if held_out:
        low, high = held_out["interval"]
        lines["held out"] = (
            f"{percent(held_out['base'])} -> {percent(held_out['adapter'])} of"
            f" {held_out['pairs']} choices foreseen (the gain is {low:+.0%} to {high:+.0%})"
        )
        if held_out["chose_the_weights"]:
            lines["held out"] = f"{lines['held out']}; they also chose the weights"
    if report:
        lines["moved"] = _moved(report["train"])
        if report["held_out"]:
            lines["held out moved"] = _moved(report["held_out"])
    lines["seconds"] = f"{result['seconds']:.1f}"
    lines["adapter"] = result["adapter"]
    return lines


def _moved(part: dict[str, Any]) -> str:
    moved, looked_at = part["displacement"], part["displacement"]["pairs"]
    of = f"{looked_at} of {part['pairs']}" if looked_at < part["pairs"] else f"{looked_at}"
    return (
        f"chosen {moved['chosen_drift']:+.2f} nats, rejected {moved['rejected_drift']:+.2f};"
        f" both fell on {percent(moved['both_fell'])} of {of} pairs; a chosen reply has"
        f" {part['lengths']['median_ratio']:.2f} times the tokens of a rejected one"
    )
