"""Many observations in requests of a sensible size."""

from collections.abc import Iterable, Iterator, Mapping

from idiolect.observe.wire import ObservationIn

MAX_ITEMS = 100
MAX_IMAGES = 2  # reading one takes the server seconds, on a busy machine ten
MAX_CHARS = 8_000_000


def batches(items: Iterable[object]) -> Iterator[list[object]]:
    """Groups items in their order; only an item that is too large by itself exceeds the limits."""
    batch: list[object] = []
    images = chars = 0
    for item in items:
        item_images, item_chars = _size(item)
        if batch and (
            len(batch) == MAX_ITEMS
            or images + item_images > MAX_IMAGES
            or chars + item_chars > MAX_CHARS
        ):
            yield batch
            batch, images, chars = [], 0, 0
        batch.append(item)
        images += item_images
        chars += item_chars
    if batch:
        yield batch


def _size(item: object) -> tuple[int, int]:
    """How many images (0 or 1) and about how many characters an item has."""
    fields = vars(item) if isinstance(item, ObservationIn) else item
    if not isinstance(fields, Mapping):
        return 0, 0
    image, text = (str(fields.get(name) or "") for name in ("image_base64", "text"))
    return int(bool(image)), len(image) + len(text)
