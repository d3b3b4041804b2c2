"""JSON documents, read whole, and formats whose items stand in one."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from app.domain.imports.readers.entries import Entry, Format, Unreadable
from app.domain.imports.readers.files import BOM, DAMAGE, head, opened

LARGEST = 100_000_000
"""Bytes of a document; the largest boards come to a fifth of that."""
_LOOKED_AT = 50
"""Items among which one must look like the format's own."""

Items = Callable[[Any], list[Any]]
Row = Callable[[dict[str, Any], Any], dict[str, Any] | str]


def refuse_constant(name: str) -> Any:
    """Python takes NaN and Infinity in JSON, which are none. Raises ValueError."""
    raise ValueError(f"{name} is no number")


def parse_json(text: str) -> Any:
    """The value of a JSON text, line breaks within strings allowed. Raises Unreadable."""
    try:
        return json.loads(text, strict=False, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"It is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise Unreadable("It is not valid JSON: a number or a nesting in it cannot be read.") from None


def read_text(path: Path) -> str:
    """The text of a whole file. Raises Unreadable, OSError."""
    try:
        with opened(path) as file:
            content = file.read(LARGEST + 1)
    except DAMAGE:
        raise Unreadable("The archive is damaged.") from None
    if len(content) > LARGEST:
        raise Unreadable(f"The file is larger than {LARGEST // 1_000_000} MB.")
    try:
        return content.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not valid UTF-8 (byte {error.start + 1}).") from None


@lru_cache(maxsize=1)
def _parsed(path: Path, changed: int, size: int) -> tuple[Any, str]:
    """(document, "") or (None, reason): parsed once for all who look at it, and told apart by its time and size."""
    try:
        return parse_json(read_text(path)), ""
    except Unreadable as refusal:
        return None, str(refusal)


def load(path: Path) -> Any:
    """The JSON document in a file. Raises Unreadable, OSError."""
    facts = path.stat()
    document, reason = _parsed(path, facts.st_mtime_ns, facts.st_size)
    if reason:
        raise Unreadable(reason)
    return document


def looks_like_json(path: Path) -> bool:
    """Whether a file begins as a JSON document does. Raises OSError."""
    return head(path).lstrip()[:1] in {b"{", b"["}


def at(value: Any, *steps: str | int) -> Any:
    """What stands at the end of these names and positions, or None where the path breaks off."""
    for step in steps:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and len(value) > step else None
    return value


def listed(value: Any, *steps: str | int) -> list[Any]:
    """The list at the end of a path; empty where there is none."""
    found = at(value, *steps)
    return found if isinstance(found, list) else []


def _recognises(path: Path, items: Items, keys: tuple[set[str], ...]) -> bool:
    if not looks_like_json(path):
        return False
    try:
        found = items(load(path))
    except Unreadable:
        return False
    return any(own <= item.keys() for item in found[:_LOOKED_AT] if isinstance(item, dict) for own in keys)


def _count(path: Path, items: Items) -> int:
    try:
        return len(items(load(path)))
    except Unreadable:
        return 1


def _read(path: Path, items: Items, row: Row) -> Iterator[Entry]:
    try:
        document = load(path)
    except Unreadable as refusal:
        yield Entry(1, None, str(refusal), breaks_off=True)
        return
    for number, item in enumerate(items(document), 1):
        found = row(item, document) if isinstance(item, dict) else "The item is no JSON object."
        yield Entry(number, found, None) if isinstance(found, dict) else Entry(number, None, found)


def json_format(items: Items, row: Row, *keys: set[str]) -> Format:
    """A format whose documents hold `items`, recognised by an item that has all of one set of `keys`.

    `row(item, document)` answers an item as a row, or the sentence why it is none.
    """
    return Format(
        partial(_recognises, items=items, keys=keys), partial(_count, items=items),
        partial(_read, items=items, row=row),
    )
