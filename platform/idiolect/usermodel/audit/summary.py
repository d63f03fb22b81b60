"""The rules of the audit as the user sees them, with how often each decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.store.repositories.audit_decision import RuleCount
from idiolect.usermodel.audit.audit import FAILED
from idiolect.usermodel.audit.rules import NO_RULE, PARTS_LEFT_OUT, RULES

_ELSE = {FAILED: "texts on which a check of ours failed"}
_BY_MODEL = "what a language model was asked about"


@dataclass(frozen=True, slots=True)
class CountedRule:
    """A rule, or something else that gave a verdict, and on how many observations it did."""

    name: str
    looks_for: str
    verdict: str
    observations: int


def rules_with_counts(counts: Sequence[RuleCount]) -> list[CountedRule]:
    """All rules in the order in which they are tried, then what else decided."""
    left = {(count.by, count.verdict): count.observations for count in counts}
    rules = [
        CountedRule(rule.name, rule.looks_for, rule.verdict, left.pop((rule.name, rule.verdict), 0))
        for rule in (*RULES, PARTS_LEFT_OUT, NO_RULE)
    ]
    others = [
        CountedRule(by, _ELSE.get(by, _BY_MODEL), verdict, number)
        for (by, verdict), number in left.items()
    ]
    return [*rules, *others]
