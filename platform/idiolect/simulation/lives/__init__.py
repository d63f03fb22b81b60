"""Simulated lives: a stream of observations that shows some of what is true, and more besides.

``life`` puts a life together: ``protagonist`` is who it is about, ``strands`` draws its threads
(facts, what shows them, and what only seems true), ``channels`` and ``desk`` make scenes of texts
from ``words``, ``timeline`` and ``calendar`` make observations of scenes and entries, ``facts`` is
what propositions are held against.
"""

from idiolect.simulation.lives.facts import Fact, Trap, Truth
from idiolect.simulation.lives.life import START, Life, draw_life

__all__ = ["START", "Fact", "Life", "Trap", "Truth", "draw_life"]
