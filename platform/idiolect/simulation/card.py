"""The card of a simulated set: what is in it, how to use it, and what it is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from idiolect.simulation.groups import CYCLIC, DRIFTING, GROUPS
from idiolect.simulation.society import COMBINED, REPLIES, Design

if TYPE_CHECKING:
    from idiolect.simulation.export import Counts


def card(design: Design, counts: Counts, size_bytes: int) -> str:
    """The card in Markdown."""
    template = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    return template.format(
        people=design.people,
        days=design.days,
        choices=design.choices,
        seed=design.seed,
        noise=design.choice.slips,
        start=design.start.isoformat(),
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
        size=size_bytes / 1e6,
        groups=", ".join(group.name for group in GROUPS),
        drifting=DRIFTING,
        cyclic=CYCLIC,
        held_out_people=counts.held_out_people,
        combined=", ".join(COMBINED),
        temperature=design.choice.temperature,
        tie_weight=design.choice.ties,
        fatigue=design.choice.fatigue,
    )


def _listed(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {name}" for name, count in ordered)
