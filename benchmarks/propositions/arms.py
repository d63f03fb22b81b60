"""Who proposes and who relates: what is at hand without a language model of one's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from idiolect.errors import InvalidInputError, StructuredOutputError
from idiolect.lm.protocols import LanguageModel
from idiolect.usermodel.propose.model import ModelProposer
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.propose.protocols import Draft, ObservationView, Proposer
from idiolect.usermodel.relate.protocols import Label, Pair, Relater
from idiolect.usermodel.relate.rules import RulesRelater
from tools.bundled_model.tasks.ask_propositions import CompactProposer
from tools.bundled_model.tasks.ask_relation import CompactRelater


@dataclass(frozen=True, slots=True)
class Arm:
    """Who proposes, told the user's time zone, and who relates."""

    name: str
    proposers: Callable[[tzinfo], Sequence[Proposer]]
    relater: Relater


class Unrelated:
    """A ``Relater`` that never answers: each draft then stands by itself."""

    def relate(self, pairs: Sequence[Pair]) -> list[Label | None]:
        """See ``Relater.relate``."""
        return [None] * len(pairs)


@dataclass(frozen=True, slots=True)
class Keyless:
    """A ``Proposer`` whose estimates are drafts like all others: none replaces an older one."""

    proposer: Proposer

    @property
    def name(self) -> str:
        """As the proposer's."""
        return self.proposer.name

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """See ``Proposer.propose``."""
        drafts = self.proposer.propose(observations, earlier, user_name=user_name, now=now)
        return [replace(draft, estimate_key=None) for draft in drafts]


@dataclass(slots=True)
class Forgiven:
    """A ``Proposer`` whose answers may be unusable; then it has proposed nothing.

    The platform would try again and let the job fail. Here it is counted.
    """

    proposer: Proposer
    unusable: int = 0

    @property
    def name(self) -> str:
        """As the proposer's."""
        return self.proposer.name

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """See ``Proposer.propose``."""
        try:
            return self.proposer.propose(observations, earlier, user_name=user_name, now=now)
        except (StructuredOutputError, InvalidInputError):
            self.unusable += 1
            return []


WIRED = Arm("patterns, rules", lambda zone: [PatternProposer(zone)], RulesRelater())
"""As the platform is wired by default."""

UNRELATED = Arm("nothing related", lambda zone: [PatternProposer(zone)], Unrelated())
"""No draft meets what is known but an estimate, which its key leads to the older one."""

UNRETRIEVED = Arm("nothing retrieved", lambda zone: [Keyless(PatternProposer(zone))], Unrelated())
"""Nothing that is known is looked at: each batch adds what it finds."""


def with_model(model: LanguageModel) -> tuple[Arm, ...]:
    """The arms in which the bundled model proposes, in its own short form and asked for JSON."""
    compact, asked = CompactProposer(model), Forgiven(ModelProposer(model))
    return (
        Arm("model in short form, rules", lambda _: [compact], RulesRelater()),
        Arm(
            "patterns and model in short form, rules",
            lambda zone: [PatternProposer(zone), compact],
            RulesRelater(),
        ),
        Arm(
            "patterns, model relates",
            lambda zone: [PatternProposer(zone)],
            CompactRelater(model),
        ),
        Arm(
            "model asked for JSON, rules",
            lambda _: [asked],
            RulesRelater(),
        ),
    )
