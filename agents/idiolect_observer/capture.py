"""Pictures of the screens."""

from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from idiolect.errors import NotReadyError


@dataclass(frozen=True, slots=True)
class Frame:
    """What one monitor shows; monitors count from 1."""

    monitor: int
    image: Image.Image


class Screens(Protocol):
    """Where pictures of the screens come from."""

    def capture(self) -> list[Frame]:
        """One frame of each monitor, as RGB.

        Raises:
            NotReadyError: code NO_DISPLAY, the screens cannot be seen.
        """
        ...


class MssScreens:
    """Screens by way of mss: X11, Windows and macOS."""

    def capture(self) -> list[Frame]:
        """See ``Screens``. The display is opened anew each time, so monitors may come and go."""
        import mss

        try:
            with mss.MSS() as display:
                shots = [display.grab(monitor) for monitor in display.monitors[1:]]
        except (mss.ScreenShotError, OSError) as error:
            raise NotReadyError(
                "the screens cannot be captured",
                code="NO_DISPLAY",
                hint="Run the observer in a desktop session, with DISPLAY set on X11.",
            ) from error
        return [
            Frame(number, Image.frombytes("RGB", (shot.width, shot.height), shot.rgb))
            for number, shot in enumerate(shots, start=1)
        ]
