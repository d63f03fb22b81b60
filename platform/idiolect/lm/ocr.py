"""Reads screens with RapidOCR: PP-OCR's networks in onnxruntime, whose weights are in its wheel."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from threading import BoundedSemaphore, Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from idiolect.errors import InvalidInputError, NotReadyError, PayloadTooLargeError
from idiolect.lm.protocols import TextLine

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000
MAX_SIDE_PIXELS = 4096
"""Longer sides are shrunk to this before reading."""

_FORMATS = ("PNG", "JPEG")
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class RapidOcrReader:
    """A ``ScreenReader`` on the processor; the networks are loaded at the first screen.

    RapidOCR's objects keep state while they read, so each is used by one thread at a time.

    Args:
        threads: processor threads for one screen.
        at_once: screens that are read at the same time; further callers wait.
    """

    def __init__(self, threads: int = 1, at_once: int = 2) -> None:
        self._threads = threads
        self._slots = BoundedSemaphore(at_once)
        self._idle: list[Any] = []
        self._lock = Lock()

    @property
    def name(self) -> str:
        return "rapidocr-ppocr6-small"

    def read(self, image: bytes) -> list[TextLine]:
        """The lines of a PNG or JPEG, from top to bottom and, within a row, from left to right.

        Raises:
            InvalidInputError: the bytes are no such image, are damaged, or have too many pixels
                (``INVALID_IMAGE``).
            PayloadTooLargeError: there are more than 20 MB of them.
            NotReadyError: RapidOCR is not installed.
        """
        pixels = decode_image(image)
        with self._engine() as engine:
            found = engine(pixels)
        if found.boxes is None:
            return []
        lines = [
            _line(box, text, confidence)
            for box, text, confidence in zip(found.boxes, found.txts, found.scores, strict=True)
        ]
        return in_reading_order(lines)

    @contextmanager
    def _engine(self) -> Iterator[Any]:
        with self._slots:
            with self._lock:
                engine = self._idle.pop() if self._idle else None
            engine = engine or _load_engine(self._threads)
            try:
                yield engine
            finally:
                with self._lock:
                    self._idle.append(engine)


def decode_image(image: bytes) -> NDArray[np.uint8]:
    """The pixels of a PNG or JPEG [height, width, 3], blue first, as OpenCV has them.

    The size in the header is looked at before anything is unpacked, so that a small file
    cannot become gigabytes.

    Raises:
        InvalidInputError: it is no such image, is damaged, or is too large (``INVALID_IMAGE``).
        PayloadTooLargeError: it has more than 20 MB.
    """
    if len(image) > MAX_BYTES:
        raise PayloadTooLargeError(f"an image has at most {MAX_BYTES // 1_000_000} MB")
    try:
        with Image.open(BytesIO(image), formats=_FORMATS) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS:
                raise _invalid(f"it has {width} x {height} pixels, over {MAX_PIXELS:,}")
            rgb = np.asarray(opened.convert("RGB"), dtype=np.uint8)
    except _BOMBS as error:
        raise _invalid(f"it has over {MAX_PIXELS:,} pixels") from error
    except _DAMAGE as error:
        raise _invalid("it cannot be decoded as PNG or JPEG") from error
    return np.ascontiguousarray(rgb[:, :, ::-1])


def in_reading_order(lines: Sequence[TextLine]) -> list[TextLine]:
    """Lines by rows from the top, each row from the left.

    A line is in the row above it when their middles are less than half a line apart.
    """
    rows: list[list[TextLine]] = []
    for line in sorted(lines, key=_middle):
        first = rows[-1][0] if rows else None
        if first and _middle(line) - _middle(first) < min(_height(line), _height(first)) / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.left)]


def _middle(line: TextLine) -> float:
    return (line.top + line.bottom) / 2


def _height(line: TextLine) -> float:
    return line.bottom - line.top


def _line(box: NDArray[np.float32], text: str, confidence: float) -> TextLine:
    (left, top), (right, bottom) = box.min(axis=0).tolist(), box.max(axis=0).tolist()
    return TextLine(text, float(confidence), left, top, right, bottom)


def _load_engine(threads: int) -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise NotReadyError(
            "RapidOCR is not installed", hint="Run `pip install 'idiolect[observer]'`."
        ) from error
    return RapidOCR(
        params={
            "Global.log_level": "critical",  # it would warn of every screen without text
            "Global.max_side_len": MAX_SIDE_PIXELS,
            "Global.use_cls": False,  # screens are not upside down
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _invalid(why: str) -> InvalidInputError:
    return InvalidInputError(
        f"the image cannot be used: {why}",
        hint="Send a whole PNG or JPEG of the screen.",
        code="INVALID_IMAGE",
    )
