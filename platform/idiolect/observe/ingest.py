"""From a batch on the wire to stored observations: validate, read, mask, compare, insert."""

from collections.abc import Sequence
from datetime import UTC

import structlog

from idiolect.errors import IdiolectError, InvalidInputError, NotReadyError
from idiolect.kit.clock import Clock, utc_now
from idiolect.kit.hashing import sha256_json
from idiolect.kit.ids import new_id
from idiolect.kit.redaction import redact_fields
from idiolect.lm.protocols import ScreenReader
from idiolect.observe import dedup
from idiolect.observe.validate import HINTS, parse_observation
from idiolect.observe.wire import (
    MAX_APPLICATION_CHARS,
    MAX_TEXT_CHARS,
    MAX_TITLE_CHARS,
    MAX_URL_CHARS,
    Accepted,
    Duplicate,
    ObservationIn,
    ObservationReceipt,
    Reason,
    Refused,
)
from idiolect.store.database import Database
from idiolect.store.models import Observation
from idiolect.store.repositories.observation import ObservationRepository

log = structlog.get_logger(__name__)


_MAX_CHARS = {
    "application": MAX_APPLICATION_CHARS,
    "title": MAX_TITLE_CHARS,
    "url": MAX_URL_CHARS,
    "text": MAX_TEXT_CHARS,
}


