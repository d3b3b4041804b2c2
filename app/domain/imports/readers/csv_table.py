"""CSV as spreadsheets, scrapers and databases write it: encoding and separator are told by looking."""

import codecs
import csv
from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from pathlib import Path

from charset_normalizer import from_bytes

from app.domain.imports.readers.entries import Entry, Format, Unreadable
from app.domain.imports.readers.files import DAMAGE, head, lines, opened
from app.domain.imports.readers.tables import Columns, are_postings, columns_of, row_of

_SEPARATORS = ",;\t|"
_CHUNK = 1 << 18
_LONGEST_HEADER = 65_536
_LONGEST_LINE = 4_000_000
"""Characters; a longer line is taken for several, of which the reader refuses cells beyond 131,072 characters."""
_ENCODINGS = [
    "utf_16", "utf_32", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "gb18030",
    "big5", "shift_jis", "euc_jp", "euc_kr",
]
"""What spreadsheets save, beside UTF-8; those of old Macs and DOS only win by chance."""
_AS_CLEAN = 0.01
"""Western letters read as Central European ones, and the other way, are as clean: only the language tells."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _likeliest(content: bytes) -> str:
    """The encoding under which some bytes read cleanly and most like a language. Raises Unreadable."""
    guesses = list(from_bytes(content, cp_isolation=_ENCODINGS))
    if not guesses:
        raise Unreadable("The file's encoding cannot be told: save it as UTF-8.")
    clean = [guess for guess in guesses if guess.chaos <= guesses[0].chaos + _AS_CLEAN]
    return max(clean, key=lambda guess: (guess.coherence, guess.encoding == "cp1252")).encoding


def _wide(first: bytes) -> str | None:
    """The kind of UTF-16 a file begins in, told by its mark or by which half of a Latin letter is zero."""
    if first.startswith(_UTF_16):
        return "utf-16"
    return {0: "utf-16-be", 1: "utf-16-le"}.get(first[:2].find(b"\0"))


def _encoding(path: Path) -> str:
    """UTF-8 if the whole file is, else what its first part that is not looks most like. Raises Unreadable, OSError."""
    if wide := _wide(head(path)):
        return wide
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        with opened(path) as file:
            while chunk := file.read(_CHUNK):
                try:
                    decode(chunk)
                except UnicodeDecodeError:
                    return _likeliest(chunk)
    except DAMAGE:
        raise Unreadable("The archive is damaged.") from None
    return "utf-8-sig"


def _separator(line: str) -> str:
    """The separator under which most of a header's names are known."""
    return max(_SEPARATORS, key=lambda separator: len(columns_of(_cells(line, separator))))


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def recognises(path: Path) -> bool:
    """Whether the first line of a file names the columns of a table of postings. Raises OSError."""
    first = head(path).split(b"\n", 1)[0]
    line = first.decode(_wide(first) or "utf-8", "replace")
    return are_postings(columns_of(_cells(line, _separator(line))))


def _records(file: TextIOWrapper) -> Iterator[tuple[int, list[str] | str]]:
    """(line it begins at, cells or the reason why there are none) of each record that is not blank."""
    header = file.readline(_LONGEST_HEADER)
    reader = csv.reader(iter(partial(file.readline, _LONGEST_LINE), ""), delimiter=_separator(header))
    yield 1, _cells(header, _separator(header))
    while True:
        line = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"The line cannot be read: {error}."
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _entry(line: int, cells: list[str] | str, columns: Columns, width: int) -> Entry:
    if isinstance(cells, str):
        return Entry(line, None, cells)
    if any(cell.strip() for cell in cells[width:]):
        return Entry(line, None, f"The line has {len(cells)} cells, the header names {width} columns.")
    return Entry(line, row_of(cells, columns, "csv"), None)


def read(path: Path) -> Iterator[Entry]:
    """The rows of a table at the lines they begin at, streamed. Raises OSError."""
    line = 0
    try:
        with opened(path) as raw, TextIOWrapper(raw, encoding=_encoding(path), errors="replace", newline="") as file:
            records = _records(file)
            _, header = next(records)
            columns = columns_of(header)
            for line, cells in records:
                yield _entry(line, cells, columns, len(header))
    except Unreadable as refusal:
        yield Entry(1, None, str(refusal), breaks_off=True)
    except DAMAGE:
        yield Entry(line + 1, None, "The archive is damaged: from this line on nothing could be read.", breaks_off=True)


FORMAT = Format(recognises, lines, read)
