"""JSON-LD: the JobPostings in the scripts of an HTML page, or in a JSON document of their own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.domain.imports.readers.documents import load, looks_like_json, parse_json, read_text
from app.domain.imports.readers.entries import Entry, Format, Unreadable
from app.domain.imports.readers.jobposting import is_job_posting, row_of

_script = re.compile(r"<script\b[^>]{0,500}\btype\s*=\s*[\"']?application/ld\+json\b[^>]{0,500}>", re.I)
_end = re.compile(r"</script", re.I)
_DEEPEST = 20


def _postings(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The JobPostings in a document: itself, or in its lists and graphs, however they are nested."""
    if depth > _DEEPEST:
        return
    if is_job_posting(value):
        yield value
    elif isinstance(value, list | dict):
        for inner in value if isinstance(value, list) else value.values():
            if isinstance(inner, list | dict):
                yield from _postings(inner, depth + 1)


def _scripts(page: str) -> Iterator[str]:
    """What stands in a page's scripts of JSON-LD."""
    position = 0
    while opening := _script.search(page, position):
        closing = _end.search(page, opening.end())
        if closing is None:
            return
        yield page[opening.end() : closing.start()]
        position = closing.end()


def read(path: Path) -> Iterator[Entry]:
    """The postings of a page or a document; a script that is not valid JSON costs itself only. Raises OSError."""
    for number, found in enumerate(_found(path), 1):
        if isinstance(found, Unreadable):
            yield Entry(number, None, str(found), breaks_off=True)
        else:
            yield Entry(number, None, found) if isinstance(found, str) else Entry(number, row_of(found), None)


def _found(path: Path) -> Iterator[dict[str, Any] | str | Unreadable]:
    """Postings, sentences about scripts that cannot be read, and at the end why nothing more could be."""
    try:
        if looks_like_json(path):
            yield from _postings(load(path))
            return
        scripts = _scripts(read_text(path))
    except Unreadable as refusal:
        yield refusal
        return
    for script in scripts:
        try:
            yield from _postings(parse_json(script))
        except Unreadable as refusal:
            yield f"A script of the page cannot be read. {refusal}"


def lines(path: Path) -> int:
    """How many postings, and scripts that cannot be read, a file has. Raises OSError."""
    return sum(1 for _ in _found(path))


def recognises(path: Path) -> bool:
    """Whether a page or a document holds a JobPosting. Raises OSError."""
    return any(isinstance(found, dict) for found in _found(path))


FORMAT = Format(recognises, lines, read)
