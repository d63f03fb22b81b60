"""The beginnings that a user's contexts share: computed once, kept as a memory, used in replies."""

import tempfile
from pathlib import Path

import structlog

from idiolect.errors import ConflictError, ModelError, NotReadyError
from idiolect.lm.protocols import AdapterRef, PrefixModel, PrefixRef
from idiolect.store.models import Memory
from idiolect.usermodel.memory.act import Act
from idiolect.usermodel.memory.promotion import Promotions, Standing

log = structlog.get_logger(__name__)


class Prefixes:
    """Computes the prefixes of all users, and finds them for replies.

    Args:
        promotions: keeps them as memories.
        model: computes them; None where the model is served elsewhere, by a server that keeps its
            own.
    """

    def __init__(self, promotions: Promotions, model: PrefixModel | None) -> None:
        self.promotions = promotions
        self._model = model
        self._revision: str | None = None
        self._settled: set[str] = set()

    def promote(self, user_id: str, standing: Standing, act: Act) -> Memory:
        """Computes what stands first in a user's contexts, and keeps it as a memory that acts.

        Raises:
            NotReadyError: the model is served elsewhere.
            ConflictError: nothing stands first in them, or the model keeps no such thing.
            InvalidInputError: it has too few tokens (``PREFIX_TOO_SHORT``).
            ModelError: the model server does not answer, or failed.
        """
        if self._model is None:
            raise NotReadyError(
                "the model is served elsewhere, so nothing can be computed for it here",
                hint="Servers such as vLLM keep prefixes by themselves; see their documentation.",
            )
        if not standing.head:
            raise ConflictError(
                "no rule and no wish stands first in your contexts, so there is nothing to compute",
                hint="Say how you want to be answered, or ratify a standard of the charter.",
            )
        self.settle(user_id)
        with tempfile.TemporaryDirectory(prefix="idiolect-prefix-") as work:
            folder = Path(work)
            computed = self._model.compute_prefix(
                standing.head, user_id, folder, adapter=standing.adapter
            )
            return self.promotions.keep_prefix(user_id, computed, folder, standing, act)

    def talk(self, user_id: str) -> PrefixRef | None:
        """For contexts that only grow at their end: what was computed of the turns before.

        Those that are personalized change near their beginning with every question, and a single
        question is never met again: to read these in blocks would cost and find nothing.
        """
        return PrefixRef(user_id) if self._model is not None else None

    def find(self, user_id: str, adapter: AdapterRef | None, charter: str) -> PrefixRef | None:
        """What may be used again in a personalized reply; see ``Promotions.prefix_of``."""
        if self._model is None:
            return None
        return self.promotions.prefix_of(user_id, adapter, charter)

    def settle(self, user_id: str) -> None:
        """Demotes what was made for another base model; once for each user in this process.

        A model server that does not answer leaves it to the next time.
        """
        if self._model is None or user_id in self._settled:
            return
        try:
            self._revision = self._revision or self._model.revision()
        except ModelError as error:
            log.warning("the base model is not known", why=error.reason_code)
            return
        changed = self.promotions.settle_base(user_id, self._revision)
        if changed:
            log.warning("the base model changed", memories=len(changed))
        self._settled.add(user_id)

    def forget(self, user_id: str) -> None:
        """Has the model drop from memory what it computed for a user."""
        if self._model is None:
            return
        try:
            self._model.forget_prefixes(user_id)
        except ModelError as error:  # a server that does not run remembers nothing
            log.warning("computed prefixes were not dropped", why=error.reason_code)
