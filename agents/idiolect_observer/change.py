"""Whether a screen shows something else than before: a difference hash with a dead band."""

from dataclasses import dataclass, field

from PIL import Image, ImageChops

from idiolect_observer.capture import Frame

COLUMNS, ROWS = 64, 40
DEAD_BAND = 6
"""Gray levels (of 256) by which neighboring cells must differ to count as an edge."""

MIN_CHANGED_BITS = 4
"""Of 2,560. A blinking cursor or a clock changes fewer, a typed line more."""


def difference_hash(image: Image.Image) -> int:
    """One bit for each cell of a grid of 64 by 40: whether its right neighbor is clearly brighter.

    Brightness that changes everywhere alike, and what is smaller than a cell, change no bit.
    """
    cells = image.convert("L").resize((COLUMNS + 1, ROWS), Image.Resampling.BOX)
    left = cells.crop((0, 0, COLUMNS, ROWS))
    right = cells.crop((1, 0, COLUMNS + 1, ROWS))
    rise = ImageChops.subtract(right, left).point(lambda level: 255 * (level > DEAD_BAND))
    return int.from_bytes(rise.convert("1", dither=Image.Dither.NONE).tobytes())


@dataclass
class ChangeDetector:
    """Remembers the last frame of each monitor that was taken for new."""

    _seen: dict[int, int] = field(default_factory=dict)

    def is_new(self, frame: Frame) -> bool:
        """Whether a frame differs from the last new one of its monitor."""
        now = difference_hash(frame.image)
        before = self._seen.get(frame.monitor)
        if before is not None and (now ^ before).bit_count() < MIN_CHANGED_BITS:
            return False
        self._seen[frame.monitor] = now
        return True
