"""Measure the bundled model on topics, asks, style combinations and wordings it never saw.

Every figure stands beside a control: the same replies held against another prompt, the notes or
the fact exchanged for others'. Replies are sampled with the shipped generation settings, from
fixed seeds.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from idiolect.lm.bundled import MODEL_DIR
from tools.bundled_model.measure_cases import draw_cases
from tools.bundled_model.measure_loss import loss_figures
from tools.bundled_model.measure_notes import (
    absent_figures,
    fact_figures,
    flaw_figures,
    notes_figures,
    recall_figures,
)
from tools.bundled_model.measure_speed import speed_figures
from tools.bundled_model.measure_style import hand_written_figures, style_figures, wish_figures
from tools.bundled_model.speaker import Speaker

Figures = Mapping[str, object]

MEASURES: Mapping[str, Callable[..., Figures]] = {
    "words from the notes": notes_figures,
    "style, held-out combinations and wordings": style_figures,
    "style, hand-written messages": hand_written_figures,
    "style, one wish": wish_figures,
    "fact used": fact_figures,
    "says that nothing is noted": absent_figures,
    "known propositions recalled": recall_figures,
    "flaws": flaw_figures,
}


def main() -> None:
    """Measure everything and print it, as JSON in the last line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model-dir", type=Path, default=MODEL_DIR)
    parser.add_argument("--count", type=int, default=200, help="replies per measure")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="measures whose name has this in it")
    arguments = parser.parse_args()
    speaker = Speaker(arguments.model_dir)
    cases = draw_cases(arguments.count, arguments.seed)
    console = Console()
    measures: dict[str, Callable[[], Figures]] = {
        **{
            name: lambda measure=measure: measure(speaker, cases, arguments.seed)
            for name, measure in MEASURES.items()
        },
        "loss": lambda: loss_figures(speaker, arguments.seed),
        "speed": lambda: speed_figures(arguments.model_dir, cases[0]),
    }
    results: dict[str, Figures] = {}
    for name, measured in measures.items():
        if arguments.only and arguments.only not in name:
            continue
        results[name] = measured()
        console.print(f"{name}: {results[name]}", highlight=False, soft_wrap=True)
    console.print(json.dumps(results), soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
