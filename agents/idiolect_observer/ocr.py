"""Text recognition on this machine: nothing of a screen leaves it but text."""

from typing import Any, Protocol

import numpy as np
from PIL import Image

from idiolect.errors import NotReadyError


class TextReader(Protocol):
    """Reads what is written in an image."""

    def read(self, image: Image.Image) -> str:
        """The lines of an RGB image, from top to bottom."""
        ...


class RapidOcrText:
    """Reads with rapidocr, whose models are in its package.

    Raises:
        NotReadyError: code NO_SCREEN_READER, rapidocr is not installed.
    """

    def __init__(self, threads: int = 1) -> None:
        try:
            from rapidocr import RapidOCR
        except ImportError as error:
            raise NotReadyError(
                "screens cannot be read, because rapidocr is not installed",
                code="NO_SCREEN_READER",
                hint="Install it with `pip install 'idiolect[observer]'`.",
            ) from error
        # What it returns depends on its options, which its type does not say.
        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_cls": False,  # screens are not upside down
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            }
        )

    def read(self, image: Image.Image) -> str:
        """See ``TextReader``."""
        blue_green_red = np.asarray(image.convert("RGB"))[:, :, ::-1]
        return "\n".join(self._engine(blue_green_red).txts or ())
