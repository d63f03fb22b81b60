"""Files that ship beside the code: inside the wheel, or in the checkout it runs from."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent.parent

_PLACES = {
    "migrations": (_PACKAGE / "_migrations", _CHECKOUT / "migrations"),
    "web": (_PACKAGE / "_web", _CHECKOUT / "web" / "dist"),
    "recording": (_PACKAGE / "_recording", _CHECKOUT / "recording" / "week"),
}


def resource_dir(name: str) -> Path:
    """The folder of a shipped resource: ``migrations``, ``web`` or ``recording``.

    Returns the packaged folder when there is one, else the checkout's, which may be missing
    (the page is missing until it is built).
    """
    packaged, checkout = _PLACES[name]
    return packaged if packaged.is_dir() else checkout
