"""The proof of preference tuning: who learns from what, who is judged by whom, the arithmetic."""

from collections.abc import Sequence

import pytest
import torch

from idiolect.preference.pairs import Messages
from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.asks import Asks
from idiolect.proofs.members.preference_tuning.proof import PROOF
from idiolect.proofs.members.preference_tuning.setting import (
    CHOICES,
    CROWD_SEED,
    CURVE,
    Learner,
    Setting,
    chosen_of,
    setting,
    somebody,
)
from idiolect.proofs.parts import FIRST_SEED, Trial
from idiolect.simulation.choices import Candidates
from idiolect.simulation.features import FeatureMap
from tests.simulation.replies import REPLIES, SHORT, person

torch.set_num_threads(1)

SMALLEST = 0.003
FULL = 1.0
ASKS = Asks.draw(0, seen=20, unseen=30)
LONG = "You could take a long walk by the river in the evening, and come home late. " * 3


def headings(contexts: Sequence[Messages]) -> set[str]:
    return {context[0]["content"].splitlines()[0] for context in contexts}


def questions(contexts: Sequence[Messages]) -> set[str]:
    return {context[-1]["content"] for context in contexts}


def by_hand(base: Sequence[Sequence[str]], more: Sequence[Sequence[str]] = ()) -> Setting:
    """A setting whose replies nobody had to draw."""
    offered = [Candidates(context, REPLIES) for context in ASKS.seen]
    return Setting(ASKS, offered, base, more, FeatureMap(), FULL)


def brief(places: Sequence[int]) -> Learner:
    return Learner(person(length=-1.0), (), places)


def test_topics_to_be_judged_on_are_none_that_are_learned_from() -> None:
    assert (len(ASKS.seen), len(ASKS.unseen)) == (20, 30)
    assert len(headings(ASKS.seen)) == 20
    assert not headings(ASKS.seen) & headings(ASKS.unseen)


def test_questions_stand_under_notes_and_no_style_is_stated() -> None:
    for system, user in ASKS.seen:
        lines = system["content"].splitlines()
        assert lines[0].startswith("Notes on ")
        assert all(line.startswith("- ") for line in lines[1:])
        assert user["role"] == "user"


def test_everything_that_is_learned_from_is_of_seen_conversations() -> None:
    replies = [[SHORT]] * len(ASKS.unseen)
    world = by_hand(replies, replies)
    for seed in (3, 4, CROWD_SEED):
        learner = world.learner(seed)
        assert all(pair.context_w in ASKS.seen for pair in learner.pairs)
        assert {pair.source for pair in learner.pairs} == {learner.person.id}
        assert len(learner.pairs) == max(CURVE)
        assert len(set(learner.places)) == 24
        assert all(0 <= place < len(ASKS.unseen) for place in learner.places)


def test_the_first_choices_are_the_same_however_many_follow_and_ties_are_left_out() -> None:
    learner = by_hand([[SHORT]] * len(ASKS.unseen)).learner(5)
    few, many = learner.first(30), learner.first(CHOICES)
    assert few == many[: len(few)]
    ties = [pair for pair in learner.pairs[:CHOICES] if pair.is_tie]
    assert ties
    assert len(many) == CHOICES - len(ties)


def test_seeds_are_different_people_of_the_simulated_groups() -> None:
    people = [somebody(seed) for seed in range(40)]
    assert len({one.id for one in people}) == 40
    assert {one.group for one in people} == {"brisk", "warm", "thorough", "various"}
    assert somebody(7) == people[7]


def test_the_win_rate_is_the_share_of_pairs_that_the_person_truly_prefers() -> None:
    base = [[SHORT, LONG], [LONG, LONG], [SHORT, SHORT]]
    judged = by_hand(base).judged(brief([0, 2]), [[SHORT, LONG], [SHORT, LONG]])
    # Place 0: a tie, a win, a loss, a tie: 1/2. Place 2: two ties, two losses: 1/4.
    assert judged["win rate"] == pytest.approx((0.5 + 0.25) / 2)
    # The base has one long reply of four there, ours are two: the mean worth falls by a quarter
    # of what lies between the two.
    worth = person(length=-1.0).worth
    features = FeatureMap()
    between = worth(features(SHORT)) - worth(features(LONG))
    assert judged["gain"] == pytest.approx(-between / 4)
    assert judged["surprise"] > 0


def test_the_oracle_takes_the_truly_best_of_further_replies() -> None:
    more = [[LONG, SHORT], [LONG, LONG], [SHORT, LONG]]
    assert by_hand([], more).best(brief([0, 1])) == [[SHORT], [LONG]]


@pytest.fixture(scope="module")
def trial() -> Trial:
    return PROOF.trial(0, SMALLEST, lambda: None)


def test_the_sham_is_the_adapter_of_the_next_person(trial: Trial) -> None:
    world, choices = setting(0, SMALLEST), setting(0, SMALLEST).choices(CHOICES)
    assert {seed for seed, _ in world.adapters} == {0, 1, CROWD_SEED}
    mine, theirs = world.adapters[0, choices], world.adapters[1, choices]
    assert any(
        not torch.equal(mine.modules[name][1], theirs.modules[name][1]) for name in mine.modules
    )
    learner = world.learner(0)
    assert trial.measured["stranger"] == world.judged(learner, world.written(learner, theirs, 0))


def test_the_base_wins_half_against_itself(trial: Trial) -> None:
    reference = trial.measured[REFERENCE]
    assert (reference["win rate"], reference["gain"]) == (0.5, 0.0)


def test_drafts_are_to_seen_conversations_and_replies_to_the_others(trial: Trial) -> None:
    world = setting(0, SMALLEST)
    assert {one.context[-1]["content"] for one in world.offered} <= questions(world.asks.seen)
    assert not questions(world.asks.seen) & questions(world.asks.unseen)
    assert len(world.base) == len(world.more) == len(world.asks.unseen)


def test_people_on_whom_it_is_reported_share_a_setting_that_is_new(trial: Trial) -> None:
    assert setting(5, SMALLEST) is setting(0, SMALLEST)
    reported = setting(FIRST_SEED, SMALLEST)
    assert reported is setting(FIRST_SEED + 19, SMALLEST)
    assert reported.asks != setting(0, SMALLEST).asks
    assert reported.base != setting(0, SMALLEST).base


def test_imitation_learns_what_was_chosen_and_nothing_else() -> None:
    pairs = by_hand([[SHORT]] * len(ASKS.unseen)).learner(3).first(CHOICES)
    chosen = chosen_of(pairs)
    assert [one.samples for one in chosen] == [(pair.sample_w,) for pair in pairs]
    assert [one.context for one in chosen] == [pair.context_w for pair in pairs]


def test_the_curve_is_that_of_the_arms(trial: Trial) -> None:
    arms = ("tuned_10", "tuned_30", "tuned", "tuned_200")
    assert trial.curves == {"tuned": [trial.measured[arm]["win rate"] for arm in arms]}
    assert PROOF.curve_at == CURVE == (10, 30, 60, 200)
