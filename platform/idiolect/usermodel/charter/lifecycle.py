"""The life of a standard: proposed, ratified, contested and settled, retired.

A standard has effect only while it is ratified. Whoever contests it suspends it until the parties
settle the matter, unless it protects others than the parties: then it stays in force meanwhile.
Nothing is ever taken out of the charter, so the record of who wanted what stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from idiolect.errors import ConflictError, InvalidInputError
from idiolect.usermodel.charter.precedence import contradicts, order
from idiolect.usermodel.charter.quorum import Ballot, Tally, tally
from idiolect.usermodel.charter.standards import (
    Act,
    Charter,
    Event,
    Party,
    Standard,
    Status,
    require_party,
)

REJECT, RATIFY = "reject", "ratify"
UPHOLD, RETIRE, AMEND = "uphold", "retire", "amend"

NEXT: Mapping[Status, frozenset[Status]] = {
    "proposed": frozenset({"ratified", "retired"}),
    "ratified": frozenset({"contested", "retired"}),
    "contested": frozenset({"ratified", "retired"}),
    "retired": frozenset(),
}
"""Which status may follow which."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A charter after a vote, and how the vote went."""

    charter: Charter
    tally: Tally


def propose(charter: Charter, standard: Standard) -> Charter:
    """Adds a standard that has no effect yet.

    Raises:
        ConflictError: it does not begin as a proposal, or its id was used before.
    """
    if (standard.status, standard.version, standard.history) != ("proposed", 1, ()):
        raise ConflictError(
            f"{standard.id} is {standard.status} and not a new proposal",
            hint="Propose it with status `proposed`, version 1 and no history.",
        )
    if any(each.id == standard.id for each in charter.standards):
        raise ConflictError(
            f"the charter has had a standard {standard.id}",
            hint="Propose it under another id, or contest the one that is there and amend it.",
        )
    return charter.put(standard)


def quorum(charter: Charter, standard: Standard) -> frozenset[Party]:
    """The parties whose votes a standard needs.

    They are the user, the party that brings it in, and those whose standards it would overrule:
    nobody is bound to less behind their back.
    """
    return frozenset(
        {"user", standard.source, *(each.source for each in overruled_by(charter, standard))}
    )


def overruled_by(charter: Charter, standard: Standard) -> tuple[Standard, ...]:
    """The agreed standards that this one would overrule if it were ratified.

    Those that are contested count: to contest a standard is not to be rid of it.
    """
    return tuple(
        each
        for each in charter.standards
        if each.id != standard.id
        and each.status in ("ratified", "contested")
        and contradicts(standard, each)
        and order(standard) < order(each)
    )


def ratify(
    charter: Charter, standard_id: str, ballots: Sequence[Ballot], *, at: datetime
) -> Settled:
    """Gives a proposal effect.

    Raises:
        NotFoundError: there is no such standard.
        ConflictError: it is not a proposal, a party is missing, the vote did not carry it, or it
            contradicts a ratified standard of the same rank and priority.
    """
    standard = _to(charter, standard_id, "ratified", since="proposed")
    _require_quorum(charter, standard, ballots)
    result = tally(ballots, (REJECT, RATIFY))
    if result.chosen == REJECT:
        raise ConflictError(
            f"the vote did not carry {standard_id}",
            code="NOT_RATIFIED",
            hint="Propose it in words that every party can live with, or retire it.",
        )
    ratified = replace(
        standard,
        status="ratified",
        ratified_by=result.agreeing,
        history=(*standard.history, *_events("ratified", result, ballots, at)),
    )
    return Settled(_in_effect(charter, ratified), result)


def contest(
    charter: Charter, standard_id: str, party: Party, reason: str, *, at: datetime
) -> Charter:
    """Calls a ratified standard into question until the parties settle the matter.

    That suspends it, unless it protects others.

    Raises:
        NotFoundError: there is no such standard.
        InvalidInputError: the contester is no party or gives no reason.
        ConflictError: the standard is not ratified.
    """
    standard = _to(charter, standard_id, "contested", since="ratified")
    _require_reason(party, reason)
    event = Event("contested", party, at, reason)
    return charter.put(replace(standard, status="contested", history=(*standard.history, event)))


