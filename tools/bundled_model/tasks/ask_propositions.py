"""The proposer that asks the bundled model, in the form in which it was taught to answer."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from idiolect.lm.protocols import LanguageModel, Sampling
from idiolect.lm.structured import complete
from idiolect.usermodel.confidence import cap
from idiolect.usermodel.grounding import grounds
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView
from idiolect.usermodel.propose.speakers import own_sentences
from tools.bundled_model.tasks.forms import propositions_prompt, statements_of

SAMPLING = Sampling(max_tokens=192, temperature=0.0)

DURABILITY = 0.5
"""The model does not tell how long a statement lasts."""


class CompactProposer:
    """A ``Proposer`` for a small model: one short question for each observation.

    The model gives statements and nothing else. Evidence is found by matching: the passages of the
    observation that hold a statement's words. A statement without any is dropped, as is one that
    is not about the user, and none is believed more than its source allows. Nothing is concluded
    from an untrusted source, so the model is not asked.

    Args:
        model: was taught the form.
        precision: how often a statement of the model that has evidence is right, as measured; the
            confidence that its drafts get.
        own_only: evidence is what the user wrote, and not what others did on the same screen.
    """

    def __init__(
        self, model: LanguageModel, *, precision: float = 0.5, own_only: bool = True
    ) -> None:
        self._model = model
        self._precision = precision
        self._own_only = own_only

    @property
    def name(self) -> str:
        """``compact:`` and the name of the language model."""
        return f"compact:{self._model.name}"

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        """See ``Proposer.propose``; ``earlier`` is not shown to the model.

        Raises:
            ModelError: the model failed.
        """
        del earlier, now
        name = user_name.split()[0]
        drafts = {
            draft.text.casefold(): draft
            for view in observations
            if view.trust != "untrusted" and view.text.strip()
            for draft in self._read(view, name)
        }
        return list(drafts.values())

    def _read(self, view: ObservationView, name: str) -> Iterator[Draft]:
        prompt = propositions_prompt(view.text, name=name, trust=view.trust)
        [reply] = complete(self._model, prompt, SAMPLING)
        passages = list(own_sentences(view, name)) if self._own_only else _lines(view.text)
        for statement in statements_of(reply):
            evidence = grounds(statement, passages, name)
            if evidence and _is_about(statement, name):
                yield Draft(
                    text=statement,
                    reasoning="The model reads it there.",
                    confidence=min(self._precision, cap([view.trust])),
                    durability=DURABILITY,
                    evidence=tuple(Evidence(view.id, passage) for passage in evidence),
                    valid_from=view.occurred_at,
                )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _is_about(statement: str, name: str) -> bool:
    first, _, rest = statement.partition(" ")
    return bool(rest) and first.removesuffix("'s").casefold() == name.casefold()
