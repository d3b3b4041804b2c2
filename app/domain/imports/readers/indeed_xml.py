"""Indeed's XML feed, which most boards take: a source with its publisher, and jobs."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from app.domain.imports.readers.elements import opening, said, xml_format
from app.domain.imports.readers.parts import host, place, source_of, written_as


def _recognises(path: Path) -> bool:
    names = opening(path)
    return names[:1] == ["source"] and "job" in names


def _row(job: Element, about: dict[str, str]) -> dict[str, Any]:
    url = said(job, "url")
    description = said(job, "description")
    spot = place(said(job, "city"), said(job, "state"), said(job, "country"))
    return {
        "source": source_of("indeed-xml", host(about.get("publisherurl")) or host(url)),
        "source_id": said(job, "referencenumber", "requisitionid"),
        "title": said(job, "title"),
        "company": said(job, "company"),
        "location": said(job, "location") or spot,
        "location_parts": {"country": said(job, "country")},
        "workplace_raw": said(job, "remotetype"),
        "employment_type_raw": said(job, "jobtype"),
        "salary_raw": said(job, "salary"),
        "date_posted": said(job, "date"),
        "valid_through": said(job, "expirationdate"),
        "description": description,
        "description_format": written_as(description),
        "category_raw": said(job, "category"),
        "experience_raw": said(job, "experience"),
        "url": url,
    }


FORMAT = xml_format(_recognises, {"job"}, {"source": 1}, _row)
