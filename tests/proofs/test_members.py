"""Every proof states its claim, has the arms that keep it honest, and runs."""

import json
import math
import sys
from dataclasses import replace
from functools import cache

import pytest
import torch

from idiolect.errors import NotFoundError
from idiolect.proofs import NAMES, proof
from idiolect.proofs.parts import TABULAR_SEEDS, Proof
from idiolect.proofs.report import prove

torch.set_num_threads(1)

SMALLEST = 0.003


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_claims_and_what_would_refute_it(name: str) -> None:
    member = proof(name)
    assert member.paper
    assert "refuted" in member.claim.lower()
    roles = {arm.role for arm in member.arms.values()}
    assert {"treatment", "control", "trivial", "sham", "oracle"} <= roles
    why = " ".join(str(sys.modules[f"idiolect.proofs.members.{name}"].__doc__).split())
    assert "population" in roles or "is no population arm" in why
    for check in member.checks:
        compared = {arm for arm in (check.treatment, check.control) if arm is not None}
        assert compared <= set(member.arms)
        assert any(member.arms[arm].role in {"treatment", "control"} for arm in compared)


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_every_arm_is_measured(name: str) -> None:
    member = proof(name)
    if member.seeds != TABULAR_SEEDS:
        member = of_one_seed(member)
    seen: list[tuple[int, int]] = []
    report = prove(
        name, member, seeds=(0, 1), scale=SMALLEST, on_progress=lambda *done: seen.append(done)
    )
    assert seen[-1] == (2 * len(member.arms), 2 * len(member.arms))
    assert seen == sorted(seen)
    assert set(report.estimates(member.measure)) == set(member.arms)
    values = [
        value
        for trial in report.trials
        for measures in trial.measured.values()
        for value in measures.values()
    ]
    assert all(math.isfinite(value) for value in values)
    assert len(report.findings) == len(member.checks)
    plain = report.as_dict()
    json.dumps(plain, allow_nan=False)
    assert {"name", "claim", "arms", "effect", "verdict", "seconds"} <= set(plain)
    assert bool(member.curve[0]) == any(trial.curves for trial in report.trials)


def of_one_seed(member: Proof) -> Proof:
    """The same proof whose every seed gives what the first one gave: a language model's take
    seconds, and here it only has to run.
    """
    trial = cache(lambda scale, arm_done: member.trial(0, scale, arm_done))
    return replace(member, trial=lambda seed, scale, arm_done: trial(scale, arm_done))


def test_a_seed_gives_the_same_figures_again() -> None:
    member = proof("did")
    first, again = (prove("did", member, seeds=(3, 4), scale=SMALLEST) for _ in range(2))
    assert first.trials == again.trials


def test_hyphens_stand_for_underscores() -> None:
    assert proof("label-noise") is proof("label_noise")


def test_an_unknown_proof_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="no proof 'nonsense'") as refusal:
        proof("nonsense")
    assert "label_noise" in refusal.value.hint
