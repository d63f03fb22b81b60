"""How several parties choose between ways out: the worst-off decides, the majority is shown.

The default is maxmin: of the options, the one whose least satisfied party is satisfied most. It
is what nobody has the strongest reason to reject, in the contractualist sense that Zhi-Xuan et
al. 2024 (arXiv 2408.16984) take for their ground. What the majority would have chosen stands
beside it, so that the price of the rule can be seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from idiolect.errors import InvalidInputError
from idiolect.usermodel.charter.standards import Party, require_party


@dataclass(frozen=True, slots=True)
class Ballot:
    """One party's vote.

    Attributes:
        party: who votes.
        scores: how well it can live with each option, from 0 (not at all) to 1; 0 without one.
        reason: for the record.
        vetoes: options that it will not have whatever the others say; they count on
            prohibitions only.
    """

    party: Party
    scores: Mapping[str, float]
    reason: str = ""
    vetoes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        require_party(self.party)
        if not self.scores or not all(0 <= score <= 1 for score in self.scores.values()):
            raise InvalidInputError(
                f"the ballot of {self.party} has no score, or one outside of 0 to 1",
                hint="Score each option from 0 to 1.",
            )

    def score(self, option: str) -> float:
        """How well the party can live with an option."""
        return self.scores.get(option, 0.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an option did: its lowest and mean score, and how many put it first."""

    option: str
    worst: float
    mean: float
    firsts: int
    is_vetoed: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """The result of a vote.

    Attributes:
        chosen: by maxmin, of what was not vetoed.
        majority: what most parties put first.
        standings: every option's, in their order.
        agreeing: parties to whom no option is better than the chosen one.
        dissenting: the others.
    """

    chosen: str
    majority: str
    standings: tuple[Standing, ...]
    agreeing: tuple[Party, ...]
    dissenting: tuple[Party, ...]

    @property
    def cost(self) -> float:
        """Mean score that was given up against the majority's option; negative: gained."""
        mean = {standing.option: standing.mean for standing in self.standings}
        return mean[self.majority] - mean[self.chosen]


def tally(ballots: Sequence[Ballot], options: Sequence[str], *, has_veto: bool = False) -> Tally:
    """Counts a vote.

    chosen = argmax over options of (min over parties of score), the majority argmax of firsts.
    In a tie the earlier option is taken, so the one that changes nothing comes first.

    Args:
        ballots: at most one of each party.
        options: the one that changes nothing first.
        has_veto: whether an option other than the first falls when a party vetoes it. It is
            for prohibitions: one party's objection to an act is not weighed against liking it.
            Maxmin alone would weigh: a way out that leaves everyone half content beats a
            prohibition that one party resents.

    Raises:
        InvalidInputError: no ballot, no option, two ballots of one party, or an unknown option.
    """
    parties = [ballot.party for ballot in ballots]
    named = {option for ballot in ballots for option in (*ballot.scores, *ballot.vetoes)}
    unknown = named - set(options)
    if not ballots or not options or len(set(parties)) < len(parties) or unknown:
        raise InvalidInputError(
            f"ballots of {parties} on {list(options)} cannot be counted"
            + (f": nobody offered {sorted(unknown)}" if unknown else ""),
            hint="Give one ballot of each party, on the options that are offered.",
        )
    standings = tuple(
        _standing(option, ballots, may_fall=has_veto and option != options[0]) for option in options
    )
    chosen = max((each for each in standings if not each.is_vetoed), key=lambda each: each.worst)
    majority = max(standings, key=lambda each: each.firsts)
    agreeing = [each for each in ballots if each.score(chosen.option) == max(each.scores.values())]
    return Tally(
        chosen=chosen.option,
        majority=majority.option,
        standings=standings,
        agreeing=tuple(each.party for each in agreeing),
        dissenting=tuple(each.party for each in ballots if each not in agreeing),
    )


def _standing(option: str, ballots: Sequence[Ballot], *, may_fall: bool) -> Standing:
    scores = [ballot.score(option) for ballot in ballots]
    return Standing(
        option=option,
        worst=min(scores),
        mean=fmean(scores),
        firsts=sum(ballot.score(option) == max(ballot.scores.values()) for ballot in ballots),
        is_vetoed=may_fall and any(option in ballot.vetoes for ballot in ballots),
    )
