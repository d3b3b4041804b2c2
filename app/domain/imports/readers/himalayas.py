"""The API of Himalayas, a board of remote jobs."""

from typing import Any

from app.domain.imports.readers.documents import at, json_format, listed
from app.domain.imports.readers.parts import joined, places, texts


def _items(document: Any) -> list[Any]:
    return listed(document, "jobs")


def _row(job: dict[str, Any], document: Any) -> dict[str, Any]:
    countries = [at(country, "name") or country for country in listed(job, "locationRestrictions")]
    categories = texts(job.get("parentCategories")) + texts(job.get("categories"))
    return {
        "source": "himalayas",
        "source_id": job.get("guid"),
        "title": job.get("title"),
        "company": job.get("companyName"),
        "location": places(countries) or "Worldwide",
        "remote": True,
        "employment_type_raw": job.get("employmentType"),
        "salary": {
            "min": job.get("minSalary"), "max": job.get("maxSalary"), "currency": job.get("currency"),
            "period": job.get("salaryPeriod"),
        },
        "date_posted": job.get("pubDate"),
        "valid_through": job.get("expiryDate"),
        "description": job.get("description"),
        "description_format": "html",
        "category_raw": joined(", ", *categories).replace("-", " "),
        "experience_raw": joined(", ", *texts(job.get("seniority"))),
        "url": job.get("applicationLink") or job.get("guid"),
    }


FORMAT = json_format(_items, _row, {"title", "companyName", "applicationLink"})
