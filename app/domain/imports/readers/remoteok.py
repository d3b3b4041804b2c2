"""Remote OK's API. A notice on its terms stands before the jobs."""

from typing import Any

from app.domain.imports.readers.documents import json_format
from app.domain.imports.readers.parts import joined, texts


def _items(document: Any) -> list[Any]:
    jobs = document if isinstance(document, list) else []
    return [job for job in jobs if not (isinstance(job, dict) and "legal" in job)]


def _row(job: dict[str, Any], document: Any) -> dict[str, Any]:
    return {
        "source": "remoteok",
        "source_id": job.get("id"),
        "title": job.get("position"),
        "company": job.get("company"),
        "location": job.get("location"),
        "remote": True,
        "salary": {
            "min": job.get("salary_min"), "max": job.get("salary_max"), "currency": "USD", "period": "year",
        },
        "date_posted": job.get("date") or job.get("epoch"),
        "description": job.get("description"),
        "description_format": "html",
        "category_raw": joined(", ", *texts(job.get("tags"))),
        "url": job.get("url"),
    }


FORMAT = json_format(_items, _row, {"position", "company", "slug"})
