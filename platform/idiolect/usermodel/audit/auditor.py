"""The audit of one user's batch from the store and back: policy, decisions, log."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from idiolect.store.models import AuditDecision
from idiolect.store.repositories.audit_decision import AuditDecisionRepository
from idiolect.usermodel import sensitivity
from idiolect.usermodel.audit.audit import Decision, as_decided, audit, decided_again
from idiolect.usermodel.audit.flow import Flow
from idiolect.usermodel.audit.judge import Judge
from idiolect.usermodel.audit.policy import STRICTNESS, Policy, Verdict
from idiolect.usermodel.audit.rules import Sensitive
from idiolect.usermodel.audit.user_policy import Installation, read_policy
from idiolect.usermodel.batch import Batch
from idiolect.usermodel.recent import Recent

_BY_CHARACTERS = 100
"""Of a rule's or model's name, that the log has room for."""

_VERDICTS: Mapping[str, Verdict] = {verdict: verdict for verdict in STRICTNESS}


@dataclass(frozen=True, slots=True)
class Ground:
    """What the decisions about a batch rest on, read at one moment.

    Attributes:
        policy: the user's.
        known: the decisions about observations before the batch, by observation id.
        outdated: the ids of those that are older than the policy.
    """

    policy: Policy
    known: Mapping[str, Decision]
    outdated: frozenset[str]


@dataclass(frozen=True, slots=True)
class Audited:
    """A batch as proposers may see it.

    Attributes:
        batch: without what was dropped; what was quoted has a stranger's trust.
        decisions: those to be logged, about all that is new and what had none.
        dropped: how many of the new observations nobody sees.
        quoted: how many of them are seen as a stranger's words.
    """

    batch: Batch
    decisions: tuple[Decision, ...]
    dropped: int
    quoted: int


@dataclass(frozen=True, slots=True)
class _Logged:
    """A decision of the log, and when it was made: another one is made at another moment."""

    decision: Decision
    at: datetime


class Auditor:
    """Audits batches under their users' policies.

    Args:
        installation: what there is to know of where it runs.
        judge: asked where a user's policy says so.
        sensitive: tells which sensitive categories a text touches.

    Attributes:
        sensitive: as given, so that drafts are held to the same.
    """

    def __init__(
        self,
        installation: Installation = Installation(),  # noqa: B008 - frozen
        judge: Judge | None = None,
        sensitive: Sensitive = sensitivity.sensitive,
    ) -> None:
        self._installation = installation
        self._judge = judge
        self._logged: Recent[_Logged] = Recent()
        self.sensitive = sensitive

    def read(self, session: Session, user_id: str, batch: Batch) -> Ground:
        """What is needed to decide about a batch, so that no session is open meanwhile."""
        policy = read_policy(session, user_id, self._installation)
        kept = self._logged.of(user_id)
        same = {
            id: kept[id] for id, at in batch.decided_at.items() if id in kept and kept[id].at == at
        }
        new = batch.decided_at.keys() - same
        rows = AuditDecisionRepository(session, user_id).by_observation(new) if new else {}
        logged = same | {id: _Logged(_decision(row), row.at) for id, row in rows.items()}
        self._logged.keep(user_id, logged)
        changed_at = policy.changed_at
        return Ground(
            policy=policy,
            known={id: one.decision for id, one in logged.items()},
            outdated=frozenset(id for id, one in logged.items() if one.at < changed_at)
            if changed_at
            else frozenset(),
        )

    def audit(self, batch: Batch, ground: Ground) -> Audited:
        """Decides about the observations of a batch, and about those before it as far as needed.

        Those before it were decided on with their own batch. Only where that did not happen, or
        the user has changed the policy since, do the rules look at them now, without the model:
        what a user excludes today is no evidence from today on.

        Raises:
            NotReadyError: the policy wants a model asked and there is none.
            ModelError: the model that judges failed.
        """
        policy = ground.policy
        result = audit(batch, policy, self._judge, sensitive=self.sensitive)
        again = {
            view.id: decided_again(
                view,
                ground.known.get(view.id),
                policy,
                user_name=batch.user_name,
                sensitive=self.sensitive,
            )
            for view in batch.earlier
            if view.id not in ground.known or view.id in ground.outdated
        }
        decided = {**ground.known, **again}
        earlier = (
            as_decided(view, decided[view.id], policy, sensitive=self.sensitive)
            for view in batch.earlier
        )
        verdicts = Counter[Verdict](decision.verdict for decision in result.decisions)
        return Audited(
            batch=replace(
                batch,
                observations=result.observations,
                earlier=[view for view in earlier if view is not None],
            ),
            decisions=(*again.values(), *result.decisions),
            dropped=verdicts["drop"],
            quoted=verdicts["quote"],
        )


def record(session: Session, user_id: str, decisions: Sequence[Decision], now: datetime) -> None:
    """Puts decisions into the log that the user can read."""
    AuditDecisionRepository(session, user_id).write(
        [
            AuditDecision(
                observation_id=decision.observation_id,
                user_id=user_id,
                verdict=decision.verdict,
                by=decision.by[:_BY_CHARACTERS],
                reason=decision.reason,
                is_cut=decision.is_cut,
                at=now,
                **asdict(decision.flow),
            )
            for decision in decisions
        ]
    )


def _decision(row: Row[Any]) -> Decision:
    """A decision as it was logged."""
    verdict = _VERDICTS.get(row.verdict, "drop")
    flow = Flow(row.sender, row.subject, row.recipient, row.data_type, row.principle)
    return Decision(row.observation_id, verdict, row.by, row.reason, flow, row.is_cut)
