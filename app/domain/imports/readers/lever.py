"""Lever's Postings API: the postings of a board, or one of them."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import board, joined, places, sections, source_of


def _items(document: Any) -> list[Any]:
    return document if isinstance(document, list) else [document]


def _description(posting: dict[str, Any]) -> str:
    lists = [
        (at(part, "text"), f"<ul>{part['content']}</ul>")
        for part in listed(posting, "lists")
        if isinstance(at(part, "content"), str)
    ]
    return sections((None, posting.get("description")), *lists, (None, posting.get("additional")))


def _salary(posting: dict[str, Any]) -> dict[str, Any]:
    stated = posting.get("salaryRange")
    return {
        "min": at(stated, "min"), "max": at(stated, "max"), "currency": at(stated, "currency"),
        "period": at(stated, "interval"),
    }


def _row(posting: dict[str, Any], document: Any) -> dict[str, Any]:
    token = board(posting.get("hostedUrl"), "lever.co")
    named = posting.get("categories")
    return {
        "source": source_of("lever", token),
        "source_id": posting.get("id"),
        "title": posting.get("text"),
        "company": token,
        "location": places([*listed(named, "allLocations"), at(named, "location")]),
        "location_parts": {"country_code": posting.get("country")},
        "workplace_raw": posting.get("workplaceType"),
        "employment_type_raw": at(named, "commitment"),
        "salary": _salary(posting),
        "date_posted": posting.get("createdAt"),
        "description": _description(posting),
        "description_format": "html",
        "category_raw": joined(", ", at(named, "department"), at(named, "team")),
        "url": posting.get("hostedUrl"),
    }


FORMAT = json_format(_items, _row, {"text", "hostedUrl"})
