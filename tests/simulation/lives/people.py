"""A few simulated people, and their lives."""

from functools import cache

from idiolect.simulation.lives import Life, draw_life
from idiolect.simulation.people import Person
from idiolect.simulation.population import PeopleGroup, Population


@cache
def people(number: int) -> tuple[Person, ...]:
    """So many people of one group."""
    return Population.draw(number, [PeopleGroup("all")], seed=3).people


@cache
def lives(number: int, days: int = 7) -> tuple[Life, ...]:
    """Their lives, drawn once for all tests, none of which changes them."""
    return tuple(draw_life(person, 3, days=days) for person in people(number))
