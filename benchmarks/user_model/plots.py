"""The plots: a batch's time as the store grows, a search's by size, and what is found."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

_COLORS = {"ours": "#0f766e", "gum": "#b45309", "mem0": "#4338ca"}
_NAMES = {"ours": "ours", "gum": "GUM", "mem0": "mem0"}
_SMOOTH = 5
"""Batches of which one point is the median."""

Report = Mapping[str, Any]


def draw(report: Report, folder: Path) -> Iterator[Path]:
    """A file for each measure that was run."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    plots: dict[str, Callable[[Any, Report], None]] = {"ingest": _ingest, "search": _search}
    for name, plot in plots.items():
        if not report.get(name):
            continue
        figure, axes = pyplot.subplots(figsize=(5, 3.2), constrained_layout=True)
        plot(axes, report[name])
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        path = folder / f"user-model-{name}.png"
        figure.savefig(path, dpi=150)
        pyplot.close(figure)
        yield path


def _ingest(axes: Any, arms: Report) -> None:
    for engine, color in _COLORS.items():
        if engine not in arms:
            continue
        times = arms[engine]["batches_ms"]
        starts = range(0, len(times), _SMOOTH)
        values = [median(times[start : start + _SMOOTH]) for start in starts]
        axes.plot([start + 1 for start in starts], values, color=color, label=_NAMES[engine])
    axes.set(xlabel="batch of five observations", ylabel="processor ms", ylim=(0, None))


def _search(axes: Any, arms: Report) -> None:
    for engine, color in _COLORS.items():
        rows = {int(size): row for size, row in arms.get(engine, {}).items()}
        if rows:
            times = [rows[size]["processor_p50_ms"] for size in sorted(rows)]
            axes.plot(sorted(rows), times, marker="o", color=color, label=_NAMES[engine])
    axes.set(xlabel="statements", ylabel="processor ms, median", xscale="log", yscale="log")
