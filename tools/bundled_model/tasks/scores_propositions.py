"""How well proposers find what a careful reader concludes, and what they wrongly believe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from idiolect.lm.protocols import Embedder, LanguageModel
from idiolect.usermodel.confidence import trust
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.propose.protocols import Draft, ObservationView, Proposer
from idiolect.usermodel.propose.speakers import own_sentences
from tools.bundled_model.tasks.ask_propositions import CompactProposer
from tools.bundled_model.tasks.gold import Screen, load_screens, load_talks
from tools.bundled_model.tasks.scores import Figures, Matcher, with_interval

_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Score:
    """What came of one screen.

    Attributes:
        gold: statements that a careful reader makes.
        found: of them, how many some draft says.
        drafts: statements that were proposed.
        right: of them, how many say a gold one.
        traps: statements that would be wrong to believe.
        matched: of them, how many some draft says.
        believed: of those, how many a draft says that is no nearer to a gold statement.
    """

    gold: int
    found: int
    drafts: int
    right: int
    traps: int
    matched: int
    believed: int


class _Echo:
    """A trivial ``Proposer``: whatever the user wrote, each sentence as it stands."""

    name = "echo"

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """See ``Proposer.propose``."""
        del earlier
        return [
            Draft(f"{user_name}: {sentence}", "", 0.5, 0.5, (), now)
            for view in observations
            for sentence in own_sentences(view, user_name)
        ]


def proposition_figures(embedder: Embedder, model: LanguageModel | None) -> dict[str, Figures]:
    """Every arm's figures on the test screens, on those that no stranger sent, and on talks."""
    arms: dict[str, Proposer] = {"pattern": PatternProposer(UTC), "echo": _Echo()}
    if model is not None:
        arms["model, evidence anywhere"] = CompactProposer(model, own_only=False)
        arms["model, evidence in own words"] = CompactProposer(model)
    screens = load_screens("test")
    sets = {
        "screens": screens,
        "screens, the user's own": [each for each in screens if each.trust in ("typed", "sent")],
        "screens, read": [each for each in screens if each.trust == "read"],
        "talks": load_talks("test"),
    }
    matcher = Matcher(embedder)
    return {
        arm: {
            name: summary([score(each, proposer, matcher) for each in rows])
            for name, rows in sets.items()
        }
        for arm, proposer in arms.items()
    }


def score(screen: Screen, proposer: Proposer, matcher: Matcher) -> Score:
    """Lets a proposer read one screen and compares what it concludes."""
    view = ObservationView(
        id=screen.id,
        kind="screen",
        source="gold",
        application=None,
        title=None,
        url=None,
        text=screen.text,
        trust=trust(screen.trust),
        occurred_at=_NOW,
        duration_s=None,
    )
    drafts = [draft.text for draft in proposer.propose([view], [], user_name=screen.name, now=_NOW)]
    return compare(screen, drafts, matcher)


def compare(screen: Screen, drafts: Sequence[str], matcher: Matcher) -> Score:
    """Counts what some statements on one screen are worth."""

    def near(statement: str, others: Sequence[str]) -> float:
        return matcher.nearness(statement, others, screen.name)

    to_traps = [near(trap, drafts) for trap in screen.traps]
    to_gold = {draft: near(draft, screen.statements) for draft in drafts}
    return Score(
        gold=len(screen.statements),
        found=sum(near(each, drafts) > 0 for each in screen.statements),
        drafts=len(drafts),
        right=sum(nearness > 0 for nearness in to_gold.values()),
        traps=len(screen.traps),
        matched=sum(nearness > 0 for nearness in to_traps),
        believed=sum(
            any(near(trap, [draft]) > to_gold[draft] for draft in drafts) for trap in screen.traps
        ),
    )


def summary(scores: Sequence[Score]) -> Figures:
    """Shares over all statements of all screens, resampled by screen; None where there are none."""

    def share(part: str, whole: str) -> list[float] | None:
        def of(rows: Sequence[Score]) -> float:
            parts, wholes = (sum(int(getattr(r, each)) for r in rows) for each in (part, whole))
            return parts / max(1, wholes)

        return with_interval(scores, of) if any(getattr(r, whole) for r in scores) else None

    return {
        "recall": share("found", "gold"),
        "precision": share("right", "drafts"),
        "traps matched": share("matched", "traps"),
        "traps believed": share("believed", "traps"),
        "counts": _counts(scores),
    }


def _counts(scores: Sequence[Score]) -> Mapping[str, int]:
    return {
        "screens": len(scores),
        "gold": sum(each.gold for each in scores),
        "drafts": sum(each.drafts for each in scores),
        "traps": sum(each.traps for each in scores),
    }
