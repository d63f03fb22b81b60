"""How a benchmark measures: arms in turns, each in a process of its own, and ratios of medians."""

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over repetitions."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        digits = 0 if self.median >= 100 else 2 if self.median < 10 else 1
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f}-{self.high:,.{digits}f})"


def in_own_process(
    module: str, arguments: Mapping[str, Any], *, python: str = sys.executable
) -> dict[str, Any]:
    """Runs ``python -m module`` with a JSON argument; its last line is a JSON object.

    Args:
        python: the interpreter; a peer may need one of its own.
    """
    done = subprocess.run(
        [python, "-m", module, json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {arguments} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def ratios(
    peer: Sequence[Mapping[str, Any]], ours: Sequence[Mapping[str, Any]], key: str
) -> Spread:
    """Peer over ours, repetition by repetition: above 1 ours takes less of it."""
    return Spread.of([one[key] / other[key] for one, other in zip(peer, ours, strict=True)])
