"""Janus' proof: values are read as composed, tests share nothing with lessons, marks are right."""

import itertools
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from idiolect.engine.log_probs import TokenSequence
from idiolect.handbook.topics import Point, Topic
from idiolect.preference.policies.causal_lm import CausalLmPolicy
from idiolect.proofs.members.janus import proof
from idiolect.proofs.members.janus.advice import POINTS, compose, noted, usable_topics
from idiolect.proofs.members.janus.lessons import (
    MESSAGES,
    Course,
    Request,
    divided_combinations,
)
from idiolect.proofs.members.janus.marking import (
    grounded,
    marks,
    new_values,
    right_for_others,
    shares_right,
)
from idiolect.proofs.members.janus.values import (
    COMBINATIONS,
    DIMENSIONS,
    NEW_VALUE_COMBINATIONS,
    is_neutral,
    read,
)
from idiolect.proofs.members.janus.whole import whole_model
from idiolect.proofs.members.janus.wordings import HELD_OUT, WORDINGS, known_wordings, new_wordings
from idiolect.proofs.training import fit
from idiolect.simulation.splits import Combination

BARE: Combination = ("alone", "command", "plain", "joined", "bare")
FULL: Combination = ("example", "offer", "hedged", "lines", "summary")


@pytest.fixture(scope="module")
def notes() -> list[Topic]:
    rng = random.Random(0)
    return [noted(topic, rng) for topic in usable_topics()]


@pytest.fixture(scope="module")
def course() -> Course:
    return Course.draw(0, 0.1)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Open the window. Sit down.", BARE),
        (
            "You could open the window, I think.\nYou can sit down, in most cases.\n"
            "For example, a chair will do.\nIn short: open the window.",
            FULL,
        ),
        (
            "Fresh air\nI would open the window, no matter what.\n\nI like to sit, for sure.\n\n"
            "A warning: the window is heavy.",
            ("caution", "self", "stressed", "spaced", "heading"),
        ),
        ("- Open the window.\n- Sit down.", ("alone", "command", "plain", "", "bare")),
        (
            "Open the window. I would sit. The reason: air is good. For example, sea air is.",
            ("", "", "plain", "joined", "bare"),
        ),
        # one hedge in four sentences is neither plain nor hedged
        ("Open it, I think. Sit. Wait. Rest.", ("alone", "command", "", "joined", "bare")),
        (" ", ("", "", "", "", "")),
    ],
)
def test_values_are_read_from_the_text(text: str, values: Combination) -> None:
    assert read(text) == values


def test_every_combination_of_every_topic_is_read_as_it_was_composed(notes: list[Topic]) -> None:
    rng = random.Random(1)
    every = list(itertools.product(*(dimension.values for dimension in DIMENSIONS)))
    assert len(every) == 4 * 3 * 3 * 3 * 3
    assert len(notes) > 400
    for place, topic in enumerate(notes):
        for combination in every[place % 65 :: 65]:  # other ones for each topic, all by turns
            assert read(compose(topic, combination, rng)) == combination, topic.name


def test_notes_do_not_tell_what_is_wished(course: Course) -> None:
    for lessons in course.instructions:
        notes, asks = (
            {getattr(lesson.request, of) for lesson in lessons} for of in ("notes", "ask")
        )
        assert len(notes) == len(asks) == 1
        (noted_once,) = notes
        assert len(noted_once.points) == POINTS
        assert noted_once.why
        assert noted_once.example
        assert noted_once.caution


def test_sentences_with_a_mark_of_their_own_are_not_used() -> None:
    for topic in usable_topics():
        for point in topic.points:
            assert read(point.long)[1:3] == ("command", "plain"), point.long
            assert read(point.long)[0] == "alone", point.long
    assert not is_neutral("It may help.")
    assert not is_neutral("Fruit such as pears.")
    assert is_neutral("Fruit such as pears.", gives_example=True)
    assert not is_neutral("Sit. Wait.")


def test_each_value_has_a_dozen_wordings_of_its_own() -> None:
    wordings = [
        wording
        for dimension in DIMENSIONS
        for value in dimension.values
        for wording in WORDINGS[dimension.name][value]
    ]
    assert len(wordings) == len(set(wordings)) == 12 * 16
    for dimension in DIMENSIONS:
        assert set(WORDINGS[dimension.name]) == set(dimension.values)
        for value in dimension.values:
            known, new = known_wordings(dimension.name, value), new_wordings(dimension.name, value)
            assert (len(known), len(new)) == (12 - HELD_OUT, HELD_OUT)
            assert not {*known} & {*new}


