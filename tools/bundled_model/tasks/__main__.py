"""Show some tasks."""

import argparse
import random

from rich.console import Console

from tools.bundled_model.tasks import draw_task


def main() -> None:
    """Show some tasks."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    console = Console()
    for _ in range(arguments.count):
        for said in draw_task(rng):
            console.print(f"[bold]{said['role']}[/bold]", highlight=False)
            console.print(said["content"], highlight=False, markup=False)
        console.rule()


if __name__ == "__main__":
    main()
