"""Arbeitnow's job board API."""

from typing import Any

from app.domain.imports.readers.documents import json_format, listed
from app.domain.imports.readers.parts import joined, texts


def _items(document: Any) -> list[Any]:
    return listed(document, "data")


def _row(job: dict[str, Any], document: Any) -> dict[str, Any]:
    return {
        "source": "arbeitnow",
        "source_id": job.get("slug"),
        "title": job.get("title"),
        "company": job.get("company_name"),
        "location": job.get("location"),
        "remote": job.get("remote"),
        "employment_type_raw": joined(", ", *texts(job.get("job_types"))),
        "date_posted": job.get("created_at"),
        "description": job.get("description"),
        "description_format": "html",
        "category_raw": joined(", ", *texts(job.get("tags"))),
        "url": job.get("url"),
    }


FORMAT = json_format(_items, _row, {"slug", "title", "company_name", "job_types"})
