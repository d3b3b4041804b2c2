"""Files as bytes, plain or gzipped."""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a damaged archive raises."""

BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_HEAD, _CHUNK = 65_536, 1 << 18


def opened(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where it is an archive. Raises OSError; reading also raises `DAMAGE`."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")


def head(path: Path) -> bytes:
    """The first bytes of a file without a byte order mark; none of a damaged archive. Raises OSError."""
    try:
        with opened(path) as file:
            return file.read(_HEAD).removeprefix(BOM)
    except DAMAGE:
        return b""


def lines(path: Path) -> int:
    """How many lines a file has, as far as it can be read. Raises OSError."""
    count = 0
    try:
        with opened(path) as file:
            while chunk := file.read(_CHUNK):
                count += chunk.count(b"\n")
    except DAMAGE:
        pass
    return count + 1
