"""Formats an import can read: one reader each, told apart by name or by looking."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from app.domain.imports.readers import jsonl
from app.domain.imports.readers.entries import Entry


class Format(NamedTuple):
    """How a format is recognised, how many lines a file of it has, and how its rows are read."""

    recognises: Callable[[Path], bool]
    lines: Callable[[Path], int]
    read: Callable[[Path], Iterator[Entry]]


FORMATS = {"jsonl": Format(jsonl.recognises, jsonl.lines, jsonl.read)}


class UnknownFormat(Exception):
    """Nobody here reads this."""


def format_of(path: Path, named: str | None) -> str:
    """The name of a file's format: the one given, else by looking. Raises UnknownFormat, OSError."""
    with path.open("rb"):
        name = named or next((name for name, known in FORMATS.items() if known.recognises(path)), "")
    if name not in FORMATS:
        raise UnknownFormat
    return name


__all__ = ["FORMATS", "Entry", "Format", "UnknownFormat", "format_of"]
