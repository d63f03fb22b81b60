"""Candidate replies of different manners, and people who judge them."""

from idiolect.simulation.choices import Candidates
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.people import Person
from idiolect.simulation.utility import Liking, Utility

SHORT = "Take a walk."
LIST = "Here is what helps:\n- Take a walk\n- Drink water\n- Go to bed early"
CHEERFUL = "Great question! 😊 You could take a lovely walk today! Shall we plan one?"
FORMAL = (
    "It is advisable to take a walk of moderate length. Furthermore, sufficient hydration and "
    "appropriate rest are recommended."
)
REPLIES = (SHORT, LIST, CHEERFUL, FORMAL)

CANDIDATES = tuple(
    Candidates(({"role": "user", "content": question},), REPLIES)
    for question in ("How do I relax?", "What helps me sleep?", "How do I stay fit?")
)

FEATURES = FeatureMap()


def person(choice: ChoiceModel | None = None, **weights: float) -> Person:
    """Somebody with linear likings, standardized over the replies."""
    utility = Utility({name: Liking(weight) for name, weight in weights.items()})
    return Person("ada", "all", utility, choice or ChoiceModel(temperature=1e-4)).standardized(
        [FEATURES(reply) for reply in REPLIES]
    )
