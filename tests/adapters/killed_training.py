"""Run as a program: trains on the tiny model and kills itself, as the system would, mid-way.

Arguments: base folder, work folder, the recipe as JSON, and the step after which it dies.
"""

import os
import signal
import sys
from pathlib import Path

from idiolect.adapters.recipe import Recipe
from idiolect.adapters.train import train_adapter
from idiolect.preference.metrics import StepMetrics
from tests.preference.training import capital_pairs


def main(base: str, work_dir: str, recipe: str, last_step: str) -> None:
    def die_after(metrics: StepMetrics) -> None:
        if metrics.step == int(last_step):
            os.kill(os.getpid(), signal.SIGKILL)

    train_adapter(
        capital_pairs(),
        base=Path(base),
        recipe=Recipe.model_validate_json(recipe),
        work_dir=Path(work_dir),
        on_metrics=die_after,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
