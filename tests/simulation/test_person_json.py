"""A person that was written down prefers what they preferred before."""

import json

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.person_json import person_as_dict, person_from
from idiolect.simulation.population import PeopleGroup, Population
from idiolect.simulation.writing import write_candidates
from tests.simulation.replies import FEATURES


def test_a_person_is_read_back_with_all_tastes() -> None:
    group = PeopleGroup("all", drifting_share=1.0, cyclic_share=1.0)
    candidates = write_candidates(4, 4, seed=0)
    measured = [FEATURES(reply) for offered in candidates for reply in offered.replies]
    for person in Population.draw(5, [group], 0).standardized(measured).people:
        again = person_from(json.loads(json.dumps(person_as_dict(person))))
        assert (again.id, again.group, again.choice) == (person.id, person.group, person.choice)
        for one in measured:
            for other in measured:
                for day in (0.0, 12.0):
                    expected = person.advantage(one, other, day=day)
                    assert again.advantage(one, other, day=day) == expected


@pytest.mark.parametrize("broken", [{}, {"id": "a", "drift": None}, {"drift": {}, "id": "a"}])
def test_what_is_no_person_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match="no simulated person"):
        person_from(broken)
