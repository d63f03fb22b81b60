"""The audit: the log of what was decided, the rules, and the user's own policy."""

from fastapi import APIRouter

from idiolect.api.auth import Admin
from idiolect.api.dependencies import Cursor, Limit, ServicesDep
from idiolect.api.schemas.audit import (
    AuditDecisionOut,
    AuditPolicyIn,
    AuditPolicyOut,
    AuditRuleOut,
    AuditRulesOut,
    decision_of,
    policy_of,
)
from idiolect.api.schemas.base import Listing
from idiolect.store.repositories.audit_decision import AuditDecisionRepository
from idiolect.usermodel.audit.policy import Verdict
from idiolect.usermodel.audit.summary import rules_with_counts
from idiolect.usermodel.audit.user_policy import UserPolicy, read_user_policy, write_user_policy

router = APIRouter(prefix="/api/audit", tags=["audit"])


@router.get("")
def decisions(
    who: Admin,
    services: ServicesDep,
    verdict: Verdict | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[AuditDecisionOut]:
    """What was decided about the user's observations, the newest decisions first."""
    with services.database.transaction() as session:
        page = AuditDecisionRepository(session, who.user_id).page(
            verdict=verdict, limit=limit, cursor=cursor
        )
    return Listing(items=[decision_of(one) for one in page.items], next_cursor=page.next_cursor)


@router.get("/rules")
def rules(who: Admin, services: ServicesDep) -> AuditRulesOut:
    """What the audit looks for, and how many of the user's observations each rule decided on."""
    with services.database.transaction() as session:
        counts = AuditDecisionRepository(session, who.user_id).counts()
    return AuditRulesOut(
        items=[AuditRuleOut.model_validate(one) for one in rules_with_counts(counts)]
    )


@router.get("/policy")
def policy(who: Admin, services: ServicesDep) -> AuditPolicyOut:
    """What the user has decided about being observed."""
    with services.database.transaction() as session:
        return policy_of(read_user_policy(session, who.user_id))


@router.put("/policy")
def set_policy(asked: AuditPolicyIn, who: Admin, services: ServicesDep) -> AuditPolicyOut:
    """Replaces the policy; it holds from the next batch on."""
    wanted = UserPolicy.of(**asked.model_dump())
    with services.database.transaction() as session:
        write_user_policy(session, who.user_id, wanted, services.clock())
    return policy_of(wanted)


@router.delete("/policy")
def reset_policy(who: Admin, services: ServicesDep) -> AuditPolicyOut:
    """Puts the defaults in the policy's place, also where what is stored cannot be read."""
    with services.database.transaction() as session:
        write_user_policy(session, who.user_id, UserPolicy(), services.clock())
    return policy_of(UserPolicy())
