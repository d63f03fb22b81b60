"""What a person reads at the end of a training."""

from dataclasses import asdict

import torch

from idiolect.cli.training_result import lines_of
from idiolect.preference.diagnostics import PairsReport, length_ratio, likelihood_displacement


def part(pairs: int, looked_at: int) -> PairsReport:
    zero = torch.zeros(looked_at)
    return PairsReport(
        pairs=pairs,
        displacement=likelihood_displacement(
            chosen_policy=zero - 1.5,
            chosen_reference=zero,
            rejected_policy=zero - 4,
            rejected_reference=zero,
        ),
        lengths=length_ratio([3] * looked_at, [2] * looked_at),
    )


def result(report: object) -> dict[str, object]:
    return {
        "adapter": "adapter",
        "steps": 2,
        "best_step": 2,
        "loss": {"first": 0.7, "last": 0.5},
        "held_out": None,
        "report": report,
        "seconds": 1.0,
    }


def test_how_far_both_sides_moved_takes_a_line() -> None:
    lines = lines_of(result({"train": asdict(part(900, 200)), "held_out": asdict(part(3, 3))}))
    assert lines["moved"] == (
        "chosen -1.50 nats, rejected -4.00; both fell on 100% of 200 of 900 pairs; a chosen reply"
        " has 1.50 times the tokens of a rejected one"
    )
    assert "100% of 3 pairs" in str(lines["held out moved"])


def test_nothing_is_said_of_what_has_no_sides() -> None:
    assert list(lines_of(result(None))) == ["steps", "loss", "seconds", "adapter"]
