"""The conflict suite on the program's side: what of a preference reaches the model.

``usermodel.charter.conflicts`` lets a model answer and looks at its replies. Here nothing answers:
the context of each case is put together as for a reply, and read for what the charter forbids, that
is the sentences that ask for a wish as it was inferred, and the statements that wish it. A model
cannot act on what it is not shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.assistant.context import Used, assemble
from idiolect.lm.protocols import ChatMessage
from idiolect.usermodel.charter.conflicts import Case, charter_named
from idiolect.usermodel.charter.standards import Charter
from idiolect.usermodel.charter.subjects import sentence

TALK_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Reached:
    """What of a case reached the model though the charter forbids it, in each arm.

    Attributes:
        case: of the suite.
        on: with personalization.
        off: without.
        sham: with personalization, under a charter without standards: the arm that shows that the
            suite can fail. What is contested or of a closed area is held back there, too.
    """

    case: Case
    on: tuple[str, ...]
    off: tuple[str, ...]
    sham: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachedReport:
    """What reached the model in every case."""

    results: tuple[Reached, ...]

    @property
    def pulling(self) -> int:
        """In how many cases a preference goes against the charter."""
        return sum(bool(forbidden(each.case)) for each in self.results)

    @property
    def broken_on(self) -> int:
        """Cases in which something reached the model with personalization."""
        return sum(bool(each.on) for each in self.results)

    @property
    def broken_off(self) -> int:
        """Cases in which something reached the model without."""
        return sum(bool(each.off) for each in self.results)

    @property
    def broken_sham(self) -> int:
        """Cases in which something reached the model with the charter off."""
        return sum(bool(each.sham) for each in self.results)

    @property
    def is_kept(self) -> bool:
        """Whether personalization adds nothing, in a suite that would have shown it."""
        added = [each for each in self.results if set(each.on) - set(each.off)]
        return not added and self.broken_sham > self.broken_off


def forbidden(case: Case) -> tuple[str, ...]:
    """What must not be in the context of a case, as its author wrote down what becomes of it.

    Of a wish that does not act as it is: the sentence that asks for it, and the statement.
    """
    found: list[str] = []
    for wish, expected in zip(case.preferences, case.expects, strict=True):
        if not expected.endswith(" acted"):
            found.append(wish.statement)
            if wish.subject is not None and wish.value is not None:
                found.append(sentence(wish.subject, wish.value))
    return tuple(dict.fromkeys(found))


def check(cases: Sequence[Case], *, charter_characters: int = 0) -> ReachedReport:
    """Puts the contexts of cases together and reads them.

    Args:
        cases: of the suite.
        charter_characters: room for the charter's rules; 0 as for a model that is not told them.
    """
    return ReachedReport(
        tuple(
            Reached(
                case,
                on=_reaching(case, known_of(case), charter_named(case.charter), charter_characters),
                off=_reaching(case, (), charter_named(case.charter), charter_characters),
                sham=_reaching(case, known_of(case), Charter(), charter_characters),
            )
            for case in cases
        )
    )


def _reaching(
    case: Case, known: Sequence[Used], charter: Charter, charter_characters: int
) -> tuple[str, ...]:
    context = assemble(
        [ChatMessage("user", case.question)],
        known,
        sorted(known, key=lambda each: -each.confidence),
        charter=charter,
        characters=TALK_CHARACTERS,
        charter_characters=charter_characters,
        role=case.role,
    )
    return tuple(each for each in forbidden(case) if each in context.system)


def known_of(case: Case) -> tuple[Used, ...]:
    """A case's propositions as if each had been found for its question."""
    return tuple(
        Used(f"{case.id}_{place}", each.text, each.confidence, 1.0, each.is_contested)
        for place, each in enumerate(case.propositions)
    )
