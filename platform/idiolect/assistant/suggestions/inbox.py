"""The offers that wait for one user, inside the caller's transaction: decided on, shown, ended.

What waits is decided on anew each time: only then is it known whether a token is there, whether
the user is in a meeting, and whether what an offer rests on is still held. So an interruption costs
its token when it comes up, and not when it was thought of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta, tzinfo

from sqlalchemy.orm import Session

from idiolect.assistant.suggestions.bucket import Bucket, Level
from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.grounds import still_held
from idiolect.assistant.suggestions.learning import learned
from idiolect.assistant.suggestions.select import Decision, Situation, select
from idiolect.assistant.suggestions.situation import by_calendar, next_digest, silent
from idiolect.assistant.suggestions.standing import (
    SuggestionSettings,
    read_learned,
    read_standing,
    write_learned,
    write_level,
)
from idiolect.assistant.suggestions.utility import Stakes
from idiolect.store.models import Suggestion
from idiolect.store.repositories.suggestion import SuggestionRepository

REPEATED_AFTER = timedelta(hours=20)
"""An offer comes no second time before, nor while the first one's own time lasts. It is less than a
day, so that what is of use every morning can be offered every morning."""


class Inbox:
    """One user's offers that are still open.

    Args:
        session: of a transaction in which the user is held (``UserRepository.hold``).
        user_id: whose.
        bucket: how often they may be interrupted.
        timezone: theirs, in which the hours of the digest are meant.
        now: the moment, the same for all that is done here.
    """

    def __init__(
        self, session: Session, user_id: str, *, bucket: Bucket, timezone: tzinfo, now: datetime
    ) -> None:
        self._session = session
        self._user_id = user_id
        self._bucket = bucket
        self._timezone = timezone
        self._now = now
        self._suggestions = SuggestionRepository(session, user_id)

    def earlier_texts(self) -> list[str]:
        """What a new offer must not repeat: what was shown lately, and what waits."""
        return self._shown_lately() + [row.text for row in self._suggestions.waiting()]

    def tidy(self) -> None:
        """Ends what has lapsed, which teaches that it was ignored, and takes back what rests on
        something that is not held any more."""
        ignored = self._suggestions.lapse(self._now)
        if ignored:
            state = read_learned(self._session, self._user_id)
            for row in ignored:
                state = learned(state, "ignore", row.kind, row.stakes["p"], row.valid_until)
            write_learned(self._session, self._user_id, state, self._now)
        rows = self._suggestions.open()
        held = self.held({lineage_id for row in rows for lineage_id in row.evidence})
        for row in rows:
            if not held.issuperset(row.evidence):
                self._suggestions.delete(row)

    def held(self, lineage_ids: Collection[str]) -> set[str]:
        """Those of the lineages that an offer may still rest on."""
        return still_held(self._session, self._user_id, lineage_ids, self._now)

    def decide(
        self,
        fresh: Iterable[Candidate] = (),
        vectors: Mapping[str, Sequence[float]] | None = None,
    ) -> tuple[Sequence[Decision], Level]:
        """Decides on new offers and, as if they were new, on those that wait.

        Returns:
            All decisions, and the bucket's level after what should come up has done so; it is kept
            by ``bring_up`` alone.
        """
        standing = read_standing(self._session, self._user_id, self._bucket, self._now)
        waiting = [(_candidate(row), row) for row in self._suggestions.waiting()]
        selection = select(
            fresh,
            self._situation(standing.settings),
            now=self._now,
            state=standing.learned,
            bucket=self._bucket,
            level=standing.level,
            waiting=[candidate for candidate, _ in waiting],
            shown=self._shown_lately(),
            vectors=vectors,
        )
        rows = {id(candidate): row for candidate, row in waiting}
        for decision in selection.decisions:
            self._write(decision, rows.get(id(decision.candidate)))
        return selection.decisions, selection.level

    def bring_up(self, level: Level) -> None:
        """Shows what was decided to interrupt now, which leaves the bucket at this level."""
        coming_up = [row for row in self._suggestions.waiting() if row.outcome == "now"]
        if coming_up:
            self._suggestions.show(coming_up, self._now)
            write_level(self._session, self._user_id, level)

    def _shown_lately(self) -> list[str]:
        return self._suggestions.recent_texts(since=self._now - REPEATED_AFTER, now=self._now)

    def _situation(self, settings: SuggestionSettings) -> Situation:
        digest_at = next_digest(settings.digest_hours, now=self._now, timezone=self._timezone)
        if not settings.interrupts:
            return silent(digest_at)
        return by_calendar(self._session, self._user_id, digest_at=digest_at, now=self._now)

    def _write(self, decision: Decision, row: Suggestion | None) -> None:
        """Into the row of an offer that waited, or into a new one."""
        outcome = decision.outcome
        if outcome == "drop":
            if row is not None:
                self._suggestions.delete(row)
        elif row is not None:
            row.outcome, row.reason = outcome, decision.reason
            row.again_at = decision.again_at
        else:
            candidate = decision.candidate
            self._suggestions.add(
                kind=candidate.kind,
                text=candidate.text,
                prompt=candidate.prompt,
                evidence=candidate.evidence,
                stakes=asdict(candidate.stakes),
                outcome=outcome,
                reason=decision.reason,
                again_at=decision.again_at,
                valid_until=candidate.valid_until,
                now=self._now,
            )


def _candidate(row: Suggestion) -> Candidate:
    return Candidate(
        text=row.text,
        kind=row.kind,
        evidence=tuple(row.evidence),
        stakes=Stakes(**row.stakes),
        valid_until=row.valid_until,
        prompt=row.prompt,
    )
