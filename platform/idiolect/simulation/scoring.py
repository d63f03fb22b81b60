"""How good propositions about a simulated person are, held against the truth of a moment.

Each proposition says the same as at most one statement of the truth: the nearest of those that
``matching`` lets it match. So it comes out as one of

    true         a fact that holds, or a dated one that held
    stale        a fact that has ended
    planted      spam, an advertisement or phishing
    misread      what somebody else said, a joke, a quotation, an invitation, ...
    unsupported  nothing that is known; a life is all written down, so this is wrong too

and is right if it is true. Nothing else is judged: a true thing said twice is right twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import fmean
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from idiolect.errors import InvalidInputError
from idiolect.simulation.lives.facts import Fact, FactKind, Trap, Truth
from idiolect.simulation.matching import Matcher
from idiolect.usermodel.calibration.figures import Bin, bins_of, brier, calibration_error

Outcome = Literal["true", "stale", "planted", "misread", "unsupported"]


@dataclass(frozen=True, slots=True)
class Belief:
    """A proposition as far as it is scored.

    Attributes:
        text: the statement.
        confidence: the probability that it is true, in [0, 1].

    Raises:
        InvalidInputError: the confidence is no probability, or there is no text.
    """

    text: str
    confidence: float

    def __post_init__(self) -> None:
        if not self.text.strip() or not 0 <= self.confidence <= 1:
            raise InvalidInputError(
                f"the proposition {self.text!r} with confidence {self.confidence} cannot be scored",
                hint="Give a text, and a confidence between 0 and 1.",
            )


@dataclass(frozen=True, slots=True)
class Judged:
    """A belief and what it came out as.

    Attributes:
        belief: the proposition.
        outcome: see the module.
        statement: of the truth, that it says; empty if unsupported.
        id: of that fact or trap; empty if unsupported.
    """

    belief: Belief
    outcome: Outcome
    statement: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What beliefs are worth. A share of nothing is None.

    Attributes:
        beliefs: how many there are.
        outcomes: how many came out as what.
        precision: share of beliefs that are true.
        precision_beyond_desk: the same without beliefs that say which program, file or site
            somebody uses, of which there are many and which are easy.
        to_find: facts that a good reader would know: they hold, and were stated or shown.
        found: how many of them some true belief says; a belief finds one fact at most, and one
            that came out wrong finds none.
        recall: share of them that is found.
        recall_stated, recall_shown: the same of either kind.
        found_by_kind: of each kind of facts, how many are found, and how many are to find.
        brier: mean squared difference of confidence and outcome (1 if true), in [0, 1]; 0 is best.
        calibration_error: expected calibration error, the mean over beliefs of the distance
            between their bin's mean confidence and its share of true ones, in [0, 1].
        bins: that hold beliefs.
        planted: falsehoods that strangers had planted by then.
        planted_believed: how many of them some belief says.
        planted_share: share of them that is believed.
        planted_confidence: mean confidence of the beliefs that say one.
        misread: traps of the other kinds, and how many are believed.
        misread_believed: how many of them some belief says.
    """

    beliefs: int
    outcomes: Mapping[Outcome, int]
    precision: float | None
    precision_beyond_desk: float | None
    to_find: int
    found: int
    recall: float | None
    recall_stated: float | None
    recall_shown: float | None
    found_by_kind: Mapping[FactKind, tuple[int, int]]
    brier: float | None
    calibration_error: float | None
    bins: tuple[Bin, ...]
    planted: int
    planted_believed: int
    planted_share: float | None
    planted_confidence: float | None
    misread: int
    misread_believed: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def score(
    beliefs: Sequence[Belief], truth: Truth, matcher: Matcher, *, at: datetime | None = None
) -> tuple[Score, list[Judged]]:
    """Scores beliefs against the truth of a moment, and says what each came out as.

    Args:
        beliefs: about the person of the truth.
        truth: of the whole life.
        matcher: tells which statements mean the same.
        at: the moment, with its zone; None: the end of the stream.

    Raises:
        InvalidInputError: the moment has no zone.
    """
    moment = truth.ends_at if at is None else at
    if moment.tzinfo is None:
        raise InvalidInputError(f"the moment {moment.isoformat()} has no time zone")
    facts = [fact for fact in truth.facts if fact.is_true(moment) or fact.has_ended(moment)]
    # Of two that are as near, as an old and a new fact with a wording in common, the first counts.
    facts.sort(key=lambda fact: not fact.is_true(moment))
    traps = [trap for trap in truth.traps if trap.shown_at is not None and trap.shown_at <= moment]
    nearness = _nearness(beliefs, [*facts, *traps], matcher, truth.name)
    judged = [
        _judged(belief, row, facts, traps, moment)
        for belief, row in zip(beliefs, nearness, strict=True)
    ]
    to_find = [place for place, fact in enumerate(facts) if fact.is_to_be_found(moment)]
    right = [place for place, one in enumerate(judged) if one.outcome == "true"]
    found = {to_find[place] for place in _one_to_one(nearness[np.ix_(right, to_find)])}
    return _score(judged, facts, traps, to_find, found), judged


