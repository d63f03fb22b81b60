"""The card of a simulated set: what is in it, how to use it, and what it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from idiolect.simulation.groups import CHOICE, CYCLIC, DRIFTING, GROUPS
from idiolect.simulation.society import COMBINED, REPLIES, Design, Society

if TYPE_CHECKING:
    from idiolect.simulation.export import Counts


def card(society: Society, counts: Counts, size_bytes: int) -> str:
    """The card in Markdown."""
    design = society.design
    template = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    return template.format(
        people=design.people,
        days=design.days,
        origin=_origin(design),
        noise=design.choice.slips,
        questions=design.questions,
        replies=REPLIES,
        observations=sum(counts.observations.values()),
        kinds=_listed(counts.observations),
        trusts=_listed(counts.trusts),
        facts=sum(counts.facts.values()),
        fact_kinds=_listed(counts.facts),
        traps=sum(counts.traps.values()),
        trap_kinds=_listed(counts.traps),
        pairs=sum(counts.pairs.values()),
        ties=counts.ties,
        splits=_listed(counts.pairs),
        rankings=counts.rankings,
        thumbs=counts.thumbs,
        edits=counts.edits,
        size=size_bytes / 1e6,
        groups=", ".join(group.name for group in GROUPS),
        drifting=DRIFTING,
        cyclic=CYCLIC,
        held_out_people=counts.held_out_people,
        combined=", ".join(COMBINED),
        combinations=_combinations(society),
        temperature=design.choice.temperature,
        tie_weight=design.choice.ties,
        fatigue=design.choice.fatigue,
    )


def _origin(design: Design) -> str:
    """The command of a design, or where to look for what no command makes."""
    choice = replace(CHOICE, slips=design.choice.slips, temperature=design.choice.temperature)
    plain = Design(
        people=design.people,
        days=design.days,
        choices=design.choices,
        seed=design.seed,
        start=design.start,
        choice=choice,
    )
    if design != plain:
        return "a program, from the design in `manifest.json`"
    # Numbers in full: one that is rounded would make other choices.
    return (
        f"`idiolect simulate --people {design.people} --days {design.days}"
        f" --choices {design.choices} --seed {design.seed} --noise {choice.slips}"
        f" --temperature {choice.temperature} --start {design.start.isoformat()}`"
    )


def _combinations(society: Society) -> str:
    listed = sorted(" ".join(combination) for combination in society.held_out_combinations)
    return ", ".join(f"*{one}*" for one in listed) or "none"


def _listed(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {name}" for name, count in ordered)
