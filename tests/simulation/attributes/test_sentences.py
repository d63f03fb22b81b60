"""Checkers sort sentences of our own as their writer's ear does, wherever the tests run."""

import tomllib
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from idiolect.simulation.attributes import ATTRIBUTES
from idiolect.simulation.attributes.areas import areas
from idiolect.simulation.attributes.topic import PREFIX
from tests.simulation.sets import auc


@cache
def sorted_sentences() -> dict[str, Any]:
    """By attribute what has more of it and less, and by area what is asked about it."""
    return tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("formality", 0.95),
        ("hedging", 0.8),
        ("humor", 0.75),  # of the fourteen jokes, the dry ones at the end have no mark
        ("enthusiasm", 0.95),
        ("directness", 0.95),
        ("examples", 0.85),
        ("address", 0.95),
        ("questions", 0.95),
        ("simplicity", 0.95),
        ("reading_level", 0.95),
    ],
)
def test_a_checker_sorts_sentences_as_an_ear_does(name: str, least: float) -> None:
    more, less = (
        [ATTRIBUTES[name](text).value for text in sorted_sentences()[name][side]]
        for side in ("more", "less")
    )
    assert auc(more, less) >= least


def test_an_area_is_told_by_what_people_ask_about_it() -> None:
    """On average over the areas; what one asks shares few words with a handbook."""
    of_area: dict[str, list[str]] = sorted_sentences()["areas"]
    assert {f"{PREFIX}{area}" for area in of_area} <= set(areas())
    separations = []
    for area in of_area:
        measure = areas()[f"{PREFIX}{area}"]
        own = [measure(text).value for text in of_area[area]]
        others = [
            measure(text).value for other in of_area.keys() - {area} for text in of_area[other]
        ]
        separations.append(auc(own, others))
    assert fmean(separations) > 0.85, separations
