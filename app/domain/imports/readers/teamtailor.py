"""Teamtailor's JSON feed of a career site: each item carries a JobPosting of schema.org."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.jobposting import row_of
from app.domain.imports.readers.parts import board, source_of, written_as


def _items(document: Any) -> list[Any]:
    return listed(document, "items")


def _row(item: dict[str, Any], document: Any) -> dict[str, Any]:
    posting = item.get("_jobposting")
    row = row_of(posting if isinstance(posting, dict) else {})
    description = item.get("content_html") or row["description"]
    return {
        **row,
        "source": source_of("teamtailor", board(item.get("url"))),
        "source_id": item.get("id"),
        "title": item.get("title"),
        "company": row["company"] or at(document, "title"),
        "date_posted": item.get("date_published"),
        "description": description,
        "description_format": written_as(description),
        "url": item.get("url"),
    }


FORMAT = json_format(_items, _row, {"title", "_jobposting"})
