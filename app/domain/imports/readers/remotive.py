"""Remotive's API of remote jobs."""

from typing import Any

from app.domain.imports.readers.documents import json_format, listed


def _items(document: Any) -> list[Any]:
    return listed(document, "jobs")


def _row(job: dict[str, Any], document: Any) -> dict[str, Any]:
    return {
        "source": "remotive",
        "source_id": job.get("id"),
        "title": job.get("title"),
        "company": job.get("company_name"),
        "location": job.get("candidate_required_location"),
        "remote": True,
        "employment_type_raw": job.get("job_type"),
        "salary_raw": job.get("salary"),
        "date_posted": job.get("publication_date"),
        "description": job.get("description"),
        "description_format": "html",
        "category_raw": job.get("category"),
        "url": job.get("url"),
    }


FORMAT = json_format(_items, _row, {"title", "candidate_required_location"})
