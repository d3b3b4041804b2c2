"""The first sheet of an Excel workbook, row by row."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from app.domain.imports.readers.entries import Entry, Format, Unreadable
from app.domain.imports.readers.tables import are_postings, columns_of, row_of

_LARGEST = 300_000_000
"""Bytes of a workbook unpacked."""
_HEAD = 4_096


def _check(path: Path) -> None:
    """Refuse what would unpack without end or declares entities. Raises Unreadable, OSError."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise Unreadable(f"The workbook is larger than {_LARGEST // 1_000_000} MB unpacked.")
            for member in archive.infolist():
                with archive.open(member) as part:
                    if b"<!DOCTYPE" in part.read(_HEAD):
                        raise Unreadable("The workbook declares entities, which are not read.")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise Unreadable("The file is no Excel workbook, or a damaged or locked one.") from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _rows(path: Path) -> Iterator[list[str]]:
    """Cells of the first sheet as text, row by row. Raises Unreadable, OSError."""
    from openpyxl import load_workbook  # 0.2 s that only workbooks are worth

    _check(path)
    try:
        with path.open("rb") as file:  # for a path it insists on a suffix
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions that are not read
                book = load_workbook(file, read_only=True, data_only=True)
            with closing(book):
                for row in book.worksheets[0].iter_rows(values_only=True):
                    yield [_text(value) for value in row]
    except Unreadable:
        raise
    except Exception as error:  # the library raises whatever a damaged part leads it to: KeyError, ValueError, …
        raise Unreadable(f"The workbook cannot be read ({type(error).__name__}).") from None


def read(path: Path) -> Iterator[Entry]:
    """The rows below the header, at their numbers in the sheet, streamed. Raises OSError."""
    number = 0
    try:
        rows = _rows(path)
        columns = columns_of(next(rows, []))
        for number, cells in enumerate(rows, 2):
            if any(cell.strip() for cell in cells):
                yield Entry(number, row_of(cells, columns, "xlsx"), None)
    except Unreadable as refusal:
        yield Entry(number + 1, None, str(refusal), breaks_off=True)


def lines(path: Path) -> int:
    """How many rows the sheet has. Raises OSError."""
    try:
        return sum(1 for _ in _rows(path))
    except Unreadable:
        return 1


def recognises(path: Path) -> bool:
    """Whether a file is a workbook whose first sheet is a table of postings. Raises OSError."""
    try:
        return zipfile.is_zipfile(path) and are_postings(columns_of(next(_rows(path), [])))
    except Unreadable:
        return False


FORMAT = Format(recognises, lines, read)
