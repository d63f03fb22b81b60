"""The reliability diagram as a picture: how often confidence was right, before and after the map.

Murphy and Winkler 1977, "Reliability of subjective probability forecasts of precipitation and
temperature": on the diagonal, confidence says how often it is right.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from idiolect.errors import ConflictError, InvalidInputError, NotReadyError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from idiolect.client.responses import Bin, Reliability

_SUFFIXES = (".png", ".svg")
_INK, _FAINT = "#22262b", "#d9dce1"
_BEFORE, _AFTER = "#c2410c", "#1f5fbf"
_LARGEST = 260.0
"""The area, in points², of the dot of a bin that holds all ratings."""


def require_drawable(path: Path) -> None:
    """
    Raises:
        InvalidInputError: the file is neither PNG nor SVG by its name.
        NotReadyError: the drawing library is not installed.
    """
    if path.suffix not in _SUFFIXES:
        raise InvalidInputError(
            f"{path.name} names no form of picture", hint="Let it end in .png or .svg."
        )
    try:
        import matplotlib  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise NotReadyError(
            "the diagram needs matplotlib, which is not installed",
            hint="Install it with `pip install 'idiolect[proofs]'`, or leave --plot away.",
        ) from error


def draw(found: Reliability, needed: int, path: Path) -> None:
    """Writes the diagram; the larger a dot, the more ratings lie in its bin.

    Raises:
        ConflictError: code TOO_FEW_RATINGS, there is nothing to draw yet.
        InvalidInputError, NotReadyError: see ``require_drawable``.
    """
    require_drawable(path)
    if found["ratings"] < needed:
        raise ConflictError(
            f"a diagram needs {needed} ratings, and there are {found['ratings']}",
            code="TOO_FEW_RATINGS",
            hint="Rate more propositions with `idiolect profile rate ID MARK`.",
        )
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot((0, 1), (0, 1), "--", color=_FAINT, lw=1.2)
    _draw_bins(axes, found["raw"]["bins"], "before the map", _BEFORE)
    _draw_bins(axes, found["calibrated"]["bins"], "after the map", _AFTER)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel("confidence", color=_INK)
    axes.set_ylabel(f"how often right, of {found['ratings']} ratings", color=_INK)
    axes.legend(loc="upper left", frameon=False, labelcolor=_INK)
    for side in axes.spines.values():
        side.set_color(_FAINT)
    axes.tick_params(length=0, colors=_INK)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def _draw_bins(axes: Axes, bins: list[Bin], label: str, color: str) -> None:
    total = sum(one["beliefs"] for one in bins)
    confidences, shares = [one["confidence"] for one in bins], [one["right"] for one in bins]
    areas = [_LARGEST * one["beliefs"] / total for one in bins]
    # No line joins them: it would make as much of a bin with one rating as of one with fifty.
    axes.scatter(confidences, shares, areas, color=color, alpha=0.75, lw=0, clip_on=False)
    axes.scatter([], [], 40, color=color, alpha=0.75, lw=0, label=label)  # for the legend