def settle(
    charter: Charter,
    standard_id: str,
    ballots: Sequence[Ballot],
    *,
    at: datetime,
    amendment: Standard | None = None,
    review_by: datetime | None = None,
) -> Settled:
    """Ends a contest: the standard is upheld, amended or retired, as the parties vote.

    Of a prohibition, retiring or amending falls when a party vetoes it.

    Args:
        charter: as it stands.
        standard_id: of a contested standard.
        ballots: on ``uphold``, ``retire`` and, where there is an amendment, ``amend``.
        at: when it is settled.
        amendment: the standard as it would read from now on.
        review_by: when what stays in effect is to be looked at again.

    Raises:
        NotFoundError: there is no such standard.
        InvalidInputError: the amendment is of another standard, or a ballot is on another option.
        ConflictError: it is not contested, a party is missing, or the result contradicts a
            ratified standard of the same rank and priority.
    """
    standard = _to(charter, standard_id, "ratified", since="contested")
    if amendment is not None and (amendment.id, amendment.source) != (standard.id, standard.source):
        raise InvalidInputError(
            f"the amendment of {standard.id} has another id or source",
            hint="Keep both, or retire this standard and propose the other one.",
        )
    for wording in (standard, amendment):
        if wording is not None:
            _require_quorum(charter, wording, ballots)
    options = (UPHOLD, RETIRE, AMEND) if amendment is not None else (UPHOLD, RETIRE)
    result = tally(ballots, options, has_veto=standard.kind == "prohibition")
    acts: dict[str, Act] = {UPHOLD: "upheld", RETIRE: "retired", AMEND: "amended"}
    history = (*standard.history, *_events(acts[result.chosen], result, ballots, at))
    if result.chosen == RETIRE:
        retired = replace(standard, status="retired", history=history)
        return Settled(charter.put(retired), result)
    wording = amendment if result.chosen == AMEND and amendment is not None else standard
    kept = replace(
        wording,
        status="ratified",
        version=standard.version + (wording is amendment),
        ratified_by=result.agreeing,
        review_by=review_by,
        history=history,
    )
    return Settled(_in_effect(charter, kept), result)


def retire(
    charter: Charter, standard_id: str, party: Party, reason: str, *, at: datetime
) -> Charter:
    """Takes a standard back, by the party that brought it in.

    Raises:
        NotFoundError: there is no such standard.
        InvalidInputError: the party does not exist or gives no reason.
        ConflictError: it is retired or contested, it is another party's, or it is a prohibition
            in effect, which only a contest can end because every party has a veto there.
    """
    standard = charter.get(standard_id)
    if standard.status not in ("proposed", "ratified"):
        _refuse(standard, "retired")
    _require_reason(party, reason)
    if party != standard.source or (standard.kind, standard.status) == ("prohibition", "ratified"):
        raise ConflictError(
            f"{party} cannot retire {standard_id} alone",
            hint="Contest it, and let the parties settle the matter.",
        )
    event = Event("retired", party, at, reason)
    return charter.put(replace(standard, status="retired", history=(*standard.history, event)))


def review(charter: Charter, now: datetime) -> Charter:
    """Contests, in the name of its source, every ratified standard whose time is over.

    It is the same charter when nothing is due, and the same at each reading when something is, so
    this can be done whenever a charter is read.
    """
    for standard in _ratified(charter):
        due = standard.review_by
        if due is not None and due <= now:
            reason = f"It was to be reviewed by {due.date().isoformat()}."
            charter = contest(charter, standard.id, standard.source, reason, at=due)
    return charter


def require_consistent(charter: Charter) -> Charter:
    """The charter, if precedence decides between any two of its ratified standards.

    Raises:
        ConflictError: two of them contradict each other with equal rank and priority.
    """
    ratified = _ratified(charter)
    for place, one in enumerate(ratified):
        for other in ratified[place + 1 :]:
            if contradicts(one, other) and order(one) == order(other):
                raise ConflictError(
                    f"{one.id} and {other.id} contradict each other, and neither goes first",
                    code="STANDARDS_CONTRADICT",
                    hint="Give one of them a higher priority, or amend it.",
                )
    return charter


def _ratified(charter: Charter) -> list[Standard]:
    return [each for each in charter.standards if each.status == "ratified"]


def _in_effect(charter: Charter, standard: Standard) -> Charter:
    return require_consistent(charter.put(standard))


def _to(charter: Charter, standard_id: str, status: Status, *, since: Status) -> Standard:
    standard = charter.get(standard_id)
    if standard.status != since or status not in NEXT[since]:
        _refuse(standard, status)
    return standard


def _refuse(standard: Standard, status: Status) -> NoReturn:
    following = ", ".join(sorted(NEXT[standard.status]))
    raise ConflictError(
        f"{standard.id} is {standard.status} and cannot become {status} by this",
        hint=f"What is {standard.status} can become: {following or 'nothing; propose a new one'}.",
    )


def _require_quorum(charter: Charter, standard: Standard, ballots: Sequence[Ballot]) -> None:
    missing = quorum(charter, standard) - {ballot.party for ballot in ballots}
    if missing:
        raise ConflictError(
            f"{standard.id} cannot be voted on without {', '.join(sorted(missing))}",
            code="NO_QUORUM",
            hint=f"Get the vote of {', '.join(sorted(missing))}.",
        )


def _require_reason(party: Party, reason: str) -> None:
    require_party(party)
    if not reason.strip():
        raise InvalidInputError(
            f"{party} gives no reason", hint="Say in a sentence what is wrong with the standard."
        )


def _events(act: Act, result: Tally, ballots: Sequence[Ballot], at: datetime) -> list[Event]:
    """What a vote leaves in a standard's history: who was for it, and who against and why."""
    return [
        Event(
            act if ballot.party in result.agreeing else "dissented", ballot.party, at, ballot.reason
        )
        for ballot in ballots
    ]
