"""Ours against TRL's DPOTrainer: the same model, pairs, batches and adapter, in turns.

    python -m benchmarks.training [--quick] [--json] [--repetitions 5] [--out DIR] [--device cuda]

Every figure is TRL's over ours: above 1, ours takes less. CPU seconds are of the training alone, on
one thread; memory is what the training adds to a process that holds the model. Needs the extras
`local` and `bench`.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measured import Spread, in_own_process, ratios

ARM = "benchmarks.training_arm"
_SHORT = {"prompt": 64, "shortest": 32, "longest": 128, "batch": 8}
_LONG = {"prompt": 384, "shortest": 16, "longest": 64, "batch": 4}
SETTINGS: dict[str, dict[str, Any]] = {
    "short prompts": {**_SHORT, "pairs": 48},
    "long prompts": {**_LONG, "pairs": 24},
    "three epochs": {**_SHORT, "pairs": 24, "epochs": 3},
    "three epochs, long prompts": {**_LONG, "pairs": 12, "epochs": 3},
}
ONE_EPOCH = ("trl", "trl-default", "ours", "ours-cached")
MORE_EPOCHS = ("trl", "trl-precomputed", "ours")
USERS: dict[str, dict[str, Any]] = {
    "32 users of 8 to 60 pairs": {"prompt": 32, "shortest": 8, "longest": 48},
    "32 users of 8 to 60 very short pairs": {"prompt": 16, "shortest": 4, "longest": 16},
}
SWEEPS: dict[str, tuple[str, Sequence[int]]] = {
    "prompt tokens": ("prompt", (16, 64, 256, 512)),
    "vocabulary": ("vocabulary", (2048, 8192, 32768)),
    "users": ("users", (1, 4, 16)),
}
_COLORS = {"ours": "#0f766e", "ours-cached": "#b45309", "ours-together": "#4338ca"}
_WIDTHS = (24, 24, 22, 24, 24)


def compared(setting: dict[str, Any], arms: Sequence[str], repetitions: int) -> dict[str, Any]:
    """Runs the arms in turns; ratios of each to ``trl``, and how far the losses lie apart."""
    runs: dict[str, list[dict[str, Any]]] = {arm: [] for arm in arms}
    for _ in range(repetitions):
        for arm in arms:
            runs[arm].append(in_own_process(ARM, {"arm": arm, **setting}))
    peer = runs["trl"]
    report: dict[str, Any] = {"setting": setting, "arms": {}}
    for arm in arms:
        report["arms"][arm] = {
            "cpu_s": Spread.of([run["cpu_s"] for run in runs[arm]]),
            "tokens_per_s": Spread.of([run["tokens"] / run["wall_s"] for run in runs[arm]]),
            "peak_mib": Spread.of([run["peak_mib"] for run in runs[arm]]),
            "faster": ratios(peer, runs[arm], "cpu_s"),
            "memory": Spread.of(
                [
                    ours["peak_mib"] / trl["peak_mib"]
                    for ours, trl in zip(runs[arm], peer, strict=True)
                ]
            ),
            "loss_difference": max(
                abs(one - other)
                for one, other in zip(runs[arm][0]["losses"], peer[0]["losses"], strict=True)
            ),
        }
    return report


def many_users(setting: dict[str, Any], repetitions: int) -> dict[str, Any]:
    """Time to all users' adapters: a TRL job, that is a process, for each user; TRL one user after
    the other in one warm process; and ours in one, one after the other and together."""
    report = compared(setting, ("trl", "ours", "ours-together"), repetitions)
    users = range(setting["users"])
    jobs = [
        in_own_process(
            ARM, {"arm": "trl", **setting, "users": 1, "first_user": user, "warm": False}
        )
        for user in users
    ]
    seconds = sum(job["cpu_s"] for job in jobs)
    for row in report["arms"].values():
        row["faster_than_a_trl_job_each"] = Spread(
            *(seconds / cpu for cpu in (row["cpu_s"].median, row["cpu_s"].high, row["cpu_s"].low))
        )
    report["a_trl_job_each"] = {"cpu_s": seconds}
    return report


def show(title: str, report: dict[str, Any]) -> None:
    """One table."""
    print(f"\n{title}")
    header = (
        "arm",
        "CPU seconds",
        "tokens/s",
        "times faster",
        "extra MiB",
        "of TRL's",
        "loss apart",
    )
    print("  {:<17}{:<24}{:<24}{:<22}{:<24}{:<24}{}".format(*header))
    for arm, row in report["arms"].items():
        cells = (row[key] for key in ("cpu_s", "tokens_per_s", "faster", "peak_mib", "memory"))
        figures = "".join(f"{cell!s:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
        print(f"  {arm:<17}{figures}{row['loss_difference']:.0e}", flush=True)
    for arm, row in report["arms"].items():
        if "faster_than_a_trl_job_each" in row:
            times = row["faster_than_a_trl_job_each"]
            print(f"  a TRL job, a process, for each user takes {times} times {arm}'s seconds")


def plots(sweeps: dict[str, dict[int, Any]], folder: Path) -> list[Path]:
    """A plot a sweep: times faster than TRL, with its range."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    made = []
    for name, reports in sweeps.items():
        figure, axes = pyplot.subplots(figsize=(5, 3.2), constrained_layout=True)
        for arm, color in _COLORS.items():
            points = [
                (at, report["arms"][arm]["faster"])
                for at, report in reports.items()
                if arm in report["arms"]
            ]
            if not points:
                continue
            at = [point for point, _ in points]
            axes.plot(at, [one.median for _, one in points], marker="o", color=color, label=arm)
            axes.fill_between(
                at,
                [one.low for _, one in points],
                [one.high for _, one in points],
                color=color,
                alpha=0.15,
            )
        axes.axhline(1, color="#94a3b8", linewidth=1)
        axes.set(xlabel=name, ylabel="times faster than TRL", xscale="log")
        axes.set_xticks(list(reports), [f"{value:,}" for value in reports])
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        path = folder / f"training-{name.replace(' ', '-')}.png"
        figure.savefig(path, dpi=150)
        pyplot.close(figure)
        made.append(path)
    return made