@pytest.mark.parametrize("seed", range(5))
def test_combinations_are_divided_evenly(seed: int) -> None:
    known, new = divided_combinations(random.Random(seed))
    assert sorted([*known, *new]) == sorted(COMBINATIONS)
    assert len(COMBINATIONS) == 3 * 2 * 2 * 2 * 2
    assert len(new) == 3 * 2 * 2  # supports, pairs, and each pair's two
    for place, dimension in enumerate(DIMENSIONS):
        for part in (known, new):
            counts = Counter(combination[place] for combination in part)
            assert counts == dict.fromkeys(dimension.tuned, len(part) // len(dimension.tuned))


def test_tests_share_no_topic_combination_or_wording_with_lessons(course: Course) -> None:
    lessons = [lesson.request for lesson in itertools.chain(*course.instructions)]
    tests = list(itertools.chain(*course.tests.values()))
    assert not {of.notes.id for of in lessons} & {of.notes.id for of in tests}
    known = {wording for of in lessons for wording in wordings_of(of)}
    learned = {of.combination for of in lessons}
    for name in ("new", "new_value"):
        for request in course.tests[name]:
            assert request.combination not in learned
            assert len(wordings_of(request)) == len(DIMENSIONS)
            assert not wordings_of(request) & known
    held_out = {dimension.held_out for dimension in DIMENSIONS}
    assert not held_out & set(itertools.chain(*learned))
    for request in course.tests["new_value"]:
        assert len(held_out & {*request.combination}) == 1
    for request in course.tests["known"]:
        assert request.combination not in {of.combination for of in course.tests["new"]}
        for dimension, value in zip(DIMENSIONS, request.combination, strict=True):
            assert wordings_of(request) & {*known_wordings(dimension.name, value)}


def wordings_of(request: Request) -> set[str]:
    return set(re.split(r"(?<=\.) ", request.wishes))


def test_new_values_come_in_turn_beside_known_ones() -> None:
    # one value of the dimension, all of the others': 2 * 2 * 2 * 2, and 3 * 2 * 2 * 2 four times
    assert [len(of) for of in NEW_VALUE_COMBINATIONS] == [16, 24, 24, 24, 24]
    places = [
        next(i for i, d in enumerate(DIMENSIONS) if d.held_out == request.combination[i])
        for request in Course.draw(0, 0.25).tests["new_value"]
    ]
    assert places == [0, 1, 2, 3, 4, 0]


def test_arms_differ_in_their_examples_as_they_say(course: Course) -> None:
    few = course.few
    assert few == 12  # a tenth of 120
    three, one, more = course.three(), course.one(), course.one_of_more()
    assert (len(three), len(one), len(more)) == (MESSAGES * few, few, MESSAGES * few)
    ids = [[lesson.request.notes.id for lesson in arm] for arm in (three, one, more)]
    assert [len(set(of)) for of in ids] == [few, few, MESSAGES * few]
    assert set(ids[0]) == set(ids[1]) < set(ids[2])
    assert three[::MESSAGES] == one == more[:few]
    for lessons in course.instructions:
        assert len({lesson.request.combination for lesson in lessons}) == MESSAGES
        assert len({lesson.reply for lesson in lessons}) == MESSAGES
    for lesson in three:
        assert read(lesson.reply) == lesson.request.combination


def test_shuffling_moves_messages_and_nothing_else(course: Course) -> None:
    three, shuffled = course.three(), course.shuffled(0)
    assert [lesson.reply for lesson in shuffled] == [lesson.reply for lesson in three]
    for lesson, other in zip(three, shuffled, strict=True):
        assert replace(other.request, wishes=lesson.request.wishes) == lesson.request
    wishes = [[lesson.request.wishes for lesson in of] for of in (three, shuffled)]
    assert sorted(wishes[0]) == sorted(wishes[1])
    stayed = sum(one == other for one, other in zip(*wishes, strict=True))
    assert stayed <= 4  # of 36; one is expected
    assert course.shuffled(0) == shuffled != course.shuffled(1)


def test_wishes_stand_before_the_notes_and_the_question_after_them(course: Course) -> None:
    request = course.three()[0].request
    system, user = request.context
    assert (system["role"], user["role"]) == ("system", "user")
    paragraph, heading = system["content"].split(":\n")[0].split("\n\n")
    assert paragraph == request.wishes
    assert heading == f"Notes on {request.notes.name}"
    assert user["content"] == request.ask


def test_a_seed_gives_the_same_course_again() -> None:
    assert Course.draw(3, 0.05) == Course.draw(3, 0.05) != Course.draw(4, 0.05)


def asked(notes: Topic, combination: Combination) -> Request:
    return Request(notes, "How?", combination, "")


def composed(requests: Sequence[Request]) -> list[str]:
    return [compose(of.notes, of.combination, random.Random(0)) for of in requests]


def test_marks_are_shares_of_the_dimensions(notes: list[Topic]) -> None:
    mixed: Combination = ("alone", "offer", "hedged", "joined", "bare")
    requests = [asked(notes[0], BARE), asked(notes[1], FULL)]
    replies = composed([asked(notes[0], BARE), asked(notes[1], mixed)])
    # the second has voice and certainty as asked
    assert shares_right(requests, replies) == [1.0, 2 / 5]
    # to the other's request: the first reply has none, the second support, layout and frame
    assert right_for_others(requests, replies) == pytest.approx((0 + 3 / 5) / 2)


def test_new_values_are_held_against_those_that_others_asked(notes: list[Topic]) -> None:
    warned: Combination = ("caution", "command", "plain", "joined", "bare")
    headed: Combination = ("alone", "command", "plain", "joined", "heading")
    requests = [asked(notes[0], warned), asked(notes[1], headed), asked(notes[2], headed)]
    # the first does as asked, the second gives the warning that the first was asked for
    replies = composed([asked(notes[0], warned), asked(notes[1], warned), asked(notes[2], BARE)])
    own, others = new_values(requests, replies)
    assert own == pytest.approx(1 / 3)
    assert others == pytest.approx(1 / 3)


def test_words_are_grounded_that_stand_in_the_notes(notes: list[Topic]) -> None:
    points = (Point("Sit down", "Sit down."),)
    rest = replace(notes[0], name="rest", why="", points=points, example="", caution="")
    requests = [asked(rest, BARE)] * 2
    # "rest", "sit" and "down" stand there, "please" does not; a reply without words adds none
    assert grounded(requests, ["Rest. Please sit down.", ""]) == pytest.approx(3 / 4)
    assert grounded(requests, ["", ""]) == 0.0


def test_the_composer_has_full_marks() -> None:
    course = Course.draw(0, 0.5)
    found = marks(course, proof.composed(course, seed=0))
    assert {name: found[name] for name in ("right", "all", "known", "new_value")} == {
        "right": 1.0,
        "all": 1.0,
        "known": 1.0,
        "new_value": 1.0,
    }
    assert found["new_value_others"] == 0.0
    # Each of 12 combinations is asked twice. Of the 23 other requests eleven have the same value in
    # a dimension of two values, of which there are four, and seven in the one of three.
    assert found["others"] == pytest.approx((4 * 11 + 7) / 23 / 5)
    assert found["own_lead"] == pytest.approx(1 - found["others"])


def test_a_whole_model_learns_in_place_and_its_reference_stays(course: Course) -> None:
    torch.set_num_threads(1)
    loaded, policy = whole_model()
    example = course.three()[0].example
    sample = policy.encode(example.context, example.samples[0])
    before = log_prob(policy, sample)
    names = [name for name, _ in loaded.model.named_parameters()]
    fit(policy, "c_rlft", [example], steps=3, learning_rate=1e-3)
    after = log_prob(policy, sample)
    assert after > before + 1
    assert list(policy.state_dict()) == names
    (reference,) = policy.anchor_log_probs([sample])
    assert float(reference.sum()) == pytest.approx(before, rel=1e-3)
    assert log_prob(policy, sample) == pytest.approx(after, rel=1e-3)  # off() put it back


def log_prob(policy: CausalLmPolicy, sample: TokenSequence) -> float:
    with torch.inference_mode():
        return float(policy.lm.scores([sample], collision=False).log_probs.sum())
