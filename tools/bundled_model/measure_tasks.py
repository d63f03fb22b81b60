"""Measure the platform's small tasks on gold rows that training never saw: who does them best?

Propositions: the pattern proposer, the bundled model (with evidence from all of the screen, and
from the user's own words only), and two trivial arms. Relations: the rules of the platform, cosine
thresholds fitted on the training part, the bundled model, the commonest label. Titles: the
message's first words, as the platform takes them, and the bundled model. Every figure is a mean
with a 95 % bootstrap interval over rows. Without ``--model`` only what needs no model is measured.

The thresholds of the rules were chosen on every other row of the gold pairs, before there was this
split, so about half of the test part is not new to them.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.lm.protocols import ChatMessage, Embedder, LanguageModel, Sampling
from idiolect.lm.scripted import ScriptedModel
from tools.bundled_model.speaker import Speaker
from tools.bundled_model.tasks.scores import Figures
from tools.bundled_model.tasks.scores_propositions import proposition_figures
from tools.bundled_model.tasks.scores_relation import relation_figures
from tools.bundled_model.tasks.scores_title import title_figures

Measure = Callable[[Embedder, LanguageModel | None], Mapping[str, Figures]]

MEASURES: dict[str, Measure] = {
    "propositions": proposition_figures,
    "relation": relation_figures,
    "title": title_figures,
}


def greedy(directory: Path) -> LanguageModel:
    """The bundled model as a language model that always gives its likeliest reply."""
    speaker = Speaker(directory)
    settings = speaker.model.generation_config
    settings.do_sample, settings.temperature, settings.top_p = False, None, None

    def reply(messages: Sequence[ChatMessage], sampling: Sampling) -> str:
        settings.max_new_tokens = sampling.max_tokens
        [text] = speaker.reply([[message.as_dict() for message in messages]], seed=0)
        return text

    return ScriptedModel(reply, name=directory.name)


def main() -> None:
    """Measure everything and print it, as JSON in the last line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, help="a folder with weights; else only the others")
    parser.add_argument("--task", choices=tuple(MEASURES), action="append")
    arguments = parser.parse_args()
    model = greedy(arguments.model) if arguments.model else None
    console = Console(soft_wrap=True, highlight=False)
    results: dict[str, Mapping[str, Figures]] = {}
    for task in arguments.task or MEASURES:
        results[task] = MEASURES[task](BundledEmbedder(), model)
        for arm, figures in results[task].items():
            console.print(f"{task}, {arm}: {json.dumps(figures)}", markup=False)
    console.print(json.dumps(results), markup=False)


if __name__ == "__main__":
    main()