def main() -> None:
    """Measures, shows, and writes the JSON and the plots."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one small repetition, under a minute")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--out", type=Path, help="folder for training.json and the plots")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--no-sweeps", action="store_true", help="the tables alone")
    given = parser.parse_args()
    everywhere = {"device": given.device}
    if given.quick:
        small = {**SETTINGS["short prompts"], "pairs": 16, **everywhere}
        report = {"settings": {"short prompts": compared(small, ("trl", "ours"), 1)}}
        show("short prompts", report["settings"]["short prompts"])
    else:
        report = _whole(given, everywhere)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "training.json").write_text(
            json.dumps(report, default=vars_of, indent=1) + "\n"
        )
        if "sweeps" in report:
            for path in plots(report["sweeps"], given.out):
                print(path)
    if given.json:
        print(json.dumps(report, default=vars_of))


def _whole(given: argparse.Namespace, everywhere: dict[str, Any]) -> dict[str, Any]:
    report: dict[str, Any] = {"settings": {}, "sweeps": {}}
    for title, setting in SETTINGS.items():
        arms = MORE_EPOCHS if "epochs" in setting else ONE_EPOCH
        report["settings"][title] = compared({**setting, **everywhere}, arms, given.repetitions)
        show(title, report["settings"][title])
    for title, lengths in USERS.items():
        setting = {"users": 32, "fewest": 8, "pairs": 60, "batch": 4, **lengths, **everywhere}
        report["settings"][title] = many_users(setting, max(1, given.repetitions // 2))
        show(title, report["settings"][title])
    if given.no_sweeps:
        return report
    for name, (key, values) in SWEEPS.items():
        report["sweeps"][name] = {}
        for value in values:
            setting = {**SETTINGS["short prompts"], "pairs": 16, **everywhere, key: value}
            last = "ours-together" if key == "users" else "ours-cached"
            report["sweeps"][name][value] = compared(
                setting, ("trl", "ours", last), max(1, given.repetitions // 2)
            )
            show(f"{name}: {value}", report["sweeps"][name][value])
    return report


def vars_of(value: Any) -> Any:
    """A figure's fields, for JSON."""
    return {"median": value.median, "low": value.low, "high": value.high}


if __name__ == "__main__":
    main()
