"""JSON Lines in the normalised schema, plain or gzipped. A bad line costs itself only."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from app.domain.imports.readers.documents import refuse_constant
from app.domain.imports.readers.entries import Entry, Format
from app.domain.imports.readers.files import BOM, DAMAGE, lines, opened

LONGEST_LINE = 4_000_000
"""Bytes; the longest real posting has 43,186 characters."""
_CHUNK = 1 << 16


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Lines without their ends; None for one that is too long, of which no more than a chunk is ever held."""
    while line := file.readline(LONGEST_LINE):
        if line.endswith(b"\n") or len(line) < LONGEST_LINE:
            yield line.rstrip(b"\r\n")
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(_CHUNK)
        yield None


def _row(line: bytes) -> dict[str, Any] | str:
    """The object on a line, or the reason why there is none."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"The line is not valid UTF-8 (byte {error.start + 1})."
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        return f"The line is not valid JSON: {error.msg} at character {error.pos + 1}."
    except (ValueError, RecursionError):
        return "The line is not valid JSON: a number or a nesting in it cannot be read."
    return value if isinstance(value, dict) else "The line holds no JSON object."


def read(path: Path) -> Iterator[Entry]:
    """The rows of a file, streamed. A damaged archive ends with a reason at the line it broke off. Raises OSError."""
    number = 0
    try:
        with opened(path) as file:
            for number, line in enumerate(_lines(file), 1):
                if line is None:
                    yield Entry(number, None, f"The line is longer than {LONGEST_LINE // 1_000_000} MB.")
                elif stripped := line.removeprefix(BOM if number == 1 else b"").strip():
                    found = _row(stripped)
                    yield Entry(number, found, None) if isinstance(found, dict) else Entry(number, None, found)
    except DAMAGE:
        reason = "The archive is damaged: from this line on nothing could be read."
        yield Entry(number + 1, None, reason, breaks_off=True)


def recognises(path: Path) -> bool:
    """Whether a file is JSON Lines: by its name, or because its first line is a whole row."""
    if ".jsonl" in path.suffixes or ".ndjson" in path.suffixes:
        return True
    return {"source", "title"} <= first_row(path).keys()


def first_row(path: Path) -> dict[str, Any]:
    """The object that a file's first line is; empty where it is none. Raises OSError."""
    try:
        with opened(path) as file:
            first = _row((next(_lines(file), None) or b"").removeprefix(BOM))
    except DAMAGE:
        return {}
    return first if isinstance(first, dict) else {}


FORMAT = Format(recognises, lines, read)
