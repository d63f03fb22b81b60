"""What every diagnostic owes: a threshold, a warning of one sentence or none, plain numbers."""

import json
from collections.abc import Callable
from dataclasses import asdict

import pytest
import torch

from idiolect.preference.diagnostics import (
    Diagnosis,
    DifferentialInformation,
    Displacement,
    LengthRatio,
    PositionFlips,
    Separability,
    estimated_differential_information,
    length_ratio,
    likelihood_displacement,
    position_flips,
    separability,
)
from idiolect.preference.pairs import Pair

Result = DifferentialInformation | Displacement | LengthRatio | PositionFlips | Separability


def differential(alarming: bool) -> DifferentialInformation:
    reference = torch.linspace(-1, 0, 20) * (300 if alarming else 0.1)
    return estimated_differential_information(reference, reference, drawn_from="policy")


def displacement(alarming: bool) -> Displacement:
    drift, zero = torch.full((5,), -1.0 if alarming else 1.0), torch.zeros(5)
    return likelihood_displacement(
        chosen_policy=drift, chosen_reference=zero, rejected_policy=drift, rejected_reference=zero
    )


def lengths(alarming: bool) -> LengthRatio:
    return length_ratio([2] * 6, [1 if alarming else 2] * 6)


def position(alarming: bool) -> PositionFlips:
    return position_flips(["first"], ["first" if alarming else "second"])


def surface(alarming: bool) -> Separability:
    pairs = [
        Pair.under((number,), "Leek!" if alarming or number % 2 else "Leek?", f"Soup{mark}")
        for number, mark in enumerate("??????" if alarming else "?!?!?!", start=1)
    ]
    return separability(pairs)


DIAGNOSTICS = [differential, displacement, lengths, position, surface]


@pytest.mark.parametrize("diagnose", DIAGNOSTICS)
def test_it_warns_in_one_sentence_or_not_at_all(diagnose: Callable[[bool], Result]) -> None:
    alarming: Diagnosis = diagnose(True)
    assert alarming.warning[0].isupper()
    assert alarming.warning.endswith(".")
    assert ". " not in alarming.warning
    assert diagnose(False).warning == ""


@pytest.mark.parametrize("diagnose", DIAGNOSTICS)
def test_it_goes_into_a_card_as_it_is(diagnose: Callable[[bool], Result]) -> None:
    result = diagnose(True)
    written = json.loads(json.dumps(asdict(result), allow_nan=False))
    assert written["threshold"] == result.threshold
