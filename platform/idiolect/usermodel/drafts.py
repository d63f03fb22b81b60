"""Whether a draft may be learned: what it is about, and in which tone it says so.

A batch's observations were audited, yet a proposer may conclude more than was said, and in words
of its own. So each of its drafts is looked at once more. What users write themselves, as a
correction, is theirs and not looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import structlog

from idiolect.usermodel.audit.rules import Sensitive
from idiolect.usermodel.confidence import DIRECT
from idiolect.usermodel.grounding import content_words
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.tone import Finding, check_tone

log = structlog.get_logger(__name__)

Outcome = Literal["fine", "rewritten", "refused for its tone", "refused as sensitive", "unchecked"]

_UNNAMED = "the user"
_OWN_WORDS = frozenset({"statement", "message", "text"})
"""Kinds of observations that hold what somebody wrote."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a draft.

    Attributes:
        outcome: ``unchecked`` is one that a check failed on; it is refused as well.
        draft: what may be learned; None when it was refused.
    """

    outcome: Outcome
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """Looks at the drafts of one batch.

    Attributes:
        user_name: how drafts call the user.
        observations: that they rest on, by id.
        opted_in: the sensitive categories that may be learned about.
        sensitive: tells which categories a text touches.
    """

    user_name: str
    observations: Mapping[str, ObservationView]
    opted_in: frozenset[str]
    sensitive: Sensitive

    def check(self, draft: Draft) -> Checked:
        """Refuses a draft, or gives it in words that describe."""
        try:
            return self._checked(draft)
        except Exception as error:
            # One text that breaks a check must neither pass nor keep the others from being learned.
            log.warning("a check of a draft failed", error=type(error).__name__)
            return Checked("unchecked")

    def _checked(self, draft: Draft) -> Checked:
        if self._is_sensitive(draft.text):
            return Checked("refused as sensitive")
        name = self.user_name.strip() or _UNNAMED
        tone = check_tone(draft.text, name)
        if tone.text is None and self._is_own_account(draft, tone.findings):
            tone = check_tone(draft.text, name, own_words=True)
        if tone.text is None:
            return Checked("refused for its tone")
        kept = replace(draft, text=tone.text, reasoning=self._reasoning(draft, name))
        return Checked("rewritten" if tone.outcome == "rewritten" else "fine", kept)

    def _is_sensitive(self, text: str) -> bool:
        return not self.sensitive(text) <= self.opted_in

    def _is_own_account(self, draft: Draft, findings: tuple[Finding, ...]) -> bool:
        """Whether the judging words stand in what the user wrote, and the draft rests on no more.

        Then the user said it of themself; what a proposer makes of other words is its judgment.
        """
        sources = [self.observations[one.observation_id] for one in draft.evidence]
        quoted = content_words(" ".join(one.quote for one in draft.evidence))
        return all(
            source.kind in _OWN_WORDS and source.trust in DIRECT for source in sources
        ) and all(content_words(finding.words) <= quoted for finding in findings)

    def _reasoning(self, draft: Draft, name: str) -> str:
        """Why a proposer thinks so, which the user reads too; empty where it would not pass."""
        if not draft.reasoning.strip() or self._is_sensitive(draft.reasoning):
            return ""
        return check_tone(draft.reasoning, name).text or ""
