"""Relates statements by asking the bundled model, in the form that it was taught."""

from collections.abc import Sequence

from idiolect.lm.protocols import LanguageModel, Sampling
from idiolect.lm.structured import complete
from idiolect.usermodel.relate.model import LABELS
from idiolect.usermodel.relate.protocols import Label, Pair
from tools.bundled_model.tasks.forms import relation_prompt

SAMPLING = Sampling(max_tokens=8, temperature=0.0)


class CompactRelater:
    """A ``Relater`` for a small model: one short question for each pair, one word back.

    Any other answer gives None: the new statement then stands by itself, and none is lost.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    def relate(self, pairs: Sequence[Pair]) -> list[Label | None]:
        """See ``Relater.relate``.

        Raises:
            ModelError: the model could not be reached or failed.
        """
        return [self._label(pair) for pair in pairs]

    def _label(self, pair: Pair) -> Label | None:
        [reply] = complete(self._model, relation_prompt(pair.old, pair.new), SAMPLING)
        return LABELS.get(reply.strip(" \n.").casefold())
