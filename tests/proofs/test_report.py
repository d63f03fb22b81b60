"""Intervals, verdicts and plots."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from idiolect.errors import InvalidInputError, NotReadyError
from idiolect.proofs.parts import Arm, Check, Proof, Trial
from idiolect.proofs.plots import draw
from idiolect.proofs.report import Estimate, estimate, prove, student, verdict_of

GAINS = (1.0, 2.0, 3.0)


def proof(*checks: Check, gains: Sequence[float] = GAINS) -> Proof:
    """An arm that is better than another by the gains, whatever the seed adds to both."""

    def trial(seed: int, scale: float, arm_done: object) -> Trial:
        common = 100.0 * seed * scale
        arms: Mapping[str, float] = {"new": common + gains[seed], "old": common}
        return Trial({arm: {"gain": value} for arm, value in arms.items()}, {"new": [1.0, 2.0]})

    return Proof(
        paper="nobody",
        claim="better",
        measure="gain",
        arms={"new": Arm("treatment", "new"), "old": Arm("control", "old")},
        checks=checks or (Check("better", "gain", "new", "old"),),
        trial=trial,
        curve=("round", "gain"),
    )


def test_the_interval_is_students_of_differences_within_seeds() -> None:
    report = prove("mine", proof(), seeds=range(3))
    effect = report.findings[0].effect
    # mean 2, deviation 1, so 2 -+ 4.3027 / sqrt(3)
    assert effect.mean == pytest.approx(2.0)
    assert effect.interval == pytest.approx((2 - 2.48416, 2 + 2.48416), abs=1e-4)
    assert report.verdict == "not-shown"


def test_values_that_are_all_the_same_have_no_width() -> None:
    assert estimate([2.0, 2.0]) == Estimate(2.0, (2.0, 2.0))


@pytest.mark.parametrize(("degrees", "quantile"), [(1, 12.7062), (9, 2.2622), (30, 2.0423)])
def test_the_quantile_of_student(degrees: int, quantile: float) -> None:
    assert student(degrees) == pytest.approx(quantile, abs=2e-4)


@pytest.mark.parametrize(
    ("interval", "bound", "lower", "control", "verdict"),
    [
        ((0.1, 0.3), 0.0, False, "old", "shown"),
        ((-0.1, 0.3), 0.0, False, "old", "not-shown"),
        ((-0.3, -0.1), 0.0, False, "old", "opposite"),
        ((0.1, 0.3), 0.2, False, "old", "not-shown"),
        ((0.01, 0.05), 0.2, False, "old", "not-shown"),  # some effect, not the one claimed
        ((-0.3, -0.1), 0.0, True, "old", "shown"),
        ((0.1, 0.3), 0.0, True, "old", "opposite"),
        ((-0.005, 0.3), -0.01, False, "old", "shown"),  # no worse is all that was claimed
        ((-0.3, -0.1), -0.01, False, "old", "opposite"),
        ((0.01, 0.02), 0.03, True, None, "shown"),
        ((0.01, 0.05), 0.03, True, None, "not-shown"),
        ((0.04, 0.05), 0.03, True, None, "opposite"),
    ],
)
def test_verdicts(
    interval: tuple[float, float], bound: float, lower: bool, control: str | None, verdict: str
) -> None:
    check = Check("", "gain", "new", control, bound, lower)
    assert verdict_of(Estimate(sum(interval) / 2, interval), check) == verdict


def test_all_checks_must_be_shown() -> None:
    shown = Check("above -9", "gain", "new", "old", bound=-9.0)
    open_ = Check("above 2", "gain", "new", "old", bound=2.0)
    assert prove("mine", proof(shown), seeds=range(3)).verdict == "shown"
    assert prove("mine", proof(shown, open_), seeds=range(3)).verdict == "not-shown"


def test_one_check_that_is_refuted_turns_the_verdict() -> None:
    sure = (2.0, 2.1, 2.2)
    better, worse = (Check("", "gain", "new", "old", lower=lower) for lower in (False, True))
    assert prove("mine", proof(better, gains=sure), seeds=range(3)).verdict == "shown"
    assert prove("mine", proof(better, worse, gains=sure), seeds=range(3)).verdict == "opposite"


def test_one_seed_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="1 seed"):
        prove("mine", proof(), seeds=range(1))


@pytest.mark.parametrize("curve_at", [(), (10, 60)])
def test_a_plot_is_a_picture(tmp_path: Path, curve_at: tuple[float, ...]) -> None:
    pytest.importorskip("matplotlib")
    mine = replace(proof(), curve_at=curve_at)
    path = draw(prove("mine", mine, seeds=range(3)), tmp_path / "new")
    assert path == tmp_path / "new" / "mine.png"
    assert path.read_bytes().startswith(b"\x89PNG")


def test_without_the_drawing_library_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as if it were not installed
    with pytest.raises(NotReadyError) as refusal:
        draw(prove("mine", proof(), seeds=range(3)), tmp_path)
    assert "idiolect[proofs]" in refusal.value.hint
