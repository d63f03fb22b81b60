"""Draws a report: every arm with its interval and its seeds, and the curves if there are any."""

import statistics
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from idiolect.errors import NotReadyError
from idiolect.proofs.parts import Role
from idiolect.proofs.report import Report, estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS: dict[Role, str] = {
    "treatment": "#1f5fbf",
    "control": "#c2410c",
    "trivial": "#8a8f98",
    "population": "#7c5cbf",
    "sham": "#b58900",
    "oracle": "#2f7d4f",
}
_STYLES = ("-", "--", ":")
_INK, _FAINT = "#22262b", "#d9dce1"


def require_plots() -> None:
    """
    Raises:
        NotReadyError: the drawing library is not installed.
    """
    try:
        import matplotlib  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise NotReadyError(
            "plots need matplotlib, which is not installed",
            hint="Install it with `pip install 'idiolect[proofs]'`, or leave --plots away.",
        ) from error


def draw(report: Report, folder: Path) -> Path:
    """Writes ``<name>.png`` into the folder, which is made if it is not there.

    Raises:
        NotReadyError: the drawing library is not installed.
    """
    require_plots()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    curved = bool(report.proof.curve[0])
    rows = len(report.proof.arms)
    figure = Figure(figsize=(11 if curved else 7.5, 1.9 + 0.36 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2 if curved else 1, squeeze=False, width_ratios=None)[0]
    _draw_arms(axes[0], report)
    if curved:
        _draw_curves(axes[1], report)
    figure.suptitle(
        f"{report.name}: {report.verdict}", x=0.01, ha="left", color=_INK, fontweight="bold"
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report.name}.png"
    figure.savefig(path, dpi=150)
    return path


def _draw_arms(axes: "Axes", report: Report) -> None:
    """One line an arm, the first on top: its seeds as faint dots, its mean and interval bold."""
    measure = report.proof.measure
    names = list(report.proof.arms)
    for row, name in enumerate(names):
        values = report.values(name, measure)
        if not values:
            continue
        color = COLORS[report.proof.arms[name].role]
        one = estimate(values)
        below = [row + 0.24] * len(values)
        axes.plot(values, below, "o", color=color, alpha=0.35, ms=4, mew=0)
        axes.plot(one.interval, [row, row], "-", color=color, lw=2, solid_capstyle="butt")
        axes.plot(one.mean, row, "o", color=color, ms=7, mec="white", mew=1)
    labels = [f"{name}  ({report.proof.arms[name].role})" for name in names]
    axes.set_yticks(range(len(names)), labels)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(
        f"{measure} (mean, 95 % interval over {len(report.seeds)} {report.proof.seeds.of})"
    )
    axes.grid(axis="x", color=_FAINT, lw=0.8)
    _quiet(axes)


def _draw_curves(axes: "Axes", report: Report) -> None:
    """Means over seeds, named at their ends instead of in a legend; intervals of few points."""
    ends, drawn = [], Counter[Role]()
    for name, arm in report.proof.arms.items():
        curves = [trial.curves[name] for trial in report.trials if name in trial.curves]
        if not curves:
            continue
        points = list(zip(*curves, strict=False))
        mean = [statistics.fmean(point) for point in points]
        style = _STYLES[drawn[arm.role] % len(_STYLES)]
        drawn[arm.role] += 1
        at = report.proof.curve_at or range(1, len(mean) + 1)
        axes.plot(at, mean, style, color=COLORS[arm.role], lw=1.8)
        if report.proof.curve_at:  # few points, each a measurement of its own
            low, high = zip(*(estimate(point).interval for point in points), strict=True)
            axes.fill_between(at, low, high, color=COLORS[arm.role], alpha=0.12, lw=0)
            axes.plot(at, mean, "o", color=COLORS[arm.role], ms=7, mec="white", mew=1)
        ends.append((mean[-1], at[-1], name, COLORS[arm.role]))
    bottom, top = axes.get_ylim()
    ends.sort()
    heights = _apart([end[0] for end in ends], 0.055 * (top - bottom), top)
    for height, (_, last, name, color) in zip(heights, ends, strict=True):
        axes.annotate(
            name, (last, height), (5, 0), textcoords="offset points", color=color, va="center"
        )
    axes.margins(x=0.02)
    if report.proof.curve_at:
        axes.set_xticks(report.proof.curve_at)
    axes.set_xlabel(report.proof.curve[0])
    axes.set_ylabel(report.proof.curve[1])
    axes.grid(axis="y", color=_FAINT, lw=0.8)
    _quiet(axes)


def _apart(heights: list[float], distance: float, ceiling: float) -> list[float]:
    """Ascending heights moved so that names there do not lie on each other, nor above the top."""
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + distance) if moved else height)
    for place in reversed(range(len(moved))):
        limit = moved[place + 1] - distance if place + 1 < len(moved) else ceiling
        moved[place] = min(moved[place], limit)
    return moved


def _quiet(axes: "Axes") -> None:
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=_INK)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_FAINT)
