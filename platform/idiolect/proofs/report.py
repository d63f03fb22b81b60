"""Runs a proof over its seeds and says what came of it.

Every arm of a seed sees the same data, so effects are differences within seeds. Intervals are
Student's, 95 %, over the seeds: with five to ten seeds a bootstrap would be too sure of itself.
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from idiolect.errors import InvalidInputError
from idiolect.proofs.parts import Check, Proof, Trial, Verdict

LEAST_SEEDS = 2

# The 97.5 % quantile of Student's t with 1, 2, 3, ... degrees of freedom, to 20.
_STUDENT = (
    *(12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281),
    *(2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860),
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds with its 95 % interval."""

    mean: float
    interval: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        return {"mean": self.mean, "interval": list(self.interval)}


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check."""

    check: Check
    effect: Estimate
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a proof.

    Attributes:
        name: of the proof.
        proof: the proof itself.
        seeds: that it ran with.
        scale: at which it ran.
        trials: one for each seed.
        findings: one for each check, in their order.
        seconds: by the wall clock.
    """

    name: str
    proof: Proof
    seeds: Sequence[int]
    scale: float
    trials: Sequence[Trial]
    findings: Sequence[Finding]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """Shown if every check is; opposite if the data say the contrary of any."""
        verdicts = {finding.verdict for finding in self.findings}
        if verdicts == {"shown"}:
            return "shown"
        return "opposite" if "opposite" in verdicts else "not-shown"

    @property
    def measures(self) -> list[str]:
        """The names of everything that was measured, the headline first."""
        named = {
            measure: None
            for trial in self.trials
            for values in trial.measured.values()
            for measure in values
        }
        return sorted(named, key=lambda measure: measure != self.proof.measure)

    def values(self, arm: str, measure: str) -> list[float]:
        """An arm's measure for each seed; empty if it has none."""
        return [
            trial.measured[arm][measure] for trial in self.trials if measure in trial.measured[arm]
        ]

    def estimates(self, measure: str) -> dict[str, Estimate]:
        """A measure by arm, of those arms that have it."""
        return {
            arm: estimate(values)
            for arm in self.proof.arms
            if (values := self.values(arm, measure))
        }

    def as_dict(self) -> dict[str, Any]:
        """The object that ``--json`` prints; ``arms`` and ``effect`` are of the headline."""
        return {
            "name": self.name,
            "paper": self.proof.paper,
            "claim": self.proof.claim,
            "measure": self.proof.measure,
            "arms": _plain(self.estimates(self.proof.measure)),
            "effect": _as_dict(self.findings[0]),
            "verdict": self.verdict,
            "checks": [_as_dict(finding) for finding in self.findings],
            "measures": {measure: _plain(self.estimates(measure)) for measure in self.measures},
            "seeds": len(self.seeds),
            "scale": self.scale,
            "seconds": round(self.seconds, 1),
        }


def prove(
    name: str,
    proof: Proof,
    *,
    seeds: Sequence[int],
    scale: float = 1.0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Report:
    """Runs a proof.

    Args:
        name: of the proof, for the report.
        proof: what to run.
        seeds: at least two; each is a world of its own, or a person in one.
        scale: of the effort, above 0; 1 is the full proof.
        on_progress: given how many arms are done, and of how many.

    Raises:
        InvalidInputError: there are fewer than two seeds.
    """
    if len(seeds) < LEAST_SEEDS:
        raise InvalidInputError(
            f"an interval over {len(seeds)} seed says nothing",
            hint=f"Use at least {LEAST_SEEDS} seeds.",
        )
    started = time.perf_counter()
    done, total = 0, len(seeds) * len(proof.arms)

    def arm_done() -> None:
        nonlocal done
        done += 1
        on_progress(min(done, total), total)

    on_progress(0, total)
    trials = []
    with torch.random.fork_rng(), _one_thread():
        for place, seed in enumerate(seeds):
            torch.manual_seed(seed)
            trials.append(proof.trial(seed, scale, arm_done))
            done = (place + 1) * len(proof.arms)
            on_progress(done, total)
    findings = [_finding(check, trials) for check in proof.checks]
    return Report(name, proof, seeds, scale, trials, findings, time.perf_counter() - started)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Tensors of a few numbers: more threads only wait for each other, and change the last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and Student's 95 % interval of a few values; at least two.

    Values that are all the same have an interval without width: the proof has nothing random.
    """
    mean = statistics.fmean(values)
    half = student(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    return Estimate(mean, (mean - half, mean + half))


def student(degrees: int) -> float:
    """The 97.5 % quantile of Student's t.

    Beyond the table by the expansion z + (z^3 + z) / 4n + (5 z^5 + 16 z^3 + 3 z) / 96 n^2, which
    is right to three digits there (Abramowitz and Stegun 26.7.5).
    """
    if degrees <= len(_STUDENT):
        return _STUDENT[degrees - 1]
    z = statistics.NormalDist().inv_cdf(0.975)
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def _finding(check: Check, trials: Sequence[Trial]) -> Finding:
    effects = [
        trial.measured[check.treatment][check.measure]
        - (trial.measured[check.control][check.measure] if check.control else 0.0)
        for trial in trials
    ]
    effect = estimate(effects)
    return Finding(check, effect, verdict_of(effect, check))


def verdict_of(effect: Estimate, check: Check) -> Verdict:
    """Shown if the whole interval is beyond the bound on the claimed side.

    Opposite if it is wholly on the other side: of zero for a comparison (of the bound, where that
    asks for no more than no harm), of the bound for a measure by itself.
    """
    sign = -1.0 if check.lower else 1.0
    low, high = sorted(sign * end for end in effect.interval)
    bound = sign * check.bound
    if low > bound:
        return "shown"
    turning = bound if check.control is None else min(0.0, bound)
    return "opposite" if high < turning else "not-shown"


def _as_dict(finding: Finding) -> dict[str, Any]:
    check = finding.check
    return {
        **finding.effect.as_dict(),
        "says": check.says,
        "measure": check.measure,
        "treatment": check.treatment,
        "control": check.control,
        "claimed": {"below" if check.lower else "above": check.bound},
        "verdict": finding.verdict,
    }


def _plain(estimates: dict[str, Estimate]) -> dict[str, Any]:
    return {arm: one.as_dict() for arm, one in estimates.items()}
