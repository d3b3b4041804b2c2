"""Personio's XML feed of a company's positions. It names no addresses: people apply here."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from app.domain.imports.readers.elements import opening, said, said_all, xml_format
from app.domain.imports.readers.parts import joined, places, sections


def _recognises(path: Path) -> bool:
    return opening(path)[:1] == ["workzag-jobs"]


def _description(position: Element) -> str:
    parts = [child for child in position if child.tag == "jobDescriptions"]
    return sections(*((said(part, "name"), said(part, "value")) for group in parts for part in group))


def _row(position: Element, about: dict[str, str]) -> dict[str, Any] | str:
    description = _description(position)
    if not description:
        return "The position has no job descriptions."
    return {
        "source": "personio",
        "source_id": said(position, "id"),
        "title": said(position, "name"),
        "company": said(position, "subcompany"),
        "location": places([said(position, "office"), *said_all(position, "additionalOffices", "office")]),
        "employment_type_raw": joined(", ", said(position, "schedule"), said(position, "employmentType")),
        "date_posted": said(position, "createdAt"),
        "description": description,
        "description_format": "html",
        "category_raw": joined(
            ", ", said(position, "recruitingCategory"), said(position, "department"), said(position, "occupation")
        ).replace("_", " "),
        "experience_raw": said(position, "seniority"),
    }


FORMAT = xml_format(_recognises, {"position"}, {"workzag-jobs": 1}, _row)
