"""From candidates to decisions: what is shown, what waits, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idiolect.assistant.suggestions.bucket import Bucket, Level, taken, wait_s
from idiolect.assistant.suggestions.candidates import Candidate, distinct
from idiolect.assistant.suggestions.learning import Learned, adjusted, aged, needed
from idiolect.assistant.suggestions.utility import (
    DISTURBANCES,
    Activity,
    Moment,
    Outcome,
    Stakes,
    best,
    expected,
    gain,
    threshold,
)

LEAST_TOLD = 0.01
"""A correction of p that is smaller is not spoken of."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the user is at.

    Attributes:
        digest_at: when the next digest comes.
        activity: what the user does now.
        free_at: when that ends, as a calendar knows it; else the usual time is taken.
    """

    digest_at: datetime
    activity: Activity = "ordinary"
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one candidate, and on what grounds.

    Attributes:
        candidate: as it was proposed.
        outcome: now, later, digest or drop.
        reason: in plain words, with the figures.
        again_at: when it is decided anew; for ``later`` only.
        stakes: with what the user's answers taught.
        needed_p: the p from which on the proposer's offer would have been worth interrupting
            an ordinary moment for.
        worth: the expected utility of each act that was open; empty for what was not weighed.
    """

    candidate: Candidate
    outcome: Outcome
    reason: str
    stakes: Stakes
    needed_p: float
    again_at: datetime | None = None
    worth: Mapping[Outcome, float] | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The decisions, the strongest offers first, and what is left in the bucket."""

    decisions: tuple[Decision, ...]
    level: Level


def select(
    candidates: Iterable[Candidate],
    situation: Situation,
    *,
    now: datetime,
    state: Learned,
    bucket: Bucket,
    level: Level,
    waiting: Sequence[Candidate] = (),
    shown: Iterable[str] = (),
    vectors: Mapping[str, Sequence[float]] | None = None,
) -> Selection:
    """Decides on every candidate.

    Offers are ranked by GUMBO's difference p·B - (1-p)·C_FP + p·C_FN with what was learnt of the
    user in them; repetitions and what has lapsed are dropped; each other one gets the act that is
    worth most. An interruption takes a token. Where there is none the act is chosen from the
    others, with the wait for a token counted.

    Args:
        candidates: those of this round.
        situation: what the user is at.
        now: the moment, aware.
        state: what the user's answers have taught.
        bucket: how often the user may be interrupted.
        level: its tokens.
        waiting: those that waited for it; they were told apart from each other when they came, and
            of two that say the same the one that waited is kept.
        shown: texts of offers that were shown lately, whatever became of them.
        vectors: unit vectors of the texts, for telling repetitions.
    """
    state = aged(state, now)

    def rank(candidate: Candidate) -> tuple[float, str]:
        return -gain(adjusted(state, candidate.kind, candidate.stakes)), candidate.text

    ranked = sorted(candidates, key=rank)
    alive = [each for each in ranked if each.valid_until > now]
    kept, repeated = distinct(alive, [*shown, *(each.text for each in waiting)], vectors)
    kept += (each for each in waiting if each.valid_until > now)
    decisions: list[Decision] = []
    for candidate in sorted(kept, key=rank):
        decision, level = _decide(candidate, situation, now, state, bucket, level)
        decisions.append(decision)
    decisions += (_dropped(each, state, f'It repeats "{earlier}".') for each, earlier in repeated)
    decisions += (
        _dropped(each, state, "Its time has passed.")
        for each in (*ranked, *waiting)
        if each.valid_until <= now
    )
    return Selection(tuple(decisions), level)


def _decide(
    candidate: Candidate,
    situation: Situation,
    now: datetime,
    state: Learned,
    bucket: Bucket,
    level: Level,
) -> tuple[Decision, Level]:
    stakes = adjusted(state, candidate.kind, candidate.stakes)
    moment = _moment(candidate, situation, now)
    worth = expected(stakes, moment)
    outcome = best(worth)
    during = _DURING[situation.activity]
    rest = taken(bucket, level, now)
    if outcome == "now" and rest is not None:
        level = rest
    elif outcome == "now":
        during = "something else was shown to you just before"
        wait = max(moment.wait_s, wait_s(bucket, level, now))
        moment = replace(moment, multiplier=None, wait_s=wait)
        worth = expected(stakes, moment)
        outcome = best(worth)
    again_at = now + timedelta(seconds=moment.wait_s) if outcome == "later" else None
    needed_p = needed(state, candidate.kind, candidate.stakes)
    reason = _reason(outcome, during, candidate.stakes.p, stakes, worth)
    return Decision(candidate, outcome, reason, stakes, needed_p, again_at, worth), level


def _moment(candidate: Candidate, situation: Situation, now: datetime) -> Moment:
    disturbance = DISTURBANCES[situation.activity]
    until_free = (
        (situation.free_at - now).total_seconds() if situation.free_at else disturbance.usual_s
    )
    return Moment(
        multiplier=disturbance.multiplier,
        wait_s=max(0.0, until_free),
        digest_in_s=max(0.0, (situation.digest_at - now).total_seconds()),
        lasts_s=(candidate.valid_until - now).total_seconds(),
    )


def _dropped(candidate: Candidate, state: Learned, reason: str) -> Decision:
    stakes = adjusted(state, candidate.kind, candidate.stakes)
    needed_p = needed(state, candidate.kind, candidate.stakes)
    return Decision(candidate, "drop", reason, stakes, needed_p)


_DURING: dict[Activity, str] = {
    "idle": "you seem to have a moment",
    "ordinary": "nothing speaks against a moment of your time",
    "focus": "you are at work on something",
    "meeting": "you are in a meeting",
    "do_not_disturb": "you are not to be disturbed",
}
_ACTS: dict[Outcome, str] = {"now": "now", "later": "later", "digest": "digest", "drop": "nothing"}


def _reason(
    outcome: Outcome, during: str, given_p: float, stakes: Stakes, worth: Mapping[Outcome, float]
) -> str:
    chance = f"It is {stakes.p:.0%} likely that you want this"
    if abs(stakes.p - given_p) >= LEAST_TOLD:
        chance += f" (your earlier answers make that of {given_p:.0%})"
    bar = threshold(stakes)
    # Worth an interruption by itself, and kept from it by the moment.
    held_back = stakes.p > bar and "now" not in worth
    why = {
        "now": f"{chance}, {bar:.0%} are enough, and {during}.",
        "later": f"{chance}, but {during}, and it can wait.",
        "digest": f"{chance}: enough for a line in the digest, and not for an interruption.",
        "drop": f"{chance}, which is too little.",
    }[outcome]
    if held_back and outcome == "digest":
        why = f"{chance}, but {during}, so it has a line in the digest."
    elif held_back and outcome == "drop":
        why = f"{chance}, but {during}, and later is too late."
    figures = ", ".join(f"{_ACTS[act]} {worth[act]:+.2f}" for act in _ACTS if act in worth)
    return f"{why} Expected worth: {figures}."
