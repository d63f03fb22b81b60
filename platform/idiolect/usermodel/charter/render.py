"""The charter and what may act under it, as a paragraph of the system message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idiolect.errors import PayloadTooLargeError
from idiolect.usermodel.charter.precedence import Adaptation, Decision
from idiolect.usermodel.charter.standards import Kind, Standard

HEADING = "Rules that come before everything else:"
STYLE_HEADING = "Within these rules:"

_KINDS: tuple[Kind, ...] = ("prohibition", "obligation", "permission")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a model is told, and what had to be left out to keep within the budget.

    Attributes:
        text: for the system message; empty when there is nothing to say.
        permissions: the standards that were left out, never an obligation or a prohibition.
        adaptations: the preferences that were left out.
    """

    text: str
    permissions: tuple[Standard, ...] = ()
    adaptations: tuple[Adaptation, ...] = ()


def render(decision: Decision, budget: int, *, measure: Callable[[str], int] = len) -> Rendered:
    """Says a decision: prohibitions and obligations, then permissions, then style.

    The same decision gives the same text. What does not fit is left out from the end: the least
    sure wishes first, then permissions.

    Args:
        decision: what acts.
        budget: how long the text may be, in what ``measure`` counts.
        measure: gives the length of a text: characters, or a tokenizer's tokens.

    Raises:
        PayloadTooLargeError: the prohibitions and obligations alone are longer.
    """
    rules = [each for kind in _KINDS for each in decision.standards if each.kind == kind]
    binding = [each for each in rules if each.kind != "permission"]
    permissions = rules[len(binding) :]
    wishes = [each for each in decision.adaptations if each.instruction]
    needed = measure(_text(binding, ()))
    if needed > budget:
        raise PayloadTooLargeError(
            f"the charter's obligations and prohibitions need {needed}, and {budget} is allowed",
            code="CHARTER_TOO_LONG",
            hint="Raise the budget, say standards in fewer words, or retire some.",
        )
    parts: list[Standard | Adaptation] = [*permissions, *wishes]
    kept = len(parts)
    while kept and measure(_written(binding, parts[:kept])) > budget:
        kept -= 1
    return Rendered(
        text=_written(binding, parts[:kept]),
        permissions=tuple(each for each in parts[kept:] if isinstance(each, Standard)),
        adaptations=tuple(each for each in parts[kept:] if isinstance(each, Adaptation)),
    )


def _written(binding: Sequence[Standard], parts: Sequence[Standard | Adaptation]) -> str:
    return _text(
        [*binding, *(each for each in parts if isinstance(each, Standard))],
        [each.instruction for each in parts if isinstance(each, Adaptation)],
    )


def _text(rules: Sequence[Standard], instructions: Sequence[str]) -> str:
    lines = [HEADING, *(f"- {rule.text}" for rule in rules)] if rules else []
    style = " ".join(instructions)
    if style and rules:
        style = f"{STYLE_HEADING} {style}"
    return "\n".join([*lines, *((style,) if style else ())])
