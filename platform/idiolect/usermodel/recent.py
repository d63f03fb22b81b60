"""What was read of observations for one batch, kept for the next.

The rows of observations are never changed, only erased, and neighboring batches look back on nearly
the same weeks. So whoever reads them asks the database which are still there and reads what is new.
"""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")

USERS = 16
"""How many users' are kept, of those who came last; some megabytes each."""


class Recent(Generic[V]):
    """By user and observation, what the latest batch made of the weeks before it.

    The next batch's takes the place of the one before, so what was erased is gone by then.
    """

    def __init__(self) -> None:
        self._of: OrderedDict[str, Mapping[str, V]] = OrderedDict()
        self._lock = Lock()

    def of(self, user_id: str) -> Mapping[str, V]:
        """What is kept of a user, by observation; nothing if others came since."""
        with self._lock:
            return self._of.get(user_id, {})

    def keep(self, user_id: str, values: Mapping[str, V]) -> None:
        """Puts a user's in the place of what was there."""
        with self._lock:
            self._of[user_id] = values
            self._of.move_to_end(user_id)
            while len(self._of) > USERS:
                self._of.popitem(last=False)
