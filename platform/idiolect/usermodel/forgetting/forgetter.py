"""Forgetting: what would go, its going, and the receipt.

Rows go first, in one transaction with a receipt that is not done yet and with the tombstones; then
vectors and files; then the receipt is done. Should the process die in between, or a store not
answer, nobody finds the rows any more, and ``finish`` does the rest: when the user next forgets
something, or when the API starts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain

import structlog
from sqlalchemy.orm import Session

from idiolect.errors import IdiolectError
from idiolect.kit.clock import Clock
from idiolect.lm.protocols import Embedder
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Forgetting
from idiolect.store.repositories.forgetting import (
    ForgettingRepository,
    Stone,
    users_with_unfinished,
)
from idiolect.store.repositories.full_text import drop_unused_terms
from idiolect.store.repositories.page import Page
from idiolect.store.repositories.user import UserRepository
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.forgetting.erase import (
    count_everything,
    erase_everything,
    erase_extent,
    files_of,
)
from idiolect.usermodel.forgetting.extent import Extent, read_extent
from idiolect.usermodel.forgetting.scope import NAMES, OfEverything, Scope
from idiolect.usermodel.forgetting.select import SELECTORS, Selector
from idiolect.usermodel.forgetting.selection import Match
from idiolect.usermodel.forgetting.tombstones import Mason
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.act import Act
from idiolect.usermodel.memory.deletion import remove_unused

log = structlog.get_logger(__name__)

SHOWN = 200
"""How many matches and statements a preview lists at most."""

_LEFT = "left"
"""The key under which a receipt that is not done yet says what is left to remove."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go.

    Attributes:
        scope: what receipts call it.
        counts: how many of each noun go or change.
        matches: what the scope names; for a proposition or a topic each of it can be kept.
        statements: texts of the propositions that would go, the matched ones and those that rest
            on what goes.
    """

    scope: str
    counts: Mapping[str, int]
    matches: Sequence[Match]
    statements: Sequence[str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased, in counts; it does not repeat what it was.

    Attributes:
        is_done: vectors and files are gone too; otherwise ``finish`` has still to remove them.
    """

    id: str
    scope: str
    counts: Mapping[str, int]
    is_done: bool
    at: datetime

    @classmethod
    def of(cls, row: Forgetting) -> "Receipt":
        """A receipt's row, without what is left to do."""
        counts = {noun: count for noun, count in row.counts.items() if noun != _LEFT}
        return cls(row.id, row.scope, counts, row.is_done, row.at)


