"""Reading screens with the real networks, and refusing what is no screen."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from idiolect.errors import InvalidInputError, PayloadTooLargeError
from idiolect.lm.ocr import MAX_BYTES, RapidOcrReader, decode_image, in_reading_order
from idiolect.lm.protocols import TextLine


@pytest.fixture(scope="module")
def reader() -> RapidOcrReader:
    return RapidOcrReader()


def screen(kind: str = "PNG") -> bytes:
    """Two rows of dark text on white, the upper one in two columns."""
    image = Image.new("RGB", (480, 110), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(22)
    draw.text((270, 16), "Inbox: 3 unread", "black", font)
    draw.text((12, 14), "Project timeline", "black", font)
    draw.text((12, 64), "Export before Friday", "black", font)
    buffer = BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def refused(image: bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        decode_image(image)
    assert caught.value.reason_code == "INVALID_IMAGE"
    return caught.value.message


def test_the_lines_of_a_screen_in_reading_order(reader: RapidOcrReader) -> None:
    lines = reader.read(screen())
    assert [line.text for line in lines] == [
        "Project timeline",
        "Inbox: 3 unread",
        "Export before Friday",
    ]
    timeline = lines[0]
    assert 0.8 < timeline.confidence <= 1
    assert timeline.left == pytest.approx(12, abs=8)
    assert timeline.top == pytest.approx(14, abs=12)


def test_threads_do_not_mix_their_screens(reader: RapidOcrReader) -> None:
    blank = BytesIO()
    Image.new("L", (120, 60), 255).save(blank, "PNG")
    images = [screen("JPEG"), blank.getvalue()] * 2
    with ThreadPoolExecutor(4) as pool:
        counts = [len(lines) for lines in pool.map(reader.read, images)]
    assert counts == [3, 0, 3, 0]
    assert len(reader._idle) <= 2


def test_a_truncated_png_is_refused() -> None:
    whole = screen()
    assert "cannot be decoded" in refused(whole[: len(whole) // 2])


@pytest.mark.parametrize("image", [b"", b"not an image", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_refused(image: bytes) -> None:
    assert "cannot be decoded" in refused(image)


def test_other_formats_are_refused() -> None:
    buffer = BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "GIF")
    assert "cannot be decoded" in refused(buffer.getvalue())


@pytest.mark.parametrize("side", [7_000, 12_000, 60_000])
def test_a_decompression_bomb_is_refused_by_its_header(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    png += struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 0) + b"IDAT"
    assert "pixels" in refused(png)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PayloadTooLargeError):
        decode_image(bytes(MAX_BYTES + 1))


def test_blue_comes_first() -> None:
    buffer = BytesIO()
    Image.new("RGBA", (2, 1), (10, 20, 30, 255)).save(buffer, "PNG")
    pixels = decode_image(buffer.getvalue())
    assert pixels.shape == (1, 2, 3)
    assert pixels[0, 0].tolist() == [30, 20, 10]
    assert pixels.dtype == np.uint8


def test_rows_are_read_from_the_left() -> None:
    def line(text: str, left: float, top: float) -> TextLine:
        return TextLine(text, 1.0, left, top, left + 10, top + 10)

    # Middles at 15, 9, 5 and 24: 9 - 5 < 5 is one row, 15 - 5 is not, 24 - 15 is not.
    lines = [line("c", 0, 10), line("b", 50, 4), line("a", 0, 0), line("d", 0, 19)]
    assert [each.text for each in in_reading_order(lines)] == ["a", "b", "c", "d"]
    assert in_reading_order([]) == []