def _nearness(
    beliefs: Sequence[Belief], statements: Sequence[Fact | Trap], matcher: Matcher, person: str
) -> NDArray[np.float64]:
    """How near each belief is to each statement in its nearest wording [beliefs, statements]."""
    wordings = [_wordings(statement) for statement in statements]
    # Each wording once, so that statements which share it are equally near to the last bit.
    each = dict.fromkeys(text for texts in wordings for text in texts)
    columns = {text: column for column, text in enumerate(each)}
    cosines = matcher.nearness([belief.text for belief in beliefs], list(columns), person)
    nearness = np.zeros((len(beliefs), len(statements)))
    for place, texts in enumerate(wordings):
        mine = cosines[:, [columns[text] for text in texts]]
        nearness[:, place] = mine.max(axis=1, initial=0.0)
    return nearness


def _wordings(statement: Fact | Trap) -> tuple[str, ...]:
    further = statement.wordings if isinstance(statement, Fact) else ()
    return (statement.statement, *further)


def _judged(
    belief: Belief,
    row: NDArray[np.float64],
    facts: Sequence[Fact],
    traps: Sequence[Trap],
    moment: datetime,
) -> Judged:
    if not row.size or row.max() == 0:
        return Judged(belief, "unsupported")
    place = int(row.argmax())
    if place < len(facts):
        fact = facts[place]
        outcome: Outcome = "true" if fact.is_true(moment) else "stale"
        return Judged(belief, outcome, fact.statement, fact.id)
    trap = traps[place - len(facts)]
    return Judged(belief, "planted" if trap.is_planted else "misread", trap.statement, trap.id)


def _one_to_one(nearness: NDArray[np.float64]) -> list[int]:
    """Columns that get a row of their own, the nearest pairs first."""
    rows, columns = np.nonzero(nearness)
    order = np.argsort(-nearness[rows, columns], kind="stable")
    used: set[int] = set()
    found: list[int] = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in used and column not in found:
            used.add(row)
            found.append(column)
    return found


def _score(
    judged: Sequence[Judged],
    facts: Sequence[Fact],
    traps: Sequence[Trap],
    to_find: Sequence[int],
    found: set[int],
) -> Score:
    confidences = [one.belief.confidence for one in judged]
    right = [float(one.outcome == "true") for one in judged]
    planted = {trap.id for trap in traps if trap.is_planted}
    misled = [one for one in judged if one.outcome == "planted"]
    misread = {one.id for one in judged if one.outcome == "misread"}
    believed = len({one.id for one in misled})
    bins = bins_of(confidences, right)
    desk = {fact.id for fact in facts if fact.kind == "desk"}
    beyond = [float(one.outcome == "true") for one in judged if one.id not in desk]

    def recall(*revelations: str) -> float | None:
        places = [place for place in to_find if facts[place].revelation in revelations]
        return _share(len(found.intersection(places)), len(places))

    return Score(
        beliefs=len(judged),
        outcomes={name: sum(one.outcome == name for one in judged) for name in get_args(Outcome)},
        precision=fmean(right) if right else None,
        precision_beyond_desk=fmean(beyond) if beyond else None,
        to_find=len(to_find),
        found=len(found),
        recall=recall("stated", "shown"),
        recall_stated=recall("stated"),
        recall_shown=recall("shown"),
        found_by_kind=_by_kind(facts, to_find, found),
        brier=brier(confidences, right),
        calibration_error=calibration_error(bins),
        bins=bins,
        planted=len(planted),
        planted_believed=believed,
        planted_share=_share(believed, len(planted)),
        planted_confidence=fmean(one.belief.confidence for one in misled) if misled else None,
        misread=len(traps) - len(planted),
        misread_believed=len(misread),
    )


def _by_kind(
    facts: Sequence[Fact], to_find: Sequence[int], found: set[int]
) -> dict[FactKind, tuple[int, int]]:
    counts: dict[FactKind, tuple[int, int]] = {}
    for place in to_find:
        had, of = counts.get(facts[place].kind, (0, 0))
        counts[facts[place].kind] = (had + (place in found), of + 1)
    return counts


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