class Ingestor:
    """Takes what was observed into the store.

    Args:
        reader: reads the text of screens that come as images; without one they are refused.
    """

    def __init__(
        self, database: Database, reader: ScreenReader | None = None, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._reader = reader
        self._clock = clock

    def ingest(self, user_id: str, raw_items: Sequence[object]) -> ObservationReceipt:
        """Stores what is new in a batch and tells what became of each item.

        One bad item does not spoil the others. Images are read before the transaction begins and
        never reach the disk; secrets are masked before anything is compared or stored.
        """
        receipt = ObservationReceipt()
        parsed = self._validate(raw_items, receipt)
        unknown = self._drop_known_keys(user_id, parsed, receipt)
        candidates = self._read_and_mask(user_id, unknown, receipt)
        with self._database.transaction() as session:
            _store(ObservationRepository(session, user_id), candidates, receipt)
        log.info(
            "observations ingested",
            user_id=user_id,
            accepted=len(receipt.accepted),
            duplicates=len(receipt.duplicates),
            refused=len(receipt.refused),
        )
        receipt.duplicates.sort(key=lambda item: item.index)
        receipt.refused.sort(key=lambda item: item.index)
        return receipt

    def _validate(
        self, raw_items: Sequence[object], receipt: ObservationReceipt
    ) -> list[tuple[int, ObservationIn]]:
        now = self._clock()
        parsed = []
        for index, raw in enumerate(raw_items):
            try:
                parsed.append((index, parse_observation(raw, now)))
            except InvalidInputError as error:
                key = raw.get("idempotency_key") if isinstance(raw, dict) else None
                receipt.refused.append(_refused(index, key, error))
        return parsed

    def _drop_known_keys(
        self,
        user_id: str,
        items: list[tuple[int, ObservationIn]],
        receipt: ObservationReceipt,
    ) -> list[tuple[int, ObservationIn]]:
        """Passes over what was sent before, so that no image is read twice."""
        with self._database.transaction() as session:
            repository = ObservationRepository(session, user_id)
            known = repository.ids_by_key(item.idempotency_key for _, item in items)
        for index, item in items:
            if item.idempotency_key in known:
                receipt.duplicates.append(
                    Duplicate(
                        index=index,
                        idempotency_key=item.idempotency_key,
                        id=known[item.idempotency_key],
                        reason="same key",
                    )
                )
        return [(index, item) for index, item in items if item.idempotency_key not in known]

    def _read_and_mask(
        self,
        user_id: str,
        items: list[tuple[int, ObservationIn]],
        receipt: ObservationReceipt,
    ) -> list[tuple[int, Observation]]:
        candidates = []
        for index, item in items:
            try:
                text = item.text if item.image is None else self._read(item.image)
                if not (text or item.title or item.application):
                    raise InvalidInputError(
                        "the image shows no text",
                        code="EMPTY_OBSERVATION",
                        hint=HINTS["EMPTY_OBSERVATION"],
                    )
            except IdiolectError as error:
                receipt.refused.append(_refused(index, item.idempotency_key, error))
            else:
                candidates.append((index, self._row(user_id, item, text)))
        return candidates

    def _read(self, image: bytes) -> str:
        if self._reader is None:
            raise NotReadyError(
                "screens cannot be read here, because no screen reader is installed",
                code="NO_SCREEN_READER",
                hint="Install it with `pip install 'idiolect[observer]'`, or send the text itself.",
            )
        return "\n".join(line.text for line in self._reader.read(image))

    def _row(self, user_id: str, item: ObservationIn, text: str) -> Observation:
        fields = {
            "application": item.application,
            "title": item.title,
            "url": item.url,
            "text": text,
        }
        clean, masked = redact_fields(fields)
        # A mask can be longer than the secret that it hides.
        clean = {name: value and value[: _MAX_CHARS[name]] for name, value in clean.items()}
        occurred_at = item.occurred_at.astimezone(UTC)
        content = {
            **clean,
            "kind": item.kind,
            "trust": item.trust,
            "occurred_at": occurred_at.isoformat(),
            "duration_s": item.duration_s,
        }
        row = Observation(
            **clean,
            id=new_id("obs"),
            user_id=user_id,
            idempotency_key=item.idempotency_key,
            kind=item.kind,
            source=item.source,
            trust=item.trust,
            occurred_at=occurred_at,
            recorded_at=self._clock(),
            duration_s=item.duration_s,
            content_hash=sha256_json(content),
            masked=masked,
        )
        if item.kind == "screen":
            row.fingerprint = dedup.fingerprint(_shown(row.title, row.text))
        return row


def _store(
    repository: ObservationRepository,
    candidates: Sequence[tuple[int, Observation]],
    receipt: ObservationReceipt,
) -> None:
    """Inserts one by one, so that each is also compared with those before it in the batch."""
    for index, row in candidates:
        key = row.idempotency_key
        if twin := _twin(repository, row):
            observation_id, reason = twin
        elif repository.insert(row):
            receipt.accepted.append(
                Accepted(index=index, idempotency_key=key, id=row.id, masked=row.masked)
            )
            continue
        else:
            observation_id, reason = repository.ids_by_key([key])[key], "same key"
        receipt.duplicates.append(
            Duplicate(index=index, idempotency_key=key, id=observation_id, reason=reason)
        )


def _twin(repository: ObservationRepository, row: Observation) -> tuple[str, Reason] | None:
    """What is stored already and says the same under another key."""
    if same := repository.id_of_same(row.content_hash, row.occurred_at):
        return same, "same content"
    if row.kind == "screen" and (near := _near_identical(repository, row)):
        return near, "near-identical screen"
    return None


def _near_identical(repository: ObservationRepository, row: Observation) -> str | None:
    """The screen of the same application, shortly before or after, that says all this one does."""
    if row.fingerprint is None:
        return None
    since, until = row.occurred_at - dedup.WINDOW, row.occurred_at + dedup.WINDOW
    prints = repository.fingerprints(row.application, since, until)
    alike = [
        screen_id
        for screen_id, other in prints
        if dedup.distance(row.fingerprint, other) <= dedup.MAX_BITS
    ]
    for screen_id, title, text in repository.shown(alike) if alike else ():
        if dedup.says_nothing_new(_shown(row.title, row.text), _shown(title, text)):
            return screen_id
    return None


def _shown(title: str | None, text: str) -> str:
    return f"{title or ''}\n{text}"


def _refused(index: int, key: object, error: IdiolectError) -> Refused:
    return Refused(
        index=index,
        idempotency_key=key if isinstance(key, str) else None,
        code=error.reason_code,
        message=error.message,
        hint=error.hint,
    )
