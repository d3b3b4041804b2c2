"""Greenhouse's Job Board API: the jobs of a board, one job, or the departments or offices they stand under."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import board, joined, source_of


def _of_departments(departments: list[Any]) -> list[Any]:
    return [
        {"departments": [department], **job} if isinstance(job, dict) else job
        for department in departments
        for job in listed(department, "jobs")
    ]


def _items(document: Any) -> list[Any]:
    offices = [place for office in listed(document, "offices") for place in listed(office, "departments")]
    departments = _of_departments(offices or listed(document, "departments"))
    return departments or listed(document, "jobs") or [document]


def _salary(job: dict[str, Any]) -> dict[str, Any]:
    stated = at(job, "pay_input_ranges", 0)
    cents = at(stated, "min_cents"), at(stated, "max_cents")
    low, high = (value / 100 if isinstance(value, int) and value < 10**12 else None for value in cents)
    return {"min": low, "max": high, "currency": at(stated, "currency_type")}


def _row(job: dict[str, Any], document: Any) -> dict[str, Any] | str:
    if not job.get("content"):
        return "The list has no descriptions: import the board's jobs with ?content=true, or each job's own document."
    token = board(job.get("absolute_url"), "greenhouse.io")
    return {
        "source": source_of("greenhouse", token),
        "source_id": job.get("id"),
        "title": job.get("title"),
        "company": job.get("company_name") or token,
        "location": at(job, "location", "name"),
        "salary": _salary(job),
        "date_posted": job.get("first_published"),
        "valid_through": job.get("application_deadline"),
        "description": job["content"],
        "description_format": "html-escaped",
        "language": job.get("language"),
        "category_raw": joined(", ", *(at(department, "name") for department in listed(job, "departments"))),
        "url": job.get("absolute_url"),
    }


FORMAT = json_format(_items, _row, {"title", "absolute_url"}, {"id", "title", "departments"})
