"""The audit: what was decided about observations, by which rules, under which policy."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from idiolect.api.schemas.base import FilledText, Input, Output
from idiolect.store.repositories.audit_decision import LoggedDecision
from idiolect.usermodel.audit.policy import Verdict
from idiolect.usermodel.audit.user_policy import UserPolicy
from idiolect.usermodel.sensitivity import descriptions

MAX_ENTRIES = 200

Entries = Annotated[
    list[Annotated[FilledText, Field(max_length=200)]], Field(max_length=MAX_ENTRIES)
]


class FlowOut(Output):
    """An observation as a flow of information, by the parameters of contextual integrity."""

    sender: str
    subject: str
    recipient: str
    data_type: str
    principle: str


class AuditDecisionOut(Output):
    """What was decided about one observation, by what, and why."""

    observation_id: str
    verdict: str
    by: str
    reason: str
    is_cut: bool
    flow: FlowOut
    at: datetime
    kind: str
    application: str | None
    title: str | None
    occurred_at: datetime


class AuditRuleOut(Output):
    """A rule in the order in which they are tried, and how many observations it decided on."""

    name: str
    looks_for: str
    verdict: Verdict
    observations: int


class AuditRulesOut(Output):
    """All rules, then what else decided: a language model, or a check that failed."""

    items: list[AuditRuleOut]


class AuditPolicyIn(Input):
    """What the user decides about being observed; it replaces the whole of what held before."""

    excluded_applications: Entries
    excluded_patterns: Entries
    excludes_confidential: bool
    opted_in: list[str] = Field(max_length=MAX_ENTRIES)
    asks_model: bool


class CategoryOut(Output):
    """A sensitive category, which is learned about only by who opts in to it."""

    name: str
    description: str


class AuditPolicyOut(Output):
    """The policy in force, and the categories that can be opted in to."""

    excluded_applications: list[str]
    excluded_patterns: list[str]
    excludes_confidential: bool
    opted_in: list[str]
    asks_model: bool
    categories: list[CategoryOut]


def decision_of(logged: LoggedDecision) -> AuditDecisionOut:
    """A decision as it is shown."""
    row = logged.decision
    return AuditDecisionOut(
        observation_id=row.observation_id,
        verdict=row.verdict,
        by=row.by,
        reason=row.reason,
        is_cut=row.is_cut,
        flow=FlowOut.model_validate(row),
        at=row.at,
        kind=logged.kind,
        application=logged.application,
        title=logged.title,
        occurred_at=logged.occurred_at,
    )


def policy_of(policy: UserPolicy) -> AuditPolicyOut:
    """A user's policy as it is shown."""
    categories = [
        CategoryOut(name=name, description=description)
        for name, description in descriptions().items()
    ]
    return AuditPolicyOut(**policy.as_json(), categories=categories)
