"""The charter's conflict suite with a model that writes: what it breaks, personalized and not.

    python -m benchmarks.charter [--cases N] [--json] [--replies FILE]

``idiolect charter check`` reads what a model is shown. Here the bundled model answers every case of
the suite, greedily, and the suite's own checks read its replies: with personalization (*on*) and
without (*off*), as the platform composes its context, and under a charter without standards
(*charter off*), so that each wish acts as it was inferred. The bundled model is not told the
charter's rules, as it was never taught to keep any, so many a case is broken in all arms: what the
charter promises is that personalization adds none. Where what is known would change nothing of the
context, all replies are the same, so only the other cases are asked; ``--cases`` takes some of
them, evenly spread.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from idiolect.assistant.conflicts import TALK_CHARACTERS, known_of
from idiolect.assistant.context import assemble
from idiolect.lm.models import LANGUAGE_MODELS, ModelOptions
from idiolect.lm.protocols import ChatMessage, LanguageModel, Sampling
from idiolect.lm.structured import complete
from idiolect.usermodel.charter.conflicts import (
    Case,
    ConflictReport,
    charter_named,
    load_cases,
    run,
)
from idiolect.usermodel.charter.standards import Charter

SAMPLING = Sampling(max_tokens=160, temperature=0.0)


@dataclass(frozen=True, slots=True)
class Arm:
    """How the system message of a case is composed."""

    is_personalized: bool
    has_charter: bool

    def system(self, case: Case) -> str:
        """As the assistant composes it for a model that is not told the rules."""
        known = known_of(case) if self.is_personalized else ()
        context = assemble(
            [ChatMessage("user", case.question)],
            known,
            sorted(known, key=lambda each: -each.confidence),
            charter=charter_named(case.charter) if self.has_charter else Charter(),
            characters=TALK_CHARACTERS,
            role=case.role,
        )
        return context.system


OFF = Arm(is_personalized=False, has_charter=True)
ARMS: Mapping[str, Arm] = {
    "on": Arm(is_personalized=True, has_charter=True),
    "charter off": Arm(is_personalized=True, has_charter=False),
}


def answering(model: LanguageModel) -> Callable[[str, str], str]:
    """Answers a question under a system message; the same one once."""

    @cache
    def reply(system: str, question: str) -> str:
        first = [ChatMessage("system", system)] if system else []
        [text] = complete(model, [*first, ChatMessage("user", question)], SAMPLING)
        return text

    return reply


def figures(name: str, report: ConflictReport) -> dict[str, object]:
    """One arm against *off*."""
    cases = len(report.results)
    low, high = report.interval
    return {
        "arm": name,
        "cases": cases,
        "broken": sum(each.on is not None for each in report.results),
        "broken_off": sum(each.off is not None for each in report.results),
        "added": [each.case.id for each in report.added],
        "removed": [each.case.id for each in report.removed],
        "difference": report.difference,
        "interval": [low, high],
    }


def main(arguments: Sequence[str]) -> None:
    """Runs the suite and prints a line for each arm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--replies", type=Path, help="where to write what the model said")
    parser.add_argument("--cases", type=int, help="how many to ask; all where not given")
    chosen = parser.parse_args(arguments)
    reply = answering(LANGUAGE_MODELS["bundled"](ModelOptions()))
    every = load_cases()
    changed = [case for case in every if ARMS["charter off"].system(case) != OFF.system(case)]
    cases = changed[:: max(1, len(changed) // (chosen.cases or len(changed)))]
    found = {name: run(cases, reply, on=arm.system, off=OFF.system) for name, arm in ARMS.items()}
    if chosen.replies:
        lines = [
            {"case": case.id, "arm": name, "reply": reply(arm.system(case), case.question)}
            for case in cases
            for name, arm in {**ARMS, "off": OFF}.items()
        ]
        chosen.replies.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    rows = [figures(name, report) for name, report in found.items()]
    if chosen.json:
        print(json.dumps({"cases": len(every), "changed": len(changed), "arms": rows}))
        return
    print(f"{len(every)} cases; in {len(changed)} what is known would change the context")
    for row in rows:
        print(row)


if __name__ == "__main__":
    main(sys.argv[1:])
