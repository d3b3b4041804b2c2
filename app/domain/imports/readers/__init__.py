"""Formats an import can read: one reader each, told apart by name or by looking."""

from pathlib import Path

from app.domain.imports.readers import (
    arbeitnow,
    ashby,
    csv_table,
    documents,
    elements,
    greenhouse,
    himalayas,
    indeed_xml,
    jsonl,
    jsonld,
    lever,
    personio,
    recruitee,
    remoteok,
    remotive,
    rss,
    smartrecruiters,
    teamtailor,
    usajobs,
    workable,
    workday,
    xlsx_table,
)
from app.domain.imports.readers.entries import Entry, Format, Unreadable

FORMATS = {
    "jsonl": jsonl.FORMAT,
    "csv": csv_table.FORMAT,
    "xlsx": xlsx_table.FORMAT,
    "greenhouse": greenhouse.FORMAT,
    "lever": lever.FORMAT,
    "ashby": ashby.FORMAT,
    "workable": workable.FORMAT,
    "smartrecruiters": smartrecruiters.FORMAT,
    "recruitee": recruitee.FORMAT,
    "personio": personio.FORMAT,
    "teamtailor": teamtailor.FORMAT,
    "workday": workday.FORMAT,
    "usajobs": usajobs.FORMAT,
    "remoteok": remoteok.FORMAT,
    "remotive": remotive.FORMAT,
    "arbeitnow": arbeitnow.FORMAT,
    "himalayas": himalayas.FORMAT,
    "indeed-xml": indeed_xml.FORMAT,
    "rss": rss.FORMAT,
    "jsonld": jsonld.FORMAT,
}


class UnknownFormat(Exception):
    """Nobody here reads this."""


def format_of(path: Path, named: str | None) -> str:
    """The name of a file's format: the one given, else by looking. Raises UnknownFormat, OSError."""
    with path.open("rb"):
        name = named or next((name for name, known in FORMATS.items() if known.recognises(path)), "")
    if name not in FORMATS:
        raise UnknownFormat
    return name


def damage_of(path: Path) -> str:
    """Why a document cannot be read, in a sentence; empty where it is whole, or its elements are nobody's here.

    Raises OSError.
    """
    try:
        if documents.looks_like_json(path) and not jsonl.first_row(path):
            documents.load(path)
        elif elements.looks_like_xml(path) and not elements.opening(path):
            next(elements.records(path, {}), None)
    except Unreadable as refusal:
        return str(refusal)
    return ""


__all__ = ["FORMATS", "Entry", "Format", "UnknownFormat", "damage_of", "format_of"]
