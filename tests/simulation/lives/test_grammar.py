"""A predicate has the forms that texts need."""

import pytest

from idiolect.simulation.lives.grammar import Predicate
from idiolect.simulation.lives.strands.hobbies import predicates


@pytest.mark.parametrize(
    ("third", "first", "gerund"),
    [
        ("keeps bees", "keep bees", "keeping bees"),
        ("is vegetarian", "am vegetarian", "being vegetarian"),
        ("has a dog", "have a dog", "having a dog"),
        ("goes to the market", "go to the market", "going to the market"),
        ("does yoga", "do yoga", "doing yoga"),
        ("studies law", "study law", "studying law"),
        ("teaches dance", "teach dance", "teaching dance"),
        ("fixes clocks", "fix clocks", "fixing clocks"),
        ("writes poems", "write poems", "writing poems"),
        ("runs by the river", "run by the river", "running by the river"),
        ("swims", "swim", "swimming"),
        ("prefers winter to summer", "prefer winter to summer", "preferring winter to summer"),
        ("begins early", "begin early", "beginning early"),
        ("offers help", "offer help", "offering help"),
        ("plays chess", "play chess", "playing chess"),
        ("sews coats", "sew coats", "sewing coats"),
        ("often runs late", "often run late", "the fact that I often run late"),
        ("cannot whistle", "cannot whistle", "the fact that I cannot whistle"),
    ],
)
def test_forms_of_a_predicate(third: str, first: str, gerund: str) -> None:
    predicate = Predicate(third)
    assert (predicate.first, predicate.gerund) == (first, gerund)
    assert predicate.of("Mara") == f"Mara {third}."


def test_predicates_of_the_handbook_leave_other_parts_of_a_life_alone() -> None:
    found = set(predicates())
    assert len(found) > 300
    assert "keeps bees" in found
    for other in ("has a dog", "works as a waiter", "has just retired", "is saving for a trip"):
        assert other not in found