class Forgetter:
    """Erases what users want forgotten, and keeps it from being learned again.

    Args:
        database: where everything lies.
        vectors: of the propositions that act.
        blobs: the files of adapters and other memories.
        index: keeps the vectors up with the database.
        embedder: tells what is about the same.
        clock: gives the present.
        zone: in which the user's days begin and end.
        on_erased: is told of each user of whom something was erased, to drop what it remembers.
    """

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        blobs: BlobStore,
        index: PropositionIndex,
        embedder: Embedder,
        clock: Clock,
        zone: tzinfo,
        on_erased: Callable[[str], None] | None = None,
    ) -> None:
        self._database = database
        self._vectors = vectors
        self._blobs = blobs
        self._index = index
        self._mason = Mason(embedder)
        self._selector = Selector(database, vectors, embedder, zone)
        self._clock = clock
        self._on_erased = on_erased

    def preview(self, user_id: str, scope: Scope) -> Preview:
        """What would go; changes nothing.

        Raises:
            NotFoundError: the user has no such proposition, or nothing of such an application.
            InvalidInputError: the topic has no word that means something.
        """
        name = NAMES[type(scope)]
        if isinstance(scope, OfEverything):
            vectors = self._vectors.count(user_id)
            with self._database.transaction() as session:
                counts = count_everything(session, user_id)
                counts |= _counted(files=len(files_of(session, user_id)), vectors=vectors)
            return Preview(name, counts, (), ())
        selection = SELECTORS[type(scope)](self._selector, user_id, scope)
        with self._database.transaction() as session:
            extent = read_extent(session, user_id, selection)
        return Preview(
            name, extent.counts, selection.matches[:SHOWN], sorted(extent.statements)[:SHOWN]
        )

    def forget(self, user_id: str, scope: Scope, act: Act) -> Receipt:
        """Erases what ``preview`` tells and whatever has come to it since.

        Returns:
            The receipt. It is not done when vectors or files could not be removed; all else is.

        Raises:
            NotFoundError: the user has no such proposition, or nothing of such an application.
            InvalidInputError: the topic has no word that means something.
        """
        if isinstance(scope, OfEverything):
            receipt = self._erase_everything(user_id)
        else:
            receipt = self._erase(user_id, scope, act)
        try:
            self.finish(user_id)
        except (IdiolectError, OSError) as error:
            # The rows are gone and said to be; what is left finds nobody until it goes as well.
            _warn(error)
        with self._database.transaction() as session:
            return Receipt.of(session.get_one(Forgetting, receipt.id))

    def receipts(
        self, user_id: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Receipt]:
        """What was erased so far, newest first.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        with self._database.transaction() as session:
            page = ForgettingRepository(session, user_id).page(limit=limit, cursor=cursor)
        return Page([Receipt.of(row) for row in page.items], page.next_cursor)

    def finish(self, user_id: str) -> int:
        """Removes the vectors and files that erasures have left; tells how many these were.

        Raises:
            NotReadyError: the store of vectors does not answer.
        """
        with self._database.transaction() as session:
            unfinished = ForgettingRepository(session, user_id).unfinished()
        for receipt in unfinished:
            self._finish(user_id, receipt)
        return len(unfinished)

    def finish_all(self) -> None:
        """Finishes what every user's erasures have left; what cannot be done now is tried later."""
        with self._database.transaction() as session:
            users = users_with_unfinished(session)
        for user_id in users:
            try:
                self.finish(user_id)
            except (IdiolectError, OSError) as error:
                _warn(error)

    def _erase(self, user_id: str, scope: Scope, act: Act) -> Forgetting:
        selection = SELECTORS[type(scope)](self._selector, user_id, scope)
        stones: dict[str, Stone] = {}
        while True:
            with self._database.transaction() as session:
                users = UserRepository(session, user_id)
                users.hold()
                extent = read_extent(session, user_id, selection)
                user_name = users.get().name
                unmade = sorted(extent.statements - stones.keys())
                if not unmade:
                    return self._write(session, user_id, NAMES[type(scope)], extent, stones, act)
            # Outside of the transaction, then once more: what falls may have changed meanwhile.
            stones |= self._mason.statements(unmade, user_name)

    def _write(
        self,
        session: Session,
        user_id: str,
        name: str,
        extent: Extent,
        stones: Mapping[str, Stone],
        act: Act,
    ) -> Forgetting:
        now = self._clock()
        counts = extent.counts
        left = {"vectors": list(extent.cascade.purged), "files": list(extent.files)}
        erase_extent(session, user_id, extent, act, now)
        forgettings = ForgettingRepository(session, user_id)
        receipt = forgettings.add(name, {**counts, _LEFT: left}, now)
        evidence = [
            self._mason.evidence(stones[text], said, extent.estimates.get(text))
            for text, said in extent.quotes.items()
        ]
        buried = chain(stones.values(), extent.selection.stones, *evidence)
        forgettings.bury(receipt.id, buried, now)
        return receipt

    def _erase_everything(self, user_id: str) -> Forgetting:
        vectors = self._vectors.count(user_id)
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            files = files_of(session, user_id)
            for earlier in ForgettingRepository(session, user_id).unfinished():
                files += earlier.counts[_LEFT]["files"]
            counts = count_everything(session, user_id)
            counts |= _counted(files=len(files), vectors=vectors)
            erase_everything(session, user_id)
            left = {"vectors": None, "files": files}
            return ForgettingRepository(session, user_id).add(
                NAMES[OfEverything], {**counts, _LEFT: left}, self._clock()
            )

    def _finish(self, user_id: str, receipt: Forgetting) -> None:
        left = receipt.counts[_LEFT]
        if left["vectors"] is None:
            self._index.rebuild(user_id)  # of nothing, unless something was learned meanwhile
        else:
            self._vectors.delete(user_id, left["vectors"])
        if left["vectors"] != []:
            self._vectors.overwrite_deleted(user_id)
        remove_unused(self._database, self._blobs, left["files"])
        if self._on_erased is not None:
            self._on_erased(user_id)
        with self._database.transaction() as session:
            drop_unused_terms(session)
        self._database.empty_log()
        with self._database.transaction() as session:
            row = session.get_one(Forgetting, receipt.id)
            row.counts = {noun: count for noun, count in row.counts.items() if noun != _LEFT}
            row.is_done = True


def _warn(error: Exception) -> None:
    log.warning("an erasure is unfinished", error=type(error).__name__)


def _counted(**counts: int) -> dict[str, int]:
    return {noun: count for noun, count in counts.items() if count}
