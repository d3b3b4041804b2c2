"""What becomes of an uploaded picture."""

import io
import struct
import zlib

import pytest
from PIL import Image

from app.core.errors import Invalid
from app.domain.companies.services.logos import LARGEST, redrawn


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 300), **more: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind, **more)
    return file.getvalue()


def _bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body


WITHOUT_DATA = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\0<\0\0\0(\x01\0\0\0\0\x11e\xe8=\0\0\0\rIbATx\x9cc`\x18\x05\xf4\0\0\x01h\0\x01\xd1\x1c\xf5\xf2"
    b"\0\0\0\0IEND\xaeB`\x82"
)
"""The library answers this one with an IndexError."""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_every_kind_becomes_a_small_png_with_its_shape_on_a_clear_ground(kind: str) -> None:
    made = Image.open(io.BytesIO(redrawn(picture(kind))))
    assert (made.format, made.size, made.mode) == ("PNG", (256, 256), "RGBA")
    corner, middle = made.getpixel((0, 0)), made.getpixel((128, 128))
    assert isinstance(corner, tuple) and isinstance(middle, tuple)
    assert corner[3] == 0 and middle[3] == 255 and middle[0] > 150


def test_nothing_of_the_file_is_left_but_the_picture() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home, <script>alert(1)</script>"
    for kind in ("JPEG", "WEBP", "PNG"):
        made = redrawn(picture(kind, exif=exif) + b"<script>alert(2)</script>")
        assert b"script" not in made and b"home" not in made


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Choose a picture"), (b"GIF89a" + b"\0" * 50, "PNG, JPEG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG or WebP"),
        (picture()[:200], "PNG, JPEG or WebP"), (b"\xff\xd8\xff" + b"\0" * 500, "PNG, JPEG or WebP"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "PNG, JPEG or WebP"), (_bomb(60_000, 60_000), "PNG, JPEG or WebP"),
        (_bomb(5_000, 5_000), "4,000 by 4,000"), (_bomb(2**31 - 1, 1), "PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * LARGEST, "2 MB"),
        (WITHOUT_DATA, "PNG, JPEG or WebP"),
    ],
)  # fmt: skip
def test_what_is_no_picture_or_too_large_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        redrawn(content)
    assert why in refused.value.fields["logo"]
